"""Reading ahead, writing behind and doing things side by side, so that the device never waits: bounded queues.

GDAL, zlib and onnxruntime release the GIL, so threads suffice.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Generic, TypeVar

from uhrs_qgis_plugin.engine.errors import CancelledError

T = TypeVar("T")
R = TypeVar("R")
_TICK_S = 0.05  # how long a cancelled run may go on waiting for a queue
_PATIENCE_S = 5.0  # how long the end of a thread is awaited; one that hangs in a dead network drive is left behind


class ReadAhead(Generic[T]):
    """Runs a generator in a thread of its own, a few items ahead. A context manager; iterate over it once."""

    def __init__(self, produce: Callable[[], Iterator[T]], depth: int, tick: Callable[[], None]) -> None:
        """Start the thread.

        Args:
            produce: Called in the thread: raster readers opened inside belong to that thread.
            depth: Items that may wait.
            tick: Called in the iterating thread while it waits; raises to stop.
        """
        self._items: queue.Queue[tuple[bool, T | BaseException | None]] = queue.Queue(max(1, depth))
        self._stopped = threading.Event()
        self._tick = tick
        self._thread = threading.Thread(target=self._run, args=(produce,), name="uhrs-ahead", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[T]:
        """Yield the items in order; what the generator raises is raised here."""
        while True:
            try:
                more, item = self._items.get(timeout=_TICK_S)
            except queue.Empty:
                self._tick()
                continue
            if more:
                yield item  # type: ignore[misc]
            elif isinstance(item, BaseException):
                raise item
            else:
                return

    def __enter__(self) -> ReadAhead[T]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the thread and wait for it."""
        self._stopped.set()
        self._thread.join(_PATIENCE_S)

    def _run(self, produce: Callable[[], Iterator[T]]) -> None:
        """Pass on what the generator yields, and how it ended."""
        end: BaseException | None = None
        items = None
        try:
            items = produce()
            for item in items:
                if not self._put(True, item):
                    break
        except BaseException as error:
            end = error
        finally:
            if items is not None and hasattr(items, "close"):
                items.close()  # its files are closed in the thread that opened them
        self._put(False, end)

    def _put(self, more: bool, item: T | BaseException | None) -> bool:
        """Wait for room; False when nobody listens any more."""
        while not self._stopped.is_set():
            try:
                self._items.put((more, item), timeout=_TICK_S)
            except queue.Full:
                continue
            return True
        return False


class WriteBehind(Generic[T]):
    """Hands items to a function in a thread of its own. A context manager: leaving it waits for the last item."""

    def __init__(self, consume: Callable[[T], None], depth: int, tick: Callable[[], None]) -> None:
        """Start the thread.

        Args:
            consume: Called in the thread with every item, in order.
            depth: Items that may wait.
            tick: Called in the putting thread while it waits; raises to stop.
        """
        self._items: queue.Queue[T | None] = queue.Queue(max(1, depth))
        self._consume = consume
        self._tick = tick
        self._error: BaseException | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="uhrs-behind", daemon=True)
        self._thread.start()

    def put(self, item: T) -> None:
        """Hand over an item; what the function raised for an earlier one is raised here."""
        self._wait_for_room(item)
        self._check()

    def __enter__(self) -> WriteBehind[T]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish what waits; after an error drop it."""
        if error is None:
            try:
                self._wait_for_room(None)
                while self._thread.is_alive():
                    self._thread.join(_TICK_S)
                    self._tick()
            finally:
                self._stopped.set()
            self._check()
        self._stopped.set()
        self._thread.join(_PATIENCE_S)

    def _wait_for_room(self, item: T | None) -> None:
        """Queue an item."""
        while self._thread.is_alive():
            try:
                self._items.put(item, timeout=_TICK_S)
            except queue.Full:
                self._tick()
                continue
            return

    def _check(self) -> None:
        """Raise what the function raised."""
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        """Consume until the end mark, an error or a stop."""
        while not self._stopped.is_set():
            try:
                item = self._items.get(timeout=_TICK_S)
            except queue.Empty:
                continue
            if item is None:
                return
            try:
                self._consume(item)
            except BaseException as error:
                self._error = error
                return


def in_threads(
    work: Callable[[T, Callable[[], None]], R], items: Iterable[T], threads: int, tick: Callable[[], None]
) -> Iterator[R]:
    """Do something with items in several threads, a few items ahead.

    Args:
        work: Called with an item, and with what it is to call often: that raises when nobody wants the rest.
        items: Taken as they are needed, in the iterating thread.
        threads: How many.
        tick: Called in the iterating thread while it waits; raises to stop.

    Yields:
        What came of each, in the order of the items.
    """
    is_over = threading.Event()

    def check() -> None:
        if is_over.is_set():
            raise CancelledError

    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(threads, "uhrs-aside") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item, check))
                if len(waiting) > threads:
                    yield _outcome(waiting.popleft(), tick)
            while waiting:
                yield _outcome(waiting.popleft(), tick)
        finally:
            is_over.set()
            for future in waiting:
                future.cancel()


def _outcome(future: Future[R], tick: Callable[[], None]) -> R:
    """Wait for what comes of something; `tick` raises to stop."""
    while not wait([future], _TICK_S).done:
        tick()
    return future.result()
