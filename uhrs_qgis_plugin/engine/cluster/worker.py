"""The worker's half: it opens its workplace when it joins a run, says what it has, and does tasks.

Dask brings the plugin to every worker that is there, and to those that come later.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import socket
import threading
import time
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from uhrs_qgis_plugin.engine.cluster.contract import Meeting, Opening, Workplace
from uhrs_qgis_plugin.engine.errors import CancelledError, UhrsError, one_line

LOOK_S = 0.5  # between looks at whether the run still wants work
PATIENCE_S = 10.0  # until what another computer wrote must be visible here
AT_A_TIME = 2  # tasks of a worker: one reads while the other computes
_open: dict[str, Membership] = {}  # of this process, by run


class Membership(WorkerPlugin):
    """What a worker knows of a run."""

    def __init__(self, meeting: Meeting, opening: Opening, cores: int | None, is_ours: bool) -> None:
        """Describe the run.

        Args:
            meeting: Where client and workers meet.
            opening: Opens the workplace.
            cores: That a worker may use; None = as many as it has threads.
            is_ours: Whether the worker is a process of the client's: it leaves Ctrl-C to the client.
        """
        self.name = run_name(meeting)
        self._meeting, self._opening, self._cores, self._is_ours = meeting, opening, cores, is_ours
        self._place: Workplace | None = None
        self._looked, self._is_over = 0.0, False

    async def setup(self, worker: Worker) -> None:
        """Join the run: open what it needs, and say what there is. The client decides."""
        if self._is_ours and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(None, self._join, worker)
        worker.log_event(self.name, answer)

    async def teardown(self, worker: Worker) -> None:
        """Leave the run."""
        self._is_over = True
        await worker.set_resources(**{self.name: 0})
        await asyncio.get_running_loop().run_in_executor(None, self.leave)

    def leave(self) -> None:
        """Close the workplace."""
        _open.pop(self.name, None)
        place, self._place = self._place, None
        if place is not None:
            place.close()

    def is_over(self) -> bool:
        """Whether the run wants no more work."""
        if not self._meeting.stands():
            self._is_over = True
        return self._is_over

    def check(self) -> None:
        """Stop here when the run has ended.

        Raises:
            CancelledError: It has.
        """
        now = time.monotonic()
        if now - self._looked >= LOOK_S and not self._is_over:
            self._looked = now
            self.is_over()
        if self._is_over:
            raise CancelledError

    def do(self, kind: str, content: Any) -> dict[str, Any]:  # noqa: ANN401
        """Do a task.

        Returns:
            "worker", and "result" and "seconds", or "error", a line, and "kind", the name of its class.
        """
        begun = time.perf_counter()
        worker = get_worker()
        try:
            if self._place is None:
                raise CancelledError
            self.check()
            result = self._place.do(kind, content)
        except CancelledError:
            return {"worker": worker.address, "error": "It was told to stop.", "kind": "ClusterError"}
        except UhrsError as error:
            return {"worker": worker.address, "error": str(error), "kind": type(error).__name__}
        return {"worker": worker.address, "result": result, "seconds": time.perf_counter() - begun}

    def _join(self, worker: Worker) -> dict[str, Any]:
        """Open the workplace; the answer to the client."""
        for other in list(_open.values()):
            if other.is_over():
                other.leave()
        name = re.sub(r"\W+", "-", worker.address)
        answer = {"worker": worker.address, "name": f"{worker.name} on {socket.gethostname()}", "file": name}
        try:
            self._meet(name)
            self._place = self._opening(self._cores or worker.state.nthreads, self.check)
        except CancelledError:
            return {**answer, "refused": "it was told to stop"}
        except UhrsError as error:
            return {**answer, "refused": str(error)}
        except Exception as error:  # a broken installation: the client must hear of it
            return {**answer, "refused": f"it fails with {type(error).__name__}: {one_line(error)}"}
        _open[self.name] = self
        return {
            **answer,
            "facts": dict(self._place.facts),
            "device": self._place.device,
            "messages": list(self._place.messages),
        }

    def _meet(self, name: str) -> None:
        """Find the client in the shared folder.

        Raises:
            UhrsError: It is not shared.
        """
        deadline = time.monotonic() + PATIENCE_S
        while not self._meeting.stands():
            if time.monotonic() > deadline:
                raise UhrsError(
                    f"its '{self._meeting.folder.parent}' is not the folder that the client writes to: results must go "
                    "to a file system that all workers share, under the same path"
                )
            with contextlib.suppress(OSError):  # a look at the folder refreshes what a network file system remembers
                list(self._meeting.folder.parent.iterdir())
            time.sleep(LOOK_S)
        self._meeting.answer(name)


def run_name(meeting: Meeting) -> str:
    """Name of a run in Dask: of its plugin, its events, and the permission to do its tasks."""
    return f"uhrs-{meeting.token}"


def work(run: str, kind: str, content: Any) -> dict[str, Any]:  # noqa: ANN401
    """Do a task in this worker; see `Membership.do`."""
    member: Membership = get_worker().plugins[run]
    return member.do(kind, content)


async def permit(run: str, tasks: int, dask_worker: Worker) -> None:
    """Let this worker do so many tasks of a run at a time."""
    await dask_worker.set_resources(**{run: tasks})
