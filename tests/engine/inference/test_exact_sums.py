"""Sums of 8-bit products that overflow are noticed, and sessions then ask for others."""

import numpy as np
import onnxruntime
import pytest

from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.inference import devices, exact_sums
from uhrs_qgis_plugin.engine.inference.devices import open_session
from uhrs_qgis_plugin.engine.inference.exact_sums import LENGTH, PRODUCT, sums_are_exact


@pytest.fixture(autouse=True)
def _not_asked_yet(monkeypatch):
    monkeypatch.setattr(exact_sums, "_known", [])


class Processor:
    """Stands for onnxruntime on a processor that adds pairs of products in 16 bits, or exactly."""

    SessionOptions = onnxruntime.SessionOptions

    def __init__(self, saturates):
        self.saturates, self.asked = saturates, 0

    def InferenceSession(self, graph, options, providers):  # noqa: N802
        assert graph == PRODUCT
        return self

    def run(self, outputs, feed):
        self.asked += 1
        products = feed["a"].astype(np.int64)[:, :, None] * feed["b"].astype(np.int64)[None]
        pairs = products[:, 0::2] + products[:, 1::2]
        return [(pairs.clip(-(2**15), 2**15 - 1) if self.saturates else pairs).sum(1).astype(np.int32)]


@pytest.mark.parametrize("saturates", [True, False])
def test_overflow_is_noticed_and_asked_for_once(saturates):
    processor = Processor(saturates)
    assert sums_are_exact(processor) is not saturates
    assert sums_are_exact(processor) is not saturates
    assert processor.asked == 1


def test_the_product_is_what_it_says():
    from onnx import checker, load_from_string

    checker.check_model(load_from_string(PRODUCT))
    session = onnxruntime.InferenceSession(PRODUCT, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    a, b = random.integers(0, 64, (4, LENGTH), np.uint8), random.integers(-64, 64, (LENGTH, 8), np.int8)
    np.testing.assert_array_equal(session.run(None, {"a": a, "b": b})[0], a.astype(np.int32) @ b.astype(np.int32))


@pytest.mark.parametrize("exact", [True, False])
def test_only_8_bit_graphs_ask_for_exact_sums_where_they_need_them(monkeypatch, tmp_path, exact):
    from onnx import helper, load_from_string

    monkeypatch.setattr(devices, "sums_are_exact", lambda ort: exact)
    entries = []
    plain = write_tiny_bundle(tmp_path / "tiny.uhrs").graphs["high"]
    model = load_from_string(plain)
    model.graph.node.append(helper.make_node("QuantizeLinear", ["mean", "scale"], ["unused"]))
    model.graph.initializer.append(helper.make_tensor("scale", 1, [], [1.0]))
    real = onnxruntime.InferenceSession

    def start(graph, options, **others):
        try:
            entries.append(options.get_session_config_entry("session.x64quantprecision"))
        except RuntimeError:  # it was not set
            entries.append(None)
        return real(graph, options, **others)

    monkeypatch.setattr(onnxruntime, "InferenceSession", start)
    for graph in (plain, model.SerializeToString()):
        open_session(onnxruntime, graph, "high", "cpu")
    assert entries == [None, None if exact else "1"]
