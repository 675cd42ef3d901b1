import builtins
import gc
import sys
import weakref

import numpy as np
import pytest

from tests.engine.fakes import fake_bundle
from tests.engine.tiny_bundle import CHANNELS, write_tiny_bundle
from uhrs_qgis_plugin.engine.errors import BundleError, DeviceError
from uhrs_qgis_plugin.engine.inference import cards, sessions
from uhrs_qgis_plugin.engine.inference.devices import available_devices, check_device
from uhrs_qgis_plugin.engine.inference.sessions import OrtStreams, open_streams


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_tiny_bundle(tmp_path_factory.mktemp("sessions") / "tiny.uhrs")


@pytest.fixture(scope="module")
def streams(bundle):
    return open_streams(bundle, "cpu")


class FakeSession:
    """Stands for an onnxruntime session: calls a function."""

    def __init__(self, run):
        self.run = lambda outputs, feed: run(feed)


def _streams(low=None, high=None, fuse=None, **changes):
    graphs = {"low": low, "high": high, "fuse": fuse}
    return OrtStreams(fake_bundle(**changes), {name: FakeSession(run) for name, run in graphs.items()}, "cpu", "0")


def test_low_stream_pools(streams):
    image = np.random.default_rng(0).integers(0, 256, (2, 3, 64, 96), np.uint8)
    features, uncertainty = streams.low(image)
    means = image.astype(np.float32).mean(axis=1, keepdims=True)
    expected = means.reshape(2, 1, 8, 8, 12, 8).mean(axis=(3, 5)).repeat(CHANNELS, 1)
    np.testing.assert_allclose(features, expected, rtol=1e-5)
    np.testing.assert_allclose(uncertainty, means.reshape(2, 1, 16, 4, 24, 4).mean(axis=(3, 5)) / 255, rtol=1e-5)


def test_fuse_uses_high_features_where_selected(streams):
    low, uncertainty = streams.low(np.full((1, 3, 16, 16), 30, np.uint8))
    high = np.full((1, CHANNELS, 8, 8), 250, np.float32)
    selected = np.zeros((1, 1, 8, 8), bool)
    labels, uncertainty8 = streams.fuse(low, uncertainty, high, selected)
    assert (labels == 0).all()
    assert (uncertainty8 == round(254 * 30 / 255)).all()
    selected[..., 4:] = True
    labels, _ = streams.fuse(low, np.ones_like(uncertainty), high, selected)
    assert (labels[..., :24] == 0).all()
    assert (labels[..., 40:] == 2).all()


def test_what_is_forgotten_is_freed():
    image = np.zeros((1, 3, 32, 32), np.uint8)
    streams = _streams(low=lambda feed: [np.zeros((1, CHANNELS, 4, 4), np.float32), np.zeros((1, 1, 8, 8), np.float32)])
    streams.low(image)
    session = weakref.ref(streams._runner._sessions["low"])
    streams.forget("low")
    gc.collect()
    assert session() is None
    with pytest.raises(KeyError):
        streams.low(image)


def test_the_processor_is_always_there():
    devices = available_devices()
    assert devices[-1] == "cpu"
    assert list(devices) == [name for name in sessions.PROVIDERS if name in devices]


def test_telemetry_is_off(streams):
    import os

    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"


def test_missing_device_lists_what_is_there(bundle, monkeypatch):
    with pytest.raises(DeviceError, match="'cuda' is not available here: choose auto or one of openvino, cpu"):
        check_device("cuda", ("openvino", "cpu"))
    monkeypatch.setattr(sessions, "available_devices", lambda: ("cpu",))
    with pytest.raises(DeviceError, match="'coreml' is not available"):
        open_streams(bundle, "coreml")


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_device_that_does_not_start_falls_back_with_a_message(bundle, monkeypatch, device):
    monkeypatch.setattr(sessions, "available_devices", lambda: ("cuda", "cpu"))
    start = sessions.open_session

    monkeypatch.setattr(sessions, "_prepare", lambda ort, name: name)

    def fail(ort, graph, kind, name, lanes):
        if name == "cuda":
            raise RuntimeError("libcublas.so.12: cannot open shared object file\nmore")
        return start(ort, graph, kind, name, lanes)

    monkeypatch.setattr(sessions, "open_session", fail)
    heard = []
    streams = open_streams(bundle, device, heard.append)
    assert streams.device == "cpu"
    assert heard == streams.messages
    assert "Device 'cuda' did not start (libcublas.so.12: cannot open shared object file)" in heard[0]


def test_silent_fall_back_of_onnxruntime_is_noticed(bundle, monkeypatch):
    """onnxruntime only warns when a provider's libraries are missing; a session then runs on the processor."""
    import onnxruntime

    monkeypatch.setattr(sessions, "available_devices", lambda: ("cuda", "cpu"))
    monkeypatch.setattr(sessions, "_prepare", lambda ort, name: name)
    create = onnxruntime.InferenceSession
    monkeypatch.setattr(
        onnxruntime,
        "InferenceSession",
        lambda graph, options, **others: create(graph, options, providers=["CPUExecutionProvider"]),
    )
    streams = open_streams(bundle)
    assert streams.device == "cpu"
    assert (
        'libraries could not be loaded: run `python -m pip install "onnxruntime-gpu[cuda,cudnn]"`'
        in streams.messages[0]
    )


def test_a_build_for_cuda_without_a_driver_goes_on_with_the_processor(bundle, monkeypatch):
    monkeypatch.setattr(sessions, "available_devices", lambda: ("cuda", "cpu"))
    monkeypatch.setattr(cards, "DRIVER", {})
    for device in ("auto", "cuda", "cuda:1"):
        streams = open_streams(bundle, device)
        assert streams.device == "cpu"
        (line,) = streams.messages
        assert "did not start (no driver of NVIDIA was found" in line


def test_missing_onnxruntime_says_how_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    real = builtins.__import__

    def refuse(name, *rest):
        if name == "onnxruntime":
            raise ImportError("No module named 'onnxruntime'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(DeviceError, match="python -m pip install onnxruntime"):
        available_devices()


def test_importing_the_engine_does_not_import_onnxruntime():
    import subprocess

    code = (
        "import sys, uhrs_qgis_plugin.engine.cli; "
        "print([name for name in ('onnxruntime', 'torch', 'qgis', 'onnx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_graph_that_does_not_load(bundle):
    import dataclasses

    broken = dataclasses.replace(bundle, graphs={**bundle.graphs, "fuse": b"\x3a\x00"})
    with pytest.raises(BundleError, match="cannot be loaded"):
        open_streams(broken, "cpu")
    swapped = dataclasses.replace(bundle, graphs={**bundle.graphs, "fuse": bundle.graphs["high"]})
    with pytest.raises(BundleError, match=r"'fuse.onnx' of model .* takes \['patches'\]"):
        open_streams(swapped, "cpu")


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("which", ["features", "uncertainty"])
def test_numbers_that_are_not_finite(value, which):
    outputs = {"features": np.zeros((1, CHANNELS, 1, 1), np.float32), "uncertainty": np.zeros((1, 1, 2, 2), np.float32)}
    outputs[which].flat[0] = value
    streams = _streams(low=lambda feed: list(outputs.values()), high=lambda feed: [outputs["features"]])
    with pytest.raises(BundleError, match=r"'low.onnx' of model 'fake' gave numbers that are not finite"):
        streams.low(np.zeros((1, 3, 8, 8), np.uint8))


@pytest.mark.parametrize(
    ("features", "reason"),
    [
        (np.zeros((1, CHANNELS, 2, 1), np.float32), r"gave float32\[1, 4, 2, 1\] where float32\[1, 4, 1, 1\]"),
        (np.zeros((1, CHANNELS, 1, 1), np.float64), r"gave float64\[1, 4, 1, 1\] where float32"),
    ],
)
def test_wrong_shapes_and_types_are_refused(features, reason):
    streams = _streams(high=lambda feed: [features])
    with pytest.raises(BundleError, match=reason):
        streams.high(np.zeros((1, 3, 8, 8), np.uint8))


@pytest.mark.parametrize(("label", "step"), [(3, 0), (255, 0), (0, 255)])
def test_labels_and_uncertainties_that_mean_something_else_are_refused(label, step):
    outputs = [np.full((1, 32, 32), label, np.uint8), np.full((1, 2, 4, 4), step, np.uint8)]
    streams = _streams(fuse=lambda feed: outputs)
    arrays = [np.zeros((1, count, 4, 4), np.float32) for count in (CHANNELS, 1, CHANNELS)]
    with pytest.raises(BundleError, match=f"labels up to {label} and uncertainties up to {step}, expected at most 2"):
        streams.fuse(*arrays, np.zeros((1, 1, 4, 4), bool))


@pytest.mark.parametrize("error", [RuntimeError("Failed to allocate memory for buffer"), MemoryError()])
def test_short_memory_halves_the_batch(error):
    batches = []

    def run(feed):
        batches.append(len(feed["patches"]))
        if len(feed["patches"]) > 3:
            raise error
        return [feed["patches"][:, :1, ::8, ::8].astype(np.float32).repeat(CHANNELS, 1)]

    streams = _streams(high=run)
    patches = np.arange(10, dtype=np.uint8)[:, None, None, None] + np.zeros((1, 3, 16, 16), np.uint8)
    features = streams.high(patches)
    assert batches == [10, 5, 2, 2, 2, 2, 2]
    assert features[:, 0, 0, 0].tolist() == list(range(10))
    assert streams.high(patches[:5]).shape[0] == 5
    assert batches[7:] == [2, 2, 1]  # it remembers
    assert streams.messages == [
        "Memory is short: going on with 5 patches at a time.",
        "Memory is short: going on with 2 patches at a time.",
    ]


def test_short_memory_for_one_patch_is_an_error():
    def run(feed):
        raise RuntimeError("CUDA failure 2: out of memory")

    streams = _streams(low=run, high=run)
    with pytest.raises(DeviceError, match=r"Not enough memory on cpu for 'high.onnx'"):
        streams.high(np.zeros((4, 3, 16, 16), np.uint8))
    with pytest.raises(DeviceError, match=r"Not enough memory on cpu for 'low.onnx'.*smaller scene"):
        streams.low(np.zeros((1, 3, 8, 8), np.uint8))


def test_other_failures_of_a_run_are_worded(streams):
    with pytest.raises(DeviceError, match=r"'low.onnx' of model 'tiny' failed on cpu"):
        streams.low(np.zeros((1, 5, 64, 64), np.uint8))
