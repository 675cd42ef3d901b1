"""Streams that can be stopped in the middle of a run of the network, so that a cancel never waits for one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.sessions import OrtStreams

_TICK_S = 0.05


class InterruptibleStreams:
    """Runs the network in a thread while the caller's thread asks whether to stop. A context manager."""

    def __init__(self, streams: OrtStreams, tick: Callable[[], None]) -> None:
        """Take the streams.

        Args:
            streams: They do the work; `stop` makes them give up.
            tick: Called in the caller's thread while the network runs; raises to stop.
        """
        self._streams = streams
        self._tick = tick
        self._pool = ThreadPoolExecutor(1, "uhrs-network")

    def low(self, image: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See `Streams.low`."""
        return self._wait(self._pool.submit(self._streams.low, image))

    def high(self, patches: NDArray[Any]) -> NDArray[np.float32]:
        """See `Streams.high`."""
        return self._wait(self._pool.submit(self._streams.high, patches))

    def fuse(
        self,
        low_features: NDArray[np.float32],
        uncertainty: NDArray[np.float32],
        high_features: NDArray[np.float32],
        selected: NDArray[np.bool_],
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """See `Streams.fuse`."""
        return self._wait(self._pool.submit(self._streams.fuse, low_features, uncertainty, high_features, selected))

    def __enter__(self) -> InterruptibleStreams:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the thread."""
        self._pool.shutdown()

    def _wait(self, future: Future[Any]) -> Any:  # noqa: ANN401 (whatever the graph gives)
        """Wait for a result, and stop the network when asked to."""
        while True:
            try:
                return future.result(_TICK_S)
            except FutureTimeoutError:
                if future.done():  # the network itself raised one, or ended just now
                    return future.result()
            try:
                self._tick()
            except BaseException:
                self._streams.stop()
                raise
