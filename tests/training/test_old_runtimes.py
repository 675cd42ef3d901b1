"""Graphs keep to what the oldest onnxruntime that the plugin promises (`uhrs_qgis_plugin/requirements.txt`) can run.

onnxruntime before 1.21 has no Equal for uint8 on a processor, and Python 3.9, which QGIS on macOS and Windows had for
years, gets no newer one than 1.19.2. An old runtime cannot be installed beside the new one: the types are looked at.
"""

from pathlib import Path

import onnx
import pytest

from training.export.graphs import export_graphs
from uhrs_qgis_plugin.engine.bundle.bundle import read_bundle

BUNDLED = Path(__file__).resolve().parents[2] / "uhrs_qgis_plugin" / "models" / "default.uhrs"
COMPARABLE = {onnx.TensorProto.BOOL, onnx.TensorProto.INT32, onnx.TensorProto.INT64, onnx.TensorProto.FLOAT}


def compared_types(graph):
    """Data types that the Equal nodes of a graph take."""
    inferred = onnx.shape_inference.infer_shapes(onnx.load_from_string(graph), strict_mode=True).graph
    types = {value.name: value.type.tensor_type.elem_type for value in (*inferred.value_info, *inferred.input)}
    types |= {tensor.name: tensor.data_type for tensor in inferred.initializer}
    return [types[name] for node in inferred.node if node.op_type == "Equal" for name in node.input]


@pytest.mark.parametrize("made", ["bundled", "exported now"])
def test_nothing_is_compared_that_old_runtimes_cannot_compare(made, tiny_network):
    graphs = read_bundle(BUNDLED).graphs if made == "bundled" else export_graphs(tiny_network)
    types = {name: compared_types(graph) for name, graph in graphs.items()}
    assert types["fuse"]  # labels at full scale come from comparing corners
    assert set().union(*types.values()) <= COMPARABLE
