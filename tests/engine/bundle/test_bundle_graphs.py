"""Graphs made to do harm: each is refused with one line, and onnxruntime never sees it."""

import numpy as np
import pytest

from tests.engine.bundle.hostile import packed, refused, replaced
from uhrs_qgis_plugin.engine.bundle import onnx_scan, read_bundle
from uhrs_qgis_plugin.engine.bundle.onnx_scan import refuse_unsafe_graph
from uhrs_qgis_plugin.engine.errors import BundleError


def _field(number, content):
    """One protobuf field that holds bytes."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value):
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _model(members):
    from onnx import load_from_string

    return load_from_string(members["low.onnx"])


def _external(tensor):
    from onnx import TensorProto

    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")


def _hide(model, where):
    """Put a tensor with outside data somewhere into a model."""
    from onnx import helper

    node = model.graph.node[0]
    tensor = helper.make_tensor("w", 1, [1], [0.0])
    _external(tensor)
    inner = helper.make_graph([], "inner", [], [], [tensor])
    if where == "attribute list":
        node.attribute.add(name="t", type=9).tensors.append(tensor)
    elif where == "graph list":
        node.attribute.add(name="g", type=10).graphs.append(inner)
    elif where == "subgraph of a subgraph":
        branch = helper.make_node("If", ["c"], ["o"], then_branch=inner, else_branch=inner)
        node.attribute.add(name="g", type=5).g.CopyFrom(helper.make_graph([branch], "outer", [], []))
    elif where.startswith("sparse"):
        part = model.graph.sparse_initializer.add() if where.endswith("initialiser") else None
        part = part or node.attribute.add(name="s", type=11).sparse_tensor
        part.dims.append(4)
        part.values.CopyFrom(tensor)
    elif where == "function":
        constant = helper.make_node("Constant", [], ["o"], value=tensor)
        model.functions.append(helper.make_function("", "f", [], ["o"], [constant], [helper.make_opsetid("", 18)]))
    elif where == "default of a function":
        function = helper.make_function("", "f", [], [], [], [helper.make_opsetid("", 18)])
        function.attribute_proto.add(name="t", type=4).t.CopyFrom(tensor)
        model.functions.append(function)
    else:
        model.training_info.add().algorithm.CopyFrom(inner)


@pytest.mark.parametrize(
    "where",
    [
        "attribute list",
        "graph list",
        "subgraph of a subgraph",
        "sparse initialiser",
        "sparse attribute",
        "function",
        "default of a function",
        "training",
    ],
)
def test_external_data_is_found_wherever_it_hides(members, folder, where):
    model = _model(members)
    _hide(model, where)
    path = packed(folder, replaced(members, "low.onnx", model.SerializeToString()))
    refused(path, "'low.onnx' refers to data outside the bundle")


@pytest.mark.parametrize("how", ["location alone", "flag alone"])
def test_half_an_external_reference_is_refused(members, folder, how):
    model = _model(members)
    tensor = model.graph.initializer[0]
    if how == "flag alone":
        tensor.data_location = 1
    else:
        tensor.external_data.add(key="location", value="*/_ORT_MEM_ADDR_/*")  # reads any address of the process
    refused(packed(folder, replaced(members, "low.onnx", model.SerializeToString())), "refers to data outside")


@pytest.mark.parametrize(
    ("domain", "operator"), [("com.microsoft", "EPContext"), ("evil.custom", "Run"), ("evil\n\x1b[2J", "Run")]
)
@pytest.mark.parametrize("where", ["node", "function", "opset"])
def test_operators_of_other_domains_are_refused(members, folder, domain, operator, where):
    from onnx import helper

    model = _model(members)
    node = helper.make_node(operator, ["image"], ["x"], domain=domain, ep_cache_context="/etc/passwd", embed_mode=0)
    if where == "node":
        model.graph.node.append(node)
    elif where == "function":
        model.functions.append(helper.make_function("", "f", ["image"], ["x"], [node], []))
    else:
        model.opset_import.append(helper.make_opsetid(domain, 1))
    path = packed(folder, replaced(members, "low.onnx", model.SerializeToString()))
    if (where, domain) == ("opset", "com.microsoft"):  # what is announced and not used runs nothing
        assert read_bundle(path).name == "tiny"
    else:
        refused(path, f"'low.onnx' uses operators of the domain '{domain[:4]}")


@pytest.mark.parametrize("operator", ["Loop", "Scan", "SequenceMap"])
def test_operators_that_may_run_for_ever_are_refused(members, folder, operator):
    from onnx import helper

    model = _model(members)
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node(operator, ["", ""], ["x"], body=body))
    path = packed(folder, replaced(members, "low.onnx", model.SerializeToString()))
    refused(path, f"'low.onnx' uses the operator '{operator}', which may run for ever")


def test_format_of_onnxruntime_in_disguise_is_refused(members, folder):
    """Bytes can be ONNX for us and, by a mark in the middle of a name, onnxruntime's own format for onnxruntime."""
    disguised = b"\x12\x10xxORTM" + bytes(10) + members["low.onnx"]
    assert disguised[4:8] == b"ORTM"
    refused(packed(folder, replaced(members, "low.onnx", disguised)), "is in onnxruntime's own format")


def test_field_number_that_other_parsers_cut_is_refused(members, folder):
    """2**32 more in a key is another field for us and the same field for a parser that keeps 32 bits."""
    tensor = _field(8, b"w") + _varint((1 << 32) + (13 << 3 | 2)) + _varint(3) + b"abc"
    hidden = members["low.onnx"] + _field(7, _field(5, tensor))
    refused(packed(folder, replaced(members, "low.onnx", hidden)), "'low.onnx' is not an ONNX graph or is damaged")


def test_swarm_of_empty_messages_is_refused(members, monkeypatch):
    monkeypatch.setattr(onnx_scan, "MAX_MESSAGES", 1000)
    refuse_unsafe_graph(members["low.onnx"], "low.onnx")
    with pytest.raises(BundleError, match="has more than 1000"):
        refuse_unsafe_graph(members["low.onnx"] + _field(7, _field(1, b"") * 1000), "low.onnx")


def test_random_bytes_never_escape_the_scan(members):
    rng = np.random.default_rng(0)
    graph = bytearray(members["fuse.onnx"])
    for _ in range(500):
        damaged = bytearray(graph)
        for position in rng.integers(0, len(graph), 3):
            damaged[position] = rng.integers(256)
        try:
            refuse_unsafe_graph(bytes(damaged), "fuse.onnx")
        except BundleError as error:
            assert str(error).isprintable()  # noqa: PT017 (both outcomes are fine, other errors are not)


@pytest.mark.parametrize(("axes", "got"), [(3, 3), (0, 0), (5, 5)])
def test_inputs_of_other_ranks_never_reach_onnxruntime(members, folder, axes, got):
    """onnxruntime 1.24.1 ends the process on three axes."""
    model = _model(members)
    shape = model.graph.input[0].type.tensor_type.shape
    del shape.dim[axes:]
    while len(shape.dim) < axes:
        shape.dim.add(dim_param="more")
    path = packed(folder, replaced(members, "low.onnx", model.SerializeToString()))
    refused(path, f"'low.onnx' takes an input of {got} axes, expected 4")


def test_input_without_a_shape_is_refused(members, folder):
    model = _model(members)
    model.graph.input[0].type.tensor_type.ClearField("shape")
    path = packed(folder, replaced(members, "low.onnx", model.SerializeToString()))
    refused(path, "'low.onnx' takes an input of 0 axes, expected 4")
