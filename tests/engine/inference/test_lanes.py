import threading
import time

import numpy as np
import pytest

from tests.engine.fakes import PixelStreams
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.errors import CancelledError
from uhrs_qgis_plugin.engine.inference.lanes import InterruptibleStreams
from uhrs_qgis_plugin.engine.inference.sessions import open_streams


def _never():
    pass


def test_results_and_errors_come_through():
    image = np.arange(3 * 64, dtype=np.uint8).reshape(1, 3, 8, 8)
    with InterruptibleStreams(PixelStreams(), _never) as streams:
        expected = PixelStreams().low(image)
        for one, other in zip(streams.low(image), expected):
            assert np.array_equal(one, other)
        with pytest.raises(AttributeError):
            streams.low(None)


class _Slow(PixelStreams):
    def __init__(self):
        super().__init__()
        self.stopped = threading.Event()

    def high(self, patches):
        assert self.stopped.wait(20), "nobody stopped the network"
        raise RuntimeError("stopped")

    def stop(self):
        self.stopped.set()


def test_a_cancel_stops_the_network():
    asked = []

    def tick():
        asked.append(time.monotonic())
        if len(asked) == 3:
            raise CancelledError

    slow = _Slow()
    with InterruptibleStreams(slow, tick) as streams, pytest.raises(CancelledError):
        streams.high(np.zeros((1, 3, 16, 16), np.uint8))
    assert slow.stopped.is_set()
    assert len(asked) == 3


def test_onnxruntime_gives_up_when_stopped(tmp_path):
    """After `stop` the real runtime answers with an error instead of going on."""
    streams = open_streams(write_tiny_bundle(tmp_path / "t.uhrs"), "cpu")
    image = np.zeros((1, 3, 64, 64), np.uint8)
    streams.low(image)
    streams.stop()
    with pytest.raises(CancelledError):
        streams.low(image)
