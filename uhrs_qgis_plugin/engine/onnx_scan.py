"""Look for references to outside files in an ONNX graph, without parsing it with a library.

Only the protobuf wire format is read: which fields hold messages is told by `CHILDREN`, everything else is
skipped. Reference: onnx/onnx.proto, messages ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto.
"""

from __future__ import annotations

from collections.abc import Iterator

from uhrs_qgis_plugin.engine.errors import BundleError

# message kind -> {field number: message kind of that field}
CHILDREN: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "function": {7: "node", 11: "attribute"},
    "training": {1: "graph", 2: "graph"},
    "tensor": {},
}
EXTERNAL_DATA, DATA_LOCATION = 13, 14  # fields of TensorProto
MAX_DEPTH = 64  # nested messages; a real model stays below 10

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types; 3 and 4 (groups) are not used by ONNX


def refuse_external_data(graph: bytes, name: str) -> None:
    """Check that a graph carries all its numbers itself.

    Args:
        graph: A serialised ModelProto.
        name: The graph's name in error texts, such as "low.onnx".

    Raises:
        BundleError: A tensor refers to an outside file, or the bytes are not protobuf.
    """
    has_graph = False
    # A stack instead of recursion: depth is the sender's choice.
    stack: list[tuple[str, memoryview, int]] = [("model", memoryview(graph), 0)]
    while stack:
        kind, data, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise BundleError(f"'{name}' nests messages deeper than {MAX_DEPTH}: export the model again.")
        children = CHILDREN[kind]
        for field, value in _fields(data, name):
            if kind == "tensor" and (field == EXTERNAL_DATA or (field == DATA_LOCATION and value != 0)):
                raise BundleError(
                    f"'{name}' refers to data outside the bundle, which is not allowed: "
                    "export the model with its weights inside."
                )
            if field in children:
                if not isinstance(value, memoryview):
                    raise BundleError(f"'{name}' is not an ONNX graph: export the model again.")
                stack.append((children[field], value, depth + 1))
                has_graph = has_graph or kind == "model"
    if not has_graph:
        raise BundleError(f"'{name}' is not an ONNX graph (no graph inside): export the model again.")


def _fields(data: memoryview, name: str) -> Iterator[tuple[int, int | memoryview]]:
    """Walk the fields of one message.

    Args:
        data: The message's bytes.
        name: The graph's name in error texts.

    Yields:
        Field number, and its number (varint; fixed widths give 0) or its bytes.

    Raises:
        BundleError: The bytes are not protobuf.
    """
    position, end = 0, len(data)
    while position < end:
        key, position = _varint(data, position, name)
        wire = key & 7
        value: int | memoryview = 0
        if wire == VARINT:
            value, position = _varint(data, position, name)
        elif wire == FIXED64:
            position += 8
        elif wire == FIXED32:
            position += 4
        elif wire == BYTES:
            size, position = _varint(data, position, name)
            value = data[position : position + size]
            position += size
        else:
            position = end + 1
        if position > end or key >> 3 == 0:
            raise BundleError(f"'{name}' is not an ONNX graph or is damaged: export the model again.")
        yield key >> 3, value


def _varint(data: memoryview, position: int, name: str) -> tuple[int, int]:
    """Read one variable-length integer.

    Args:
        data: The message's bytes.
        position: Where it starts.
        name: The graph's name in error texts.

    Returns:
        The integer and the position after it.

    Raises:
        BundleError: It is longer than 10 bytes or cut off.
    """
    result = 0
    for shift, byte in enumerate(data[position : position + 10]):
        result |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return result, position + shift + 1
    raise BundleError(f"'{name}' is not an ONNX graph or is damaged: export the model again.")
