"""The connection to a scheduler: what comes from there becomes a queue of events, and nothing waits for ever."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from uhrs_qgis_plugin.engine.cluster.start import connect, has_dashboard
from uhrs_qgis_plugin.engine.cluster.waiting import soon
from uhrs_qgis_plugin.engine.cluster.worker import Membership, permit, work

ECHO, ECHO_S = "is somebody there?", 0.05  # what the client sends to itself, and how often, until it is heard
_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Joined:
    """A worker answered; see `Membership`."""

    answer: dict[str, Any]


@dataclass(frozen=True)
class Gone:
    """A worker ended."""

    worker: str


@dataclass(frozen=True)
class Finished:
    """A try of a task ended.

    Attributes:
        number: Of the try, from `Link.submit`.
        outcome: See `Membership.do`; None where it failed otherwise.
        error: How it failed then.
    """

    number: int
    outcome: dict[str, Any] | None
    error: BaseException | None = None


class Link:
    """Connected to a scheduler.

    Attributes:
        events: `Joined`, `Gone` and `Finished`, in the order in which they came.
    """

    def __init__(self, cluster: Any, membership: Membership) -> None:  # noqa: ANN401 (Dask is untyped)
        """Connect, and let the workers know of the run.

        Args:
            cluster: From `start_cluster`.

        Raises:
            ClusterError: The scheduler does not answer.
        """
        self.events: queue.SimpleQueue[Joined | Gone | Finished] = queue.SimpleQueue()
        self._run = membership.name
        self._client = connect(cluster)
        self._tries: dict[int, Any] = {}
        self._is_heard = threading.Event()
        self._client.subscribe_topic("all", self._note)
        self._client.subscribe_topic(self._run, self._hear)
        soon(self._call, membership)

    @property
    def is_lost(self) -> bool:
        """Whether the scheduler is gone."""
        return str(self._client.status) != "running"

    @property
    def dashboard(self) -> str:
        """Where Dask shows what goes on; "" where it does not."""
        return str(self._client.dashboard_link or "") if has_dashboard() else ""

    def workers(self) -> Future[set[str]]:
        """Ask for the workers that there are."""
        return soon(lambda: set(self._client.nthreads()))

    def permit(self, workers: Iterable[str], tasks: int) -> Future[None]:
        """Let workers do so many tasks at a time."""

        def ask() -> None:
            self._client.run(permit, self._run, tasks, workers=list(workers), on_error="ignore")

        return soon(ask)

    def submit(self, kind: str, content: Any) -> int:  # noqa: ANN401 (plain data of the caller's)
        """Have a task done by any worker that may; how it ends is an event.

        Returns:
            Number of the try.
        """
        number = next(_NUMBERS)
        future = self._client.submit(
            work, self._run, kind, content, key=f"{kind}-{number}-{self._run}", pure=False, resources={self._run: 1}
        )
        self._tries[number] = future
        # Gathered as soon as it is there: of a worker that ends before, Dask has another do the task again.
        gathered = self._client.gather(future, asynchronous=True)
        waiting = asyncio.run_coroutine_threadsafe(_wait(gathered), self._client.loop.asyncio_loop)
        waiting.add_done_callback(lambda ended: self._end(number, ended))
        return number

    def tries_at(self, worker: str) -> Future[set[int]]:
        """Ask which tries a worker has before it."""

        def ask() -> set[int]:
            keys = self._client.processing([worker]).get(worker, ())
            return {int(key.split("-")[1]) for key in keys if isinstance(key, str) and key.endswith(self._run)}

        return soon(ask)

    def forget(self, number: int) -> None:
        """Give up a try; Dask forgets it."""
        future = self._tries.pop(number, None)
        if future is not None:
            with contextlib.suppress(Exception):  # it may be lost with its scheduler
                if future.done():  # to cancel is to wait for the scheduler, which then logs it
                    future.release()
                else:
                    future.cancel()

    def close(self, farewell: bool) -> None:
        """Disconnect.

        Args:
            farewell: Whether workers go on to exist, and should forget the run.
        """
        if farewell and not self.is_lost:
            with contextlib.suppress(Exception):  # nothing depends on it
                soon(self._client.unregister_worker_plugin, self._run).result(5.0)
        with contextlib.suppress(Exception):
            for topic in (self._run, "all"):
                self._client.unsubscribe_topic(topic)
            self._client.close(timeout=5.0)

    def _call(self, membership: Membership) -> None:
        """Let the workers know of the run, once what they answer is heard here.

        The scheduler passes on what comes after it learnt who listens, and that wish travels another way than the
        workers' answers, which may be faster.
        """
        while not self._is_heard.is_set():
            self._client.log_event(self._run, ECHO)
            self._is_heard.wait(ECHO_S)
        self._client.register_plugin(membership)

    def _end(self, number: int, ended: Future[Any]) -> None:
        """Note how a try ended."""
        if ended.cancelled():
            self.events.put(Finished(number, None, asyncio.CancelledError()))
        elif ended.exception() is not None:
            self.events.put(Finished(number, None, ended.exception()))
        else:
            self.events.put(Finished(number, ended.result()))

    def _hear(self, event: tuple[float, Any]) -> None:
        """Note that a worker answered."""
        if event[1] == ECHO:
            self._is_heard.set()
        else:
            self.events.put(Joined(event[1]))

    def _note(self, event: tuple[float, Any]) -> None:
        """Note that a worker ended."""
        message = event[1]
        if isinstance(message, dict) and message.get("action") == "remove-worker":
            self.events.put(Gone(str(message.get("worker"))))


async def _wait(gathered: Any) -> Any:  # noqa: ANN401
    return await gathered
