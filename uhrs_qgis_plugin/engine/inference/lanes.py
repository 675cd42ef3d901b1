"""Streams in threads of their own: a run is under way while results are used, and a cancel waits for none."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from types import TracebackType

from uhrs_qgis_plugin.engine.inference.contract import Arrays, Stoppable, Streams

_TICK_S = 0.05


class InterruptibleStreams(Streams):
    """Runs the network in threads while the caller's thread polls for a cancel. A context manager.

    Attributes:
        lanes: How many runs go on at the same time.
        scenes: How many of the low stream do.
        keeps_features: See `OpenStreams`.
    """

    def __init__(
        self,
        streams: Stoppable,
        tick: Callable[[], None],
        lanes: int = 1,
        scenes: int = 1,
        keeps_features: bool = False,
    ) -> None:
        """Take the streams.

        Args:
            streams: They do the work; `stop` makes them give up.
            tick: Called in the caller's thread while it waits; raises to stop.
            lanes: How many runs may go on at the same time.
            scenes: How many of the low stream may, up to `lanes`.
            keeps_features: See `OpenStreams`.
        """
        self.lanes, self.scenes, self.keeps_features = lanes, scenes, keeps_features
        self._streams = streams
        self._tick = tick
        self._pool = ThreadPoolExecutor(lanes, "uhrs-network")

    def run(self, graph: str, inputs: Arrays) -> Arrays:
        """See `Streams.run`; waits for the result."""
        return self.wait(self.submit(graph, inputs))[0]

    def submit(self, graph: str, inputs: Arrays) -> Future[tuple[Arrays, float]]:
        """Begin to run a graph in a lane, see `Streams.run`; its result comes from `wait`."""
        return self._pool.submit(self._timed, graph, inputs)

    def wait(self, run: Future[tuple[Arrays, float]]) -> tuple[Arrays, float]:
        """Wait for a run, and stop the network when `tick` raises.

        Args:
            run: From `submit`.

        Returns:
            What the graph gives, and how many seconds it took.
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

    def _timed(self, graph: str, inputs: Arrays) -> tuple[Arrays, float]:
        """Run a graph in this thread."""
        begun = time.perf_counter()
        return self._streams.run(graph, inputs), time.perf_counter() - begun
