"""Reject unsafe ONNX graphs without parsing them with a library.

Only the protobuf wire format is read. `CHILDREN` lists the fields that hold messages; all other fields are
skipped. Reference: onnx/onnx.proto, messages ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto.
"""

from __future__ import annotations

from collections.abc import Iterator

from uhrs_qgis_plugin.engine.errors import BundleError

# message kind -> {field number: message kind of that field}
CHILDREN: dict[str, dict[int, str]] = {
    "model": {7: "graph", 8: "opset", 20: "training", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "function": {7: "node", 9: "opset", 11: "attribute"},
    "training": {1: "graph", 2: "graph"},
    "opset": {},
    "tensor": {},
}
EXTERNAL_DATA, DATA_LOCATION = 13, 14  # fields of TensorProto
NODE_OPERATOR, NODE_DOMAIN, OPSET_DOMAIN = 4, 7, 1  # fields of NodeProto and OperatorSetIdProto
MODEL_GRAPH = 7  # field of ModelProto
GRAPH_TENSOR, GRAPH_INPUT = 5, 11  # fields of GraphProto
TENSOR_DIMS, TENSOR_TYPE = 1, 2  # fields of TensorProto
WEIGHT_TYPES = (1, 2, 3, 10, 11, 16)  # of TensorProto.data_type: numbers with decimals, and those of 8 bits
TENSOR_NAME, INPUT_NAME = 8, 1  # fields of TensorProto and ValueInfoProto
CHECKED = frozenset(  # (message kind, field) that `_check_field` looks at; thousands of others are none of its business
    {
        ("tensor", EXTERNAL_DATA),
        ("tensor", DATA_LOCATION),
        ("node", NODE_OPERATOR),
        ("node", NODE_DOMAIN),
        ("opset", OPSET_DOMAIN),
    }
)
INPUT_SHAPE = (2, 1, 2, 1)  # ValueInfoProto.type, .tensor_type, .shape, .dim
AXES = 4
# Other domains hold operators that load code or files: custom libraries, and EPContext of com.microsoft, which passes
# a file that the model names to a driver.
DOMAINS = (b"", b"ai.onnx")
# Exporters announce more than they use (tf2onnx ai.onnx.ml, onnxruntime all that follow), which alone runs nothing.
ANNOUNCED = (
    *DOMAINS,
    b"ai.onnx.ml",
    b"ai.onnx.training",
    b"ai.onnx.preview.training",
    b"com.microsoft",
    b"com.microsoft.experimental",
    b"com.microsoft.nchwc",
    b"com.ms.internal.nhwc",
    b"org.pytorch.aten",
)
ENDLESS = (b"Loop", b"Scan", b"SequenceMap")  # may never end, in the trial run that cannot be cancelled
SHOWN_BYTES = 50  # of a name in an error text; longer than any name that is allowed
MAX_DEPTH = 64  # nested messages; a real model stays below 10
MAX_MESSAGES = 10**6  # a real model has some thousands; a bomb of empty ones would take minutes
ORT_MARK = slice(4, 8), b"ORTM"  # where onnxruntime looks for its own format before it tries ONNX

_LONG = 0x80  # the first byte of a number of several bytes is at least this

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types; 3 and 4 (groups) are not used by ONNX


def refuse_unsafe_graph(graph: bytes, name: str) -> None:
    """Check that a graph contains all its weights and uses only standard operators that terminate.

    Args:
        name: The graph's name in error texts, such as "low.onnx".

    Raises:
        BundleError: A tensor refers to an outside file, a node is not allowed, or the bytes are not protobuf.
    """
    if graph[ORT_MARK[0]] == ORT_MARK[1]:
        raise BundleError(f"'{name}' is in onnxruntime's own format, which is not allowed: export the model as ONNX.")
    has_graph = False
    messages = 0
    # A stack instead of recursion: depth is the sender's choice.
    stack: list[tuple[str, memoryview, int]] = [("model", memoryview(graph), 0)]
    while stack:
        kind, data, depth = stack.pop()
        messages += 1
        if depth > MAX_DEPTH or messages > MAX_MESSAGES:
            raise BundleError(
                f"'{name}' nests messages deeper than {MAX_DEPTH} or has more than {MAX_MESSAGES}: "
                "export the model again."
            )
        children = CHILDREN[kind]
        for field, value in _fields(data, name):
            if (kind, field) in CHECKED:
                _check_field(kind, field, value, name)
            if field in children:
                if not isinstance(value, memoryview):
                    raise BundleError(f"'{name}' is not an ONNX graph: export the model again.")
                stack.append((children[field], value, depth + 1))
                if (kind, field) == ("model", MODEL_GRAPH):
                    has_graph = True
                    _check_inputs(value, name)
    if not has_graph:
        raise BundleError(f"'{name}' is not an ONNX graph (no graph inside): export the model again.")


def count_weights(graph: bytes, name: str) -> int:
    """Count the numbers in a graph's tensors, without indices and the like.

    Args:
        name: The graph's name in error texts.

    Returns:
        Weights, of any precision.

    Raises:
        BundleError: The bytes are not protobuf.
    """
    total = 0
    for part in _parts(memoryview(graph), MODEL_GRAPH, name):
        for tensor in _parts(part, GRAPH_TENSOR, name):
            numbers, is_weight = 1, False
            for field, value in _fields(tensor, name):
                if field == TENSOR_DIMS:
                    for length in (value,) if isinstance(value, int) else _packed(value, name):
                        numbers *= length
                is_weight = is_weight or (field == TENSOR_TYPE and value in WEIGHT_TYPES)
            total += numbers if is_weight else 0
    return total


def _parts(data: memoryview, wanted: int, name: str) -> Iterator[memoryview]:
    """Walk the messages of one field."""
    return (value for field, value in _fields(data, name) if field == wanted and isinstance(value, memoryview))


def _packed(data: memoryview, name: str) -> Iterator[int]:
    """Read whole numbers that lie one after another."""
    position = 0
    while position < len(data):
        number, position = _varint(data, position, name)
        yield number


def _check_field(kind: str, field: int, value: int | memoryview, name: str) -> None:
    """Refuse external files, non-standard operators, and operators that may never end."""
    if kind == "tensor" and (field == EXTERNAL_DATA or (field == DATA_LOCATION and value != 0)):
        raise BundleError(
            f"'{name}' refers to data outside the bundle, which is not allowed: "
            "export the model with its weights inside (external_data=False of torch.onnx.export)."
        )
    text = bytes(value[:SHOWN_BYTES]) if isinstance(value, memoryview) else None
    allowed = {("node", NODE_DOMAIN): DOMAINS, ("opset", OPSET_DOMAIN): ANNOUNCED}.get((kind, field))
    if allowed is not None and text not in allowed:
        raise BundleError(
            f"'{name}' uses operators of the domain {_shown(text)}, allowed are those of ONNX itself: "
            "export the model with standard operators."
        )
    if (kind, field) == ("node", NODE_OPERATOR) and text in ENDLESS:
        raise BundleError(
            f"'{name}' uses the operator {_shown(text)}, which may run for ever and is not allowed: "
            "export the model without loops."
        )


def _check_inputs(graph: memoryview, name: str) -> None:
    """Refuse an input that is no batch of images: onnxruntime 1.24.1 crashes on some instead of raising an error.

    Older files list their weights among the inputs; these may have any axes.
    """
    inputs = [value for field, value in _fields(graph, name) if field == GRAPH_INPUT and isinstance(value, memoryview)]
    others = {_name_in(value, INPUT_NAME, name): axes for value in inputs if (axes := _axes(value, name)) != AXES}
    if not others:
        return
    tensors = (value for field, value in _fields(graph, name) if field == GRAPH_TENSOR)
    weights = {_name_in(value, TENSOR_NAME, name) for value in tensors if isinstance(value, memoryview)}
    for given in others.keys() - weights:
        raise BundleError(
            f"'{name}' takes an input of {others[given]} axes, expected {AXES} (batch, channels, height, width): "
            "export the model again."
        )


def _axes(value: memoryview, name: str) -> int:
    """Count the axes that an input declares."""
    messages: list[int | memoryview] = [value]
    for wanted in INPUT_SHAPE:
        messages = [
            part
            for message in messages
            if isinstance(message, memoryview)
            for field, part in _fields(message, name)
            if field == wanted
        ]
    return len(messages)


def _name_in(value: memoryview, wanted: int, name: str) -> bytes:
    """Find the name in a message; empty where it has none."""
    parts = (part for field, part in _fields(value, name) if field == wanted)
    return next((bytes(part) for part in parts if isinstance(part, memoryview)), b"")


def _shown(text: bytes | None) -> str:
    """Quote untrusted text for an error text: one short line, whatever it contains."""
    return repr(None if text is None else text.decode("utf-8", "replace"))


def _fields(data: memoryview, name: str) -> Iterator[tuple[int, int | memoryview]]:
    """Walk the fields of one message.

    Yields:
        Field number, and its number (varint; fixed widths give 0) or its bytes.

    Raises:
        BundleError: The bytes are not protobuf.
    """
    position, end = 0, len(data)
    while position < end:
        # Nearly every number is one byte long: a call for each would be a third of the time of reading a bundle.
        key = data[position]
        if key < _LONG:
            position += 1
        else:
            key, position = _varint(data, position, name)
        if key >= 2**32:  # some parsers cut such a key to 32 bits and so see another field than we do
            raise BundleError(f"'{name}' is not an ONNX graph or is damaged: export the model again.")
        wire = key & 7
        value: int | memoryview = 0
        if wire in (BYTES, VARINT):
            if position < end and (number := data[position]) < _LONG:
                position += 1
            else:
                number, position = _varint(data, position, name)
            value = number
            if wire == BYTES:
                value = data[position : position + number]
                position += number
        elif wire == FIXED64:
            position += 8
        elif wire == FIXED32:
            position += 4
        else:
            position = end + 1
        if position > end or key < 8:
            raise BundleError(f"'{name}' is not an ONNX graph or is damaged: export the model again.")
        yield key >> 3, value


def _varint(data: memoryview, position: int, name: str) -> tuple[int, int]:
    """Read one variable-length integer.

    Returns:
        The integer and the position after it.

    Raises:
        BundleError: It is longer than 10 bytes or cut off.
    """
    if position < len(data) and data[position] < _LONG:
        return data[position], position + 1
    result = 0
    for shift, byte in enumerate(data[position : position + 10]):
        result |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return result, position + shift + 1
    raise BundleError(f"'{name}' is not an ONNX graph or is damaged: export the model again.")
