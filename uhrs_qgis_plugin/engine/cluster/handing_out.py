"""Handing tasks out: few at a time, again where a worker failed, twice where one is late."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from distributed import KilledWorker

from uhrs_qgis_plugin.engine import errors
from uhrs_qgis_plugin.engine.cluster.contract import Done, Task
from uhrs_qgis_plugin.engine.cluster.crew import Crew
from uhrs_qgis_plugin.engine.cluster.link import Finished
from uhrs_qgis_plugin.engine.cluster.worker import AT_A_TIME
from uhrs_qgis_plugin.engine.errors import ClusterError, UhrsError

AHEAD = 2 * AT_A_TIME  # tasks of a worker that Dask knows of: those that it does, and those that it does next
MOST_FAILURES = 3  # workers on which a task may fail
MOST_KILLED = 5  # times that Dask may give a task up because its workers died
LATE = 3.0  # times as long as others: then a worker that is idle does the task as well
LATE_S = 2.0
REMEMBERED = 100  # tasks by which it is judged whether one is late


@dataclass
class _Open:
    """A task that is not done.

    Attributes:
        task: The task.
        begun: When it was handed out first, on time.monotonic.
        tries: Numbers of the tries that are under way.
        failures: Worker -> what it said.
        killed: How often Dask gave it up.
    """

    task: Task
    begun: float
    tries: set[int] = field(default_factory=set)
    failures: dict[str, str] = field(default_factory=dict)
    killed: int = 0


def hand_out(crew: Crew, kind: str, tasks: Iterable[Task]) -> Iterator[Done]:
    """Have tasks done by a crew.

    Args:
        crew: The workers.
        kind: See `Workplace.do`.
        tasks: Taken one by one, each when there is a worker to do it soon: so memory, here and in the scheduler,
            depends on the workers and not on the tasks.

    Yields:
        Those that are done, each once, in any order.

    Raises:
        ClusterError: Scheduler or workers are gone and do not come back, or a task ends every worker that does it.
        UhrsError: A task fails wherever it is done.
        CancelledError: The caller cancelled.
    """
    handing = _HandingOut(crew, kind, iter(tasks))
    try:
        while handing.goes_on():
            event = crew.next_event()
            if crew.came_back:
                crew.came_back = False
                handing.again()
            if event is None:
                handing.help_out()
                continue
            done = handing.take(event)
            if done is not None:
                yield done
    finally:
        handing.stop()


class _HandingOut:
    """The tasks that are under way."""

    def __init__(self, crew: Crew, kind: str, tasks: Iterator[Task]) -> None:
        self._crew, self._kind, self._tasks = crew, kind, tasks
        self._open: dict[int, _Open] = {}  # by the number of the task
        self._tries: dict[int, int] = {}  # by the number of the try
        self._spans: deque[float] = deque(maxlen=REMEMBERED)
        self._is_last = False  # whether all tasks have been handed out

    def goes_on(self) -> bool:
        """Hand out what there are workers for; False when all is done."""
        while not self._is_last and len(self._open) < AHEAD * len(self._crew):
            task = next(self._tasks, None)
            if task is None:
                self._is_last = True
            else:
                self._open[task.number] = _Open(task, time.monotonic())
                self._try(self._open[task.number])
        return bool(self._open) or not self._is_last

    def again(self) -> None:
        """Hand out again all that is not done: nobody works for what was handed out before."""
        for entry in self._open.values():
            self._forget(entry)
            self._try(entry)

    def help_out(self) -> None:
        """Have an idle worker do as well what another is late with: it may be slow, or hang."""
        room = self._crew.tasks_at_a_time - len(self._tries)
        if not self._is_last or room <= 0 or not self._spans:
            return
        late = max(LATE_S, LATE * statistics.median(self._spans))
        now = time.monotonic()
        for entry in sorted(self._open.values(), key=lambda entry: entry.begun)[:room]:
            if len(entry.tries) == 1 and now - entry.begun > late:
                self._try(entry)

    def take(self, event: Finished) -> Done | None:
        """See to a try that ended; the task, when it is done.

        Raises:
            UhrsError: It failed too often.
        """
        number = self._tries.pop(event.number, None)
        if number is None:  # another was faster
            return None
        entry = self._open[number]
        entry.tries.discard(event.number)
        self._crew.link.forget(event.number)
        outcome = event.outcome
        if outcome is None or "error" in outcome:
            self._fail(entry, event, outcome)
            return None
        del self._open[number]
        self._forget(entry)
        self._crew.tasks += 1
        self._crew.seconds += outcome["seconds"]
        self._spans.append(time.monotonic() - entry.begun)
        return Done(entry.task, outcome["result"], outcome["seconds"])

    def stop(self) -> None:
        """Give up what is not done."""
        for entry in self._open.values():
            self._forget(entry)
        self._open = {}

    def _fail(self, entry: _Open, event: Finished, outcome: dict[str, Any] | None) -> None:
        """Try a task once more, unless that is hopeless.

        Raises:
            UhrsError: It is.
        """
        if outcome is not None:
            worker, why = outcome["worker"], outcome["error"]
            entry.failures[worker] = why
            stranded = self._crew.dismiss(worker, why)
            if stranded is None or len(entry.failures) >= MOST_FAILURES:
                raise _error_of(outcome["kind"])(why)
            self._move(stranded)
        elif isinstance(event.error, KilledWorker):
            entry.killed += 1
            if entry.killed >= MOST_KILLED:
                raise ClusterError(
                    f"A task ({self._kind} {entry.task.number}) ended every worker that did it, such as for want of "
                    "memory: choose a smaller scene or block side, or workers with more memory."
                )
        elif isinstance(event.error, Exception) and not self._crew.link.is_lost and not _is_cancelled(event.error):
            raise event.error  # a bug, not a worker's trouble
        if not entry.tries:
            self._try(entry)

    def _move(self, tries: Iterable[int]) -> None:
        """Hand out again what a worker will not do."""
        for number in tries:
            task = self._tries.pop(number, None)
            if task is not None:
                self._crew.link.forget(number)
                self._open[task].tries.discard(number)
                self._try(self._open[task])

    def _try(self, entry: _Open) -> None:
        """Hand a task out."""
        number = self._crew.link.submit(self._kind, entry.task.content)
        entry.tries.add(number)
        self._tries[number] = entry.task.number

    def _forget(self, entry: _Open) -> None:
        """Give up the tries of a task that are under way."""
        for number in entry.tries:
            self._tries.pop(number, None)
            self._crew.link.forget(number)
        entry.tries = set()


def _is_cancelled(error: Exception) -> bool:
    """Whether Dask lost a task, such as with its scheduler."""
    return "cancel" in type(error).__name__.lower() or isinstance(error, OSError)


def _error_of(name: str) -> type[UhrsError]:
    """The kind of error that a worker named."""
    found = getattr(errors, name, None)
    return found if isinstance(found, type) and issubclass(found, UhrsError) else ClusterError
