"""The client's half: who may work, and what happens to tasks whose worker fails.

Dask schedules. What it does not know is decided here: whether a worker computes what the others compute, that a task
may be done twice, and that nothing is lost with a worker or a scheduler, because what is done lies in files.
"""

from __future__ import annotations

import queue
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from uhrs_qgis_plugin.engine.cluster.address import LOCAL, QUEUES, ClusterAddress
from uhrs_qgis_plugin.engine.cluster.agreement import common_facts, difference
from uhrs_qgis_plugin.engine.cluster.contract import Meeting
from uhrs_qgis_plugin.engine.cluster.link import Finished, Gone, Joined, Link
from uhrs_qgis_plugin.engine.cluster.waiting import TICK_S, soon, wait_for
from uhrs_qgis_plugin.engine.cluster.worker import AT_A_TIME, Membership
from uhrs_qgis_plugin.engine.errors import ClusterError
from uhrs_qgis_plugin.engine.flow import Message, Watch

T = TypeVar("T")
ROLL_S = 1.0  # between looks at which workers there are
JOIN_S = 60.0  # that workers may take to answer when a run begins
RETURN_S = 120.0  # that a scheduler, or the last worker, may be away
WRITE_S = 10.0  # until what a worker wrote must be visible here


class Crew:
    """The workers of a run.

    Attributes:
        facts: What all of them have in common.
        devices: Device, in words -> workers that used it.
        messages: What happened when they started, for people.
        tasks: Tasks that were done.
        seconds: That workers took for them, in all.
        came_back: Whether tasks that were handed out have to be handed out again.
    """

    def __init__(
        self,
        cluster: Any,  # noqa: ANN401 (Dask is untyped)
        address: ClusterAddress,
        meeting: Meeting,
        membership: Membership,
        watch: Watch,
    ) -> None:
        """Take the cluster.

        Args:
            cluster: From `start_cluster`.
            address: What it was started by.
            meeting: The run's.
            membership: The run's.
            watch: Stops what waits; is told who joins, and who may not.
        """
        self.facts: dict[str, str] = {}
        self.devices: Counter[str] = Counter()
        self.messages: list[str] = []
        self.tasks, self.seconds = 0, 0.0
        self.came_back = False
        self._cluster, self._address, self._meeting, self._membership = cluster, address, meeting, membership
        self._watch = watch
        self._answers: dict[str, dict[str, Any]] = {}  # by worker
        self._at_work: set[str] = set()
        self._told: set[str] = set()
        self._alone_since = time.monotonic()
        self._link = Link(cluster, membership)

    def __len__(self) -> int:
        """Workers that are at work."""
        return len(self._at_work)

    @property
    def tasks_at_a_time(self) -> int:
        """Tasks that are under way while there are enough."""
        return max(1, AT_A_TIME * len(self._at_work))

    @property
    def link(self) -> Link:
        """The connection at present."""
        return self._link

    def meet(self, wanted: Mapping[str, str], open_facts: Sequence[str]) -> None:
        """Wait for the workers, and agree on who may work.

        Args:
            wanted: Facts that they must have in common with the client.
            open_facts: Those that they must have in common with each other alone.

        Raises:
            ClusterError: There is none, or none that fits.
            CancelledError: The caller cancelled.
        """
        self._gather()
        answers = [answer["facts"] for answer in self._answers.values() if "facts" in answer]
        self.facts = common_facts(answers, wanted, open_facts)
        for answer in list(self._answers.values()):
            self._admit(answer)
        self.came_back = False  # nothing was handed out before
        if not self._at_work:
            raise ClusterError(f"No worker can be used: {'; '.join(sorted(self._told))}")
        if self._link.dashboard:
            self._tell(f"Dask's dashboard: {self._link.dashboard}", is_warning=False)

    def next_event(self) -> Finished | None:
        """Wait a moment for the end of a task; workers that come and go are seen to meanwhile.

        Raises:
            ClusterError: Scheduler or workers are gone and do not come back.
            CancelledError: The caller cancelled.
        """
        self._watch.check()
        if self._link.is_lost:
            self._reconnect()
        if not self._at_work and time.monotonic() - self._alone_since > RETURN_S and self._address.kind not in QUEUES:
            raise ClusterError(
                f"All workers have ended, and none came back within {RETURN_S:.0f} s: look at their logs and start "
                "them again; with --resume the same command goes on from here."
            )
        try:
            event = self._link.events.get(timeout=TICK_S)
        except queue.Empty:
            return None
        if isinstance(event, Finished):
            return event
        self._heed(event)
        return None

    def dismiss(self, worker: str, why: str) -> set[int] | None:
        """Give a worker nothing more, unless it is the last one.

        Returns:
            Tries of tasks that it had before it and will not do; None when it is the last one.
        """
        if worker not in self._at_work:
            return set()
        if len(self._at_work) == 1:
            return None
        self._at_work.discard(worker)
        self._wait(self._link.permit([worker], 0))
        self._tell(f"Worker {self._name(worker)} failed: {why} Going on without it.")
        return self._wait(self._link.tries_at(worker))

    def close(self) -> None:
        """Let the workers go."""
        self._link.close(farewell=self._address.kind != LOCAL)

    def _gather(self) -> None:
        """Wait until the workers that there are have answered."""
        least = self._address.workers if self._address.kind == LOCAL else 1
        begun, there, asked = time.monotonic(), set[str](), 0.0
        while not (len(there) >= least and there <= self._answers.keys()):
            self._watch.check()
            if time.monotonic() - asked > ROLL_S / 4:
                there, asked = self._wait(self._link.workers()), time.monotonic()
            try:
                event = self._link.events.get(timeout=TICK_S)
            except queue.Empty:
                event = None
            if event is not None and not isinstance(event, Finished):
                self._heed(event)
            if not there and self._address.kind in QUEUES:  # it has them wait, and says so itself
                begun = time.monotonic()
            if time.monotonic() - begun < JOIN_S:
                continue
            if self._answers:  # the others may come later
                return
            raise ClusterError(
                f"No worker of '{self._address.url or self._address.kind}' answered within {JOIN_S:.0f} s: start "
                "workers, and see that they can import uhrs_qgis_plugin."
            )

    def _heed(self, event: Joined | Gone) -> None:
        """See to a worker that came or went."""
        if isinstance(event, Joined):
            if event.answer["worker"] in self._answers:  # heard twice
                return
            self._answers[event.answer["worker"]] = event.answer
            if self.facts:
                self._admit(event.answer)
        elif event.worker in self._answers:
            if event.worker in self._at_work:
                self._tell(f"Worker {self._name(event.worker)} has ended: its tasks go to others.", is_warning=False)
                self._at_work.discard(event.worker)
            del self._answers[event.worker]
            if not self._at_work:
                self._alone_since = time.monotonic()

    def _admit(self, answer: Mapping[str, Any]) -> None:
        """Let a worker work, or say why it may not."""
        worker, why = answer["worker"], self._objection(answer)
        if why:
            line = f"Worker {self._name(worker)} is not used: {why}."
            if line not in self._told:
                self._tell(line)
            self._told.add(line)
            return
        self._wait(self._link.permit([worker], AT_A_TIME))
        self.came_back |= not self._at_work
        self._at_work.add(worker)
        self.devices[answer["device"]] += 1
        for text in answer["messages"]:
            if text not in self.messages:
                self.messages.append(text)
                self._tell(text, is_warning=False)

    def _objection(self, answer: Mapping[str, Any]) -> str:
        """Why a worker may not work; "" where it may."""
        if "refused" in answer:
            return str(answer["refused"]).rstrip(".")
        differing = difference(self.facts, answer["facts"])
        if differing:
            return f"it has {differing}: install the same everywhere"
        deadline = time.monotonic() + WRITE_S
        while not self._meeting.has_answered(answer["file"]):
            if time.monotonic() > deadline:
                return (
                    f"what it writes into '{self._meeting.folder.parent}' does not arrive here: results must go to a "
                    "file system that all workers share, under the same path"
                )
            self._watch.check()
            time.sleep(TICK_S)
        return ""

    def _reconnect(self) -> None:
        """Wait for the scheduler to come back.

        Raises:
            ClusterError: It does not.
        """
        self._tell("The scheduler does not answer any more: start it and its workers again.")
        deadline = time.monotonic() + RETURN_S
        self._link.close(farewell=False)
        while True:
            self._watch.check()
            try:
                self._link = self._wait(soon(lambda: Link(self._cluster, self._membership)))
                break
            except ClusterError as error:
                if time.monotonic() > deadline:
                    raise ClusterError(f"{error} With --resume the same command goes on from here.") from error
        self._answers, self._at_work, self._alone_since = {}, set(), time.monotonic()
        self.came_back = True

    def _wait(self, answer: Future[T]) -> T:
        """Wait for an answer of Dask's, and stop when the caller cancels."""
        return wait_for(answer, self._watch)

    def _name(self, worker: str) -> str:
        return f"{self._answers.get(worker, {}).get('name', '')} ({worker})".strip()

    def _tell(self, text: str, is_warning: bool = True) -> None:
        self._watch.notify(Message(text, is_warning))
