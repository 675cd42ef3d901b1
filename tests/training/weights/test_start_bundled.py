"""Going on from the bundled model: its network comes back whole, also what the exporter stores only once."""

from __future__ import annotations

import onnx
import torch

from training.export import TOLERANCE, largest_difference
from training.weights.start import _weights, load_start
from uhrs_qgis_plugin.engine.bundle.bundle import read_bundle

BUNDLED = "uhrs_qgis_plugin/models/default.uhrs"


def test_the_bundled_model_gives_its_network_back():
    """Rebuilt from the bundle, it computes what the bundle does."""
    trained = load_start(BUNDLED)
    assert trained.class_names == ["water", "land", "road", "building", "vegetation"]
    assert largest_difference(read_bundle(BUNDLED), trained.network) < TOLERANCE


def test_copies_of_weights_are_followed():
    """A weight that is stored as a copy of an equal one is found under both names."""
    values = torch.arange(4.0)
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Identity", ["network.a.bias"], ["network.b.bias"])],
        "g",
        [],
        [onnx.helper.make_tensor_value_info("network.b.bias", onnx.TensorProto.FLOAT, (4,))],
        [onnx.numpy_helper.from_array(values.numpy(), "network.a.bias")],
    )
    found = _weights(onnx.helper.make_model(graph).SerializeToString())
    assert set(found) == {"a.bias", "b.bias"}
    torch.testing.assert_close(found["b.bias"], values)
