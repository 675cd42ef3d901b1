"""Devices that fail or are too small, at the start and in the middle of a run."""

import threading

import numpy as np
import pytest

from tests.engine.tiny_bundle import CHANNELS, write_tiny_bundle
from uhrs_qgis_plugin.engine.errors import CancelledError, DeviceError
from uhrs_qgis_plugin.engine.inference import contract, sessions
from uhrs_qgis_plugin.engine.inference import fallback as runner
from uhrs_qgis_plugin.engine.inference.fallback import CpuFallback
from uhrs_qgis_plugin.engine.inference.sessions import OrtStreams, open_streams


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_tiny_bundle(tmp_path_factory.mktemp("devices") / "tiny.uhrs")


@pytest.fixture(scope="module")
def processor(bundle):
    """The tiny bundle's real sessions."""
    return sessions._open_sessions(sessions.import_onnxruntime(), bundle, "cpu")


class Broken:
    """A session that raises, at once or where `when` says so of the inputs, and else does what another does."""

    def __init__(self, error, real=None, when=lambda feed: True):
        self.error = error
        self.real = real
        self.when = when
        self.calls = 0

    def run(self, outputs, feed, *options):
        self.calls += 1
        if self.when(feed):
            raise self.error
        return self.real.run(outputs, feed, *options)


def _inputs(rows=8, cols=8, count=1):
    """Inputs of the fusion of `rows` x `cols` cells of 32 pixels."""
    rng = np.random.default_rng(rows * 100 + cols)
    return (
        rng.uniform(0, 255, (count, CHANNELS, rows, cols)).astype(np.float32),
        rng.random((count, 1, 2 * rows, 2 * cols), np.float32),
        rng.uniform(0, 255, (count, CHANNELS, 4 * rows, 4 * cols)).astype(np.float32),
        rng.random((count, 1, 4 * rows, 4 * cols)) < 0.5,
    )


def _streams(bundle, processor, broken, heard=None, device="directml", **graphs):
    """Streams on a device on which some graphs are broken, with the processor to spare."""
    spare = CpuFallback(lambda: processor, None if heard is None else heard.append)
    return OrtStreams(bundle, {**processor, **dict.fromkeys(graphs, broken), **graphs}, device, "0", (), spare)


@pytest.mark.parametrize("graph", ["low", "high", "fuse"])
def test_device_that_fails_in_the_middle_is_given_up(bundle, processor, graph):
    heard = []
    error = RuntimeError("CUDA failure 700: an illegal memory access was encountered\nmore")
    broken = Broken(error)
    streams = _streams(bundle, processor, broken, heard, **{graph: broken})
    calls = {
        "low": (np.full((1, 3, 64, 64), 9, np.uint8),),
        "high": (np.full((2, 3, 128, 128), 9, np.uint8),),
        "fuse": _inputs(),
    }
    expected = getattr(OrtStreams(bundle, processor, "cpu", "0"), graph)(*calls[graph])
    for _ in range(2):
        for one, other in zip(getattr(streams, graph)(*calls[graph]), expected):
            np.testing.assert_array_equal(one, other)
    assert broken.calls == 1
    assert streams.device == "cpu"
    cause = "CUDA failure 700: an illegal memory access was encountered"
    text = f"Device 'directml' failed during the run ({cause}): going on with 'cpu'."
    assert streams.messages == heard == [text]


def test_a_device_that_computes_nonsense_is_given_up(bundle, processor):
    class Nonsense:
        def run(self, outputs, feed, *options):
            return [np.full((len(feed["patches"]), CHANNELS, 16, 16), np.nan, np.float32)]

    streams = _streams(bundle, processor, None, high=Nonsense())
    assert streams.high(np.full((1, 3, 128, 128), 7, np.uint8)).max() == pytest.approx(7)
    assert "numbers that are not finite" in streams.messages[0]


def test_when_the_processor_fails_too_its_error_counts(bundle, processor):
    broken = Broken(RuntimeError("no such kernel"))
    spare = CpuFallback(lambda: {"high": broken})
    streams = OrtStreams(bundle, {"high": broken}, "cuda", "0", (), spare)
    with pytest.raises(DeviceError, match=r"failed on cpu \(no such kernel\): export the model again\."):
        _run_high_plainly(streams)
    assert broken.calls == 2


def _run_high_plainly(streams):
    """Run the high stream without IOBinding, which the fakes have not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "BOUND", ())
        return streams.high(np.zeros((1, 3, 128, 128), np.uint8))


def test_when_the_processor_does_not_even_open_the_first_error_counts(bundle):
    def fail():
        raise RuntimeError("no memory left for sessions")

    streams = OrtStreams(bundle, {"high": Broken(RuntimeError("device lost"))}, "openvino", "0", (), CpuFallback(fail))
    with pytest.raises(DeviceError, match=r"failed on openvino \(device lost\): try device 'cpu'"):
        streams.high(np.zeros((1, 3, 128, 128), np.uint8))
    assert streams.device == "openvino"


def test_two_threads_that_fail_together_fall_back_once(bundle, processor):
    meeting = threading.Barrier(2, timeout=30)

    class Slow(Broken):
        def run(self, outputs, feed, *options):
            meeting.wait()
            return super().run(outputs, feed, *options)

    slow = Slow(RuntimeError("device lost"))
    opened = []
    streams = OrtStreams(
        bundle,
        {**processor, "low": slow, "high": slow},
        "directml",
        "0",
        (),
        CpuFallback(lambda: opened.append(1) or processor),
    )
    results = []
    work = (
        lambda: results.append(streams.low(np.zeros((1, 3, 64, 64), np.uint8))),
        lambda: results.append(streams.high(np.zeros((1, 3, 128, 128), np.uint8))),
    )
    threads = [threading.Thread(target=task) for task in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == 2
    assert len(opened) == len(streams.messages) == 1


def test_scenes_are_halved_then_left_to_the_processor(bundle, processor):
    short = Broken(RuntimeError("CUDA failure 2: out of memory"), processor["low"], lambda feed: len(feed["image"]) > 1)
    streams = _streams(bundle, processor, None, low=short)
    image = np.random.default_rng(0).integers(0, 255, (3, 3, 64, 64), np.uint8)
    for one, other in zip(streams.low(image), OrtStreams(bundle, processor, "cpu", "0").low(image)):
        np.testing.assert_array_equal(one, other)
    assert streams.messages == ["Memory is short: going on with 1 scenes at a time."]
    assert streams.device == "directml"
    short.when = lambda feed: True
    streams.low(image[:1])
    assert streams.device == "cpu"


@pytest.mark.parametrize(("rows", "cols"), [(8, 8), (5, 4), (4, 9), (1, 16), (17, 3)])
@pytest.mark.parametrize("most", [40, 12])
def test_blocks_are_fused_in_halves_with_the_same_labels(bundle, processor, rows, cols, most):
    """The margin of 32 pixels is what the engine leaves between blocks as well."""
    short = Broken(MemoryError(), processor["fuse"], lambda feed: feed["low_features"][0, 0].size > most)
    streams = _streams(bundle, processor, None, fuse=short)
    inputs = _inputs(rows, cols)
    labels, uncertainty8 = streams.fuse(*inputs)
    expected = OrtStreams(bundle, processor, "cpu", "0").fuse(*inputs)
    np.testing.assert_array_equal(labels, expected[0])
    np.testing.assert_array_equal(uncertainty8, expected[1])
    assert streams.device == "directml"
    assert bool(streams.messages) == (rows * cols > most)
    assert len(streams.messages) == len(set(streams.messages))
    before = short.calls
    streams.fuse(*inputs)
    assert short.calls - before <= before  # it remembers what was too large


def test_blocks_in_a_batch_are_split_before_they_are_halved(bundle, processor):
    short = Broken(MemoryError(), processor["fuse"], lambda feed: len(feed["selected"]) > 1)
    streams = _streams(bundle, processor, None, fuse=short)
    inputs = _inputs(4, 4, count=3)
    labels, _ = streams.fuse(*inputs)
    np.testing.assert_array_equal(labels, OrtStreams(bundle, processor, "cpu", "0").fuse(*inputs)[0])
    assert streams.messages == ["Memory is short: going on with 1 blocks at a time."]


def test_memory_that_is_short_for_anything_is_an_error_in_the_end(bundle):
    short = Broken(MemoryError())
    streams = OrtStreams(bundle, dict.fromkeys(("low", "high", "fuse"), short), "cpu", "0")
    with pytest.raises(DeviceError, match=r"Not enough memory on cpu for 'fuse.onnx'.*smaller scene or block side"):
        streams.fuse(*_inputs(8, 8))


def test_batches_start_no_larger_than_the_memory_allows(bundle, processor, monkeypatch):
    monkeypatch.setattr(sessions, "free_memory", lambda device: 4 * 128 * 128 * 256 * 3)
    seen = []
    spy = Broken(None, processor["high"], lambda feed: seen.append(len(feed["patches"])))
    streams = _streams(bundle, processor, None, high=spy)
    assert streams.batch_size == 3
    assert streams.high(np.zeros((7, 3, 128, 128), np.uint8)).shape[0] == 7
    assert seen == [3, 3, 1]
    assert streams.messages == []


@pytest.mark.parametrize(
    ("device", "expected"),
    [("directml", [6, 6, 2]), ("coreml", [6, 6, 2]), ("cpu", [6, 6, 2]), ("openvino", [6, 6, 2])],
)
def test_a_batch_within_the_memory_is_not_padded_beyond_it(bundle, processor, monkeypatch, device, expected):
    monkeypatch.setattr(sessions, "free_memory", lambda device: 4 * 128 * 128 * 256 * 6)
    assert _sizes(bundle, processor, device, 14) == expected


@pytest.mark.parametrize(
    ("device", "sizes", "expected"),
    [
        ("directml", (1, 2, 3, 5, 33, 64), [1, 2, 4, 8, 64, 64]),
        ("coreml", (7,), [8]),
        ("cpu", (1, 2, 3, 5), [1, 2, 3, 5]),
        ("openvino", (3,), [3]),
    ],
)
def test_cards_see_few_different_batches(bundle, processor, monkeypatch, device, sizes, expected):
    """Each new number of patches costs a search for plans."""
    monkeypatch.setattr(sessions, "free_memory", lambda device: None)
    assert [size for number in sizes for size in _sizes(bundle, processor, device, number)] == expected


def _sizes(bundle, processor, device, count):
    """Patches per run of a batch; the features are those of the processor."""
    seen = []
    spy = Broken(None, processor["high"], lambda feed: seen.append(len(feed["patches"])))
    patches = np.random.default_rng(count).integers(0, 255, (count, 3, 128, 128), np.uint8)
    found = _streams(bundle, processor, None, device=device, high=spy).high(patches)
    np.testing.assert_array_equal(found, OrtStreams(bundle, processor, "cpu", "0").high(patches))
    return seen


@pytest.mark.parametrize(
    "sign", ["CUBLAS_STATUS_NOT_INITIALIZED", "CUDNN_STATUS_INTERNAL_ERROR", "CUDNN_STATUS_NOT_INITIALIZED"]
)
def test_signs_of_a_full_card_make_batches_smaller_before_it_is_given_up(bundle, processor, sign):
    broken = Broken(
        RuntimeError(f"CUDA failure: {sign} ; GPU=0"), processor["high"], lambda feed: len(feed["patches"]) > 2
    )
    streams = _streams(bundle, processor, None, high=broken)
    assert len(streams.high(np.zeros((4, 3, 128, 128), np.uint8))) == 4
    assert streams.device == "directml"
    assert streams.messages == ["Memory is short: going on with 2 patches at a time."]
    broken.when = lambda feed: True
    streams.high(np.zeros((1, 3, 128, 128), np.uint8))
    assert streams.device == "cpu"


@pytest.mark.parametrize("graph", ["low", "high", "fuse"])
def test_binding_gives_what_a_plain_run_gives_and_fetches_nothing_else(bundle, processor, graph):
    inputs = {"low": (np.full((2, 3, 32, 64), 50, np.uint8),), "high": (np.full((2, 3, 128, 128), 50, np.uint8),)}
    arrays = inputs.get(graph, _inputs())
    feed = dict(zip(contract.INPUTS[graph], arrays))
    plain = runner._run_plain(processor[graph], contract.OUTPUTS[graph], feed)
    bound = runner._run_bound(processor[graph], contract.OUTPUTS[graph], feed)
    assert len(bound) == len(contract.OUTPUTS[graph])  # not the logits, say
    for one, other in zip(bound, plain):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_devices_with_memory_of_their_own_are_bound(bundle, processor, monkeypatch):
    used = []
    monkeypatch.setattr(runner, "_run_bound", lambda *rest: used.append(1) or runner._run_plain(*rest))
    for device, expected in (("cuda", 1), ("cuda:1", 2), ("openvino", 2), ("cpu", 2)):
        OrtStreams(bundle, processor, device, "0").high(np.zeros((1, 3, 128, 128), np.uint8))
        assert len(used) == expected


def test_a_device_that_starts_but_does_not_compute_is_passed_over(bundle, processor, monkeypatch):
    """Such as a GPU for which the package holds no kernels."""
    monkeypatch.setattr(sessions, "available_devices", lambda: ("directml", "openvino", "cpu"))
    real = sessions.open_session
    broken = Broken(RuntimeError("no kernel image is available"))

    def start(ort, graph, kind, device, lanes):
        session = real(ort, graph, kind, "cpu", lanes)
        if device != "cpu" and kind == "high":
            broken.get_inputs, broken.get_outputs = session.get_inputs, session.get_outputs
            return broken
        return session

    monkeypatch.setattr(sessions, "open_session", start)
    streams = open_streams(bundle)
    assert streams.device == "cpu"
    assert len(streams.messages) == 2
    assert "Device 'directml' did not start" in streams.messages[0]
    assert "no kernel image is available" in streams.messages[1]


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_stop_ends_a_run_and_is_no_failure_of_the_device(bundle, processor, device):
    """onnxruntime itself obeys the flag, plainly and bound."""
    options = sessions.import_onnxruntime().RunOptions()
    opened = []
    streams = OrtStreams(bundle, processor, device, "0", (), CpuFallback(lambda: opened.append(1), None, options))
    patch = np.zeros((1, 3, 128, 128), np.uint8)
    assert streams.high(patch).shape == (1, CHANNELS, 16, 16)
    options.terminate = True
    with pytest.raises(Exception, match="terminate flag"):
        processor["high"].run(None, {"patches": patch}, options)
    options.terminate = False
    ran = threading.Event()
    real = processor["high"]

    class Stopping:
        """Stops the streams from within a run, as another thread does."""

        def run(self, outputs, feed, options):
            ran.set()
            streams.stop()
            return real.run(outputs, feed, options)

    streams._runner._sessions = {**processor, "high": Stopping()} if device == "cpu" else processor
    if device == "cuda":
        streams.stop()
    with pytest.raises(CancelledError):
        streams.high(patch)
    assert ran.is_set() is (device == "cpu")
    with pytest.raises(CancelledError):
        streams.low(np.zeros((1, 3, 32, 32), np.uint8))
    assert streams.messages == []
    assert opened == []
    assert streams.device == device


def test_opened_streams_can_be_stopped(bundle):
    streams = open_streams(bundle, "cpu")
    streams.stop()
    with pytest.raises(CancelledError):
        streams.low(np.zeros((1, 3, 32, 32), np.uint8))
    assert open_streams(bundle, "cpu").low(np.zeros((1, 3, 32, 32), np.uint8))[0].shape == (1, CHANNELS, 4, 4)
