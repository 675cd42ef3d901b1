"""Streams in threads of their own: the next run is under way while a result is used, and a cancel waits for none."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.inference.contract import Stoppable

_TICK_S = 0.05


class InterruptibleStreams:
    """Runs the network in threads while the caller's thread asks whether to stop. A context manager.

    Attributes:
        lanes: How many runs go on at the same time.
    """

    def __init__(self, streams: Stoppable, tick: Callable[[], None], lanes: int = 1) -> None:
        """Take the streams.

        Args:
            streams: They do the work; `stop` makes them give up.
            tick: Called in the caller's thread while it waits; raises to stop.
            lanes: How many runs may go on at the same time.
        """
        self.lanes = lanes
        self._streams = streams
        self._tick = tick
        self._pool = ThreadPoolExecutor(lanes, "uhrs-network")

    def low(self, image: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See `Streams.low`."""
        features, uncertainty = self.wait(self._start(self._streams.low, image))[0]
        return features, uncertainty

    def high(self, patches: NDArray[Any]) -> NDArray[np.float32]:
        """See `Streams.high`."""
        features: NDArray[np.float32] = self.wait(self.start_high(patches))[0]
        return features

    def fuse(
        self,
        low_features: NDArray[np.float32],
        uncertainty: NDArray[np.float32],
        high_features: NDArray[np.float32],
        selected: NDArray[np.bool_],
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """See `Streams.fuse`."""
        labels, uncertainty8 = self.wait(self.start_fuse(low_features, uncertainty, high_features, selected))[0]
        return labels, uncertainty8

    def start_high(self, patches: NDArray[Any]) -> Future[tuple[Any, float]]:
        """Begin `high`; its result comes from `wait`."""
        return self._start(self._streams.high, patches)

    def start_fuse(
        self,
        low_features: NDArray[np.float32],
        uncertainty: NDArray[np.float32],
        high_features: NDArray[np.float32],
        selected: NDArray[np.bool_],
    ) -> Future[tuple[Any, float]]:
        """Begin `fuse`; its result comes from `wait`."""
        return self._start(self._streams.fuse, low_features, uncertainty, high_features, selected)

    def wait(self, run: Future[tuple[Any, float]]) -> tuple[Any, float]:
        """Wait for a run, and stop the network when asked to.

        Args:
            run: From a `start_` method.

        Returns:
            What it gives, and how many seconds it took.
        """
        while True:
            try:
                return run.result(_TICK_S)
            except FutureTimeoutError:
                if run.done():  # the network itself raised one, or ended just now
                    return run.result()
            try:
                self._tick()
            except BaseException:
                self._streams.stop()
                raise

    def __enter__(self) -> InterruptibleStreams:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the threads; after an error without finishing what was begun."""
        if error is not None:
            self._streams.stop()
        self._pool.shutdown(cancel_futures=error is not None)

    def _start(self, function: Callable[..., Any], *arrays: NDArray[Any]) -> Future[tuple[Any, float]]:
        """Run a function in a lane."""
        return self._pool.submit(_timed, function, *arrays)


def _timed(function: Callable[..., Any], *arrays: NDArray[Any]) -> tuple[Any, float]:
    """What a function gives, and the seconds it took."""
    begun = time.perf_counter()
    return function(*arrays), time.perf_counter() - begun
