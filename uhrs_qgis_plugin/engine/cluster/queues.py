"""Workers as jobs of a queue: asked for, looked after, and asked for again when they end before the run does.

What a job takes stands in the configuration of dask-jobqueue, or of dask-kubernetes, as for any other use of theirs.
"""

from __future__ import annotations

import contextlib
import importlib
import math
import os
import re
import shlex
import signal
import subprocess  # nosec B404: the queue's own commands, without a shell
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dask
from distributed import SchedulerPlugin

from uhrs_qgis_plugin.engine.cluster.address import ClusterAddress
from uhrs_qgis_plugin.engine.cluster.waiting import soon, wait_for
from uhrs_qgis_plugin.engine.errors import CancelledError, ClusterError, one_line
from uhrs_qgis_plugin.engine.flow import Message, Watch

LOOK_S = 15.0  # between looks at the jobs: one for a queue of thousands of users
CLOSE_S = 20.0  # for taking jobs back
COMMAND_S = 60.0  # for a look; queues answer late when they are busy
ENDED = ("C", "F")  # what PBS calls jobs that it remembers, but that have ended


@dataclass(frozen=True)
class _Kind:
    """A kind of queue: the class of Dask's for it, where its settings stand, and how its jobs are looked at."""

    module: str
    name: str
    package: str
    settings: str
    look: str

    @property
    def option(self) -> str:
        """What `--cluster` calls it."""
        return self.settings.rpartition(".")[2]

    @property
    def file(self) -> str:
        """The file that holds its settings."""
        return os.path.join(dask.config.PATH, f"{self.settings.partition('.')[0]}.yaml")


KINDS = {
    "slurm": _Kind("dask_jobqueue", "SLURMCluster", "dask-jobqueue", "jobqueue.slurm", "squeue --me"),
    "pbs": _Kind("dask_jobqueue", "PBSCluster", "dask-jobqueue", "jobqueue.pbs", "qstat"),
    "kubernetes": _Kind("dask_kubernetes.operator", "KubeCluster", "dask-kubernetes", "kubernetes", "kubectl get pods"),
}


@contextlib.contextmanager
def start_queue(
    address: ClusterAddress, scheduler_options: dict[str, Any], watch: Watch
) -> Iterator[tuple[Any, Watch]]:
    """Ask a queue for workers.

    Args:
        address: Which queue, and how many workers.
        scheduler_options: Of Dask's scheduler, where it runs in this process; those of the configuration hold.
        watch: Stops what waits; is told what the queue says.

    Yields:
        Dask's cluster, and a watch that also ends the run when no job of the queue becomes a worker.

    Raises:
        ClusterError: The package or the queue's command is missing, something is not set up, or the queue refuses.
        CancelledError: The caller cancelled.
    """
    kind = KINDS[address.kind]
    made = _class_of(kind)
    options = {"quiet": True} if address.kind == "kubernetes" else _job_options(kind, scheduler_options)
    with _made(kind, lambda: made(**options), watch) as cluster:
        if address.kind == "kubernetes":
            _ask(kind, lambda: cluster.scale(address.workers), watch)
            watch.notify(Message(f"Waiting for the pods of '{cluster.name}' ({kind.look})."))
            yield cluster, watch
        else:
            with _Jobs(kind, cluster, math.ceil(address.workers / options["processes"]), watch) as jobs:
                yield cluster, replace(watch, is_cancelled=jobs.is_cancelled)


def _class_of(kind: _Kind) -> Callable[..., Any]:
    """Import Dask's class for a queue.

    Raises:
        ClusterError: Its package is missing.
    """
    heard = signal.getsignal(signal.SIGINT)
    try:
        return getattr(importlib.import_module(kind.module), kind.name)
    except ImportError as error:
        raise ClusterError(
            f"--cluster {kind.option} needs the package {kind.package} ({one_line(error)}): "
            f"run `python -m pip install {kind.package}` in the Python that runs this."
        ) from error
    except ValueError as error:
        raise ClusterError(
            f"{kind.package} cannot be imported here ({one_line(error)}): import {kind.module} in the main thread "
            "first."
        ) from error
    finally:
        # dask-jobqueue 0.9 has Ctrl-C end the process as if all were well, from its import on.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, heard)


def _job_options(kind: _Kind, scheduler_options: dict[str, Any]) -> dict[str, Any]:
    """What is said in place of dask-jobqueue's own defaults; its configuration holds.

    A job is one worker, for a model uses all cores that it gets; and it finds the code that runs here, where that lies
    on a file system that it shares.

    Raises:
        ClusterError: It is not known what a job takes.
    """

    def setting(name: str) -> Any:  # noqa: ANN401
        return dask.config.get(f"{kind.settings}.{name}", None)

    for name, example in (("cores", "8"), ("memory", "16GB")):
        if setting(name) is None:
            variable = f"DASK_{kind.settings}.{name}".replace(".", "__").upper()
            raise ClusterError(
                f"{kind.settings}.{name} is not set: say what a job takes, such as {example}, in '{kind.file}' or by "
                f"{variable}={example}; see the documentation of {kind.package}."
            )
    root = shlex.quote(str(Path(__file__).resolve().parents[3]))
    prologue = setting("job-script-prologue") or setting("env-extra") or ()
    return {
        "processes": setting("processes") or 1,
        "job_script_prologue": [*prologue, f'export PYTHONPATH={root}"${{PYTHONPATH:+:$PYTHONPATH}}"'],
        "scheduler_options": {**scheduler_options, **(setting("scheduler-options") or {})},
    }


@contextlib.contextmanager
def _made(kind: _Kind, make: Callable[[], Any], watch: Watch) -> Iterator[Any]:
    """Make Dask's cluster, and close it whatever happens.

    Raises:
        ClusterError: It cannot be made.
    """
    making = soon(make)
    try:
        cluster = _ask(kind, making.result, watch)
        yield cluster
    finally:
        with contextlib.suppress(BaseException):  # whatever Dask says now, the run is over
            making.result(CLOSE_S).close(timeout=CLOSE_S)


def _ask(kind: _Kind, call: Callable[[], Any], watch: Watch) -> Any:  # noqa: ANN401
    """Call something of Dask's that asks a queue.

    Raises:
        ClusterError: The queue or its configuration is not as it should be.
    """
    try:
        return wait_for(soon(call), watch)
    except CancelledError:
        raise
    except FileNotFoundError as error:
        raise ClusterError(
            f"The command {error.filename or kind.look} is not found: run this where jobs can be handed in, such as on "
            "the login node of the cluster."
        ) from error
    except Exception as error:  # of a configuration, of a queue's commands, of a server: they share no base class
        raise ClusterError(
            f"{kind.name} cannot be started ({_said(error)}): see what '{kind.file}' says, and the documentation of "
            f"{kind.package}."
        ) from error


def _said(error: BaseException) -> str:
    """What a queue's command said, of all that Dask says about its failure."""
    found = re.search(r"^stderr:\s*(\S[^\n]*)", str(error), re.MULTILINE)
    return one_line(found.group(1).strip() if found else error)


class _Arrivals(SchedulerPlugin):
    """Knows whether a worker ever came, for one may come and end between two looks."""

    name = "uhrs-arrivals"

    def __init__(self) -> None:
        self.any = False

    def add_worker(self, scheduler: object, worker: str) -> None:
        """Called by Dask."""
        self.any = True


class _Jobs:
    """The jobs of a run, a context manager.

    A thread looks at them now and then: those that ended, as when their time was up, are asked for again, once it is
    clear that jobs become workers at all.
    """

    def __init__(self, kind: _Kind, cluster: Any, jobs: int, watch: Watch) -> None:  # noqa: ANN401
        self._kind, self._cluster, self._count, self._watch = kind, cluster, jobs, watch
        self._arrivals, self._waiting = _Arrivals(), ""
        self._failure: ClusterError | None = None
        self._is_over = threading.Event()
        self._looks = threading.Thread(target=self._look_on, name="uhrs-queue", daemon=True)

    def __enter__(self) -> _Jobs:
        """Hand in the jobs.

        Raises:
            ClusterError: The queue takes none.
        """
        while len(self._cluster.worker_spec) < self._count:
            self._cluster.worker_spec.update(self._cluster.new_worker_spec())
        self._cluster.scheduler.add_plugin(self._arrivals)
        try:
            _ask(self._kind, lambda: self._cluster.sync(self._open), self._watch)
        except ClusterError as error:
            taken = len(self._ids())
            if not taken:
                raise
            self._tell(f"The queue took {taken} of {self._count} jobs. {error}", is_warning=True)
        self._looks.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Look no more; closing the cluster takes the jobs back."""
        self._is_over.set()

    def is_cancelled(self) -> bool:
        """See `Watch.is_cancelled`.

        Raises:
            ClusterError: No job becomes a worker.
        """
        if self._failure is not None and not self._is_over.is_set():
            raise self._failure
        return self._watch.is_cancelled()

    async def _open(self) -> None:
        """Hand in the jobs that are wanted and not there."""
        await self._cluster

    def _ids(self) -> dict[str, str]:
        """Jobs that were handed in: name of the worker -> number."""
        return {name: job.job_id for name, job in dict(self._cluster.workers).items() if job.job_id}

    def _look_on(self) -> None:
        """Look at the jobs now and then."""
        while not self._is_over.wait(LOOK_S):
            with contextlib.suppress(OSError, subprocess.SubprocessError, RuntimeError):  # looked at again later
                self._look()

    def _look(self) -> None:
        """See to jobs that ended."""
        jobs = self._ids()
        states = look_at_jobs(self._kind.settings, list(jobs.values()))
        if states is None:
            return
        workers = [str(worker.name) for worker in dict(self._cluster.scheduler.workers).values()]
        here = {name for name in jobs if any(who == name or who.startswith(f"{name}-") for who in workers)}
        gone = [name for name, number in jobs.items() if number not in states and name not in here]
        if not self._arrivals.any:
            self._say_what_waits(states, [jobs[name] for name in gone])
            return
        self._cluster.sync(self._replace, gone)

    async def _replace(self, gone: Sequence[str]) -> None:
        """Hand in jobs again that ended."""
        for name in gone:
            self._cluster.workers.pop(name, None)
        await self._open()

    def _say_what_waits(self, states: dict[str, str], gone: Sequence[str]) -> None:
        """Before the first worker came: tell what the queue says, and end the run when no job is left."""
        if not states:
            folder = dask.config.get(f"{self._kind.settings}.log-directory", None) or os.getcwd()
            self._failure = ClusterError(
                f"All jobs of the queue ended ({', '.join(gone[:3])}{', ...' if len(gone) > 3 else ''}) before one "
                f"became a worker: look at what they printed, in '{folder}'; a worker needs the same Python and "
                "packages as this process, and a way to its ports."
            )
            return
        waiting = ", ".join(sorted(set(states.values())))
        if waiting != self._waiting:
            self._waiting = waiting
            self._tell(f"Waiting for the first of {len(states)} jobs; the queue says {waiting}: `{self._kind.look}`.")

    def _tell(self, text: str, is_warning: bool = False) -> None:
        self._watch.notify(Message(text, is_warning))


def look_at_jobs(settings: str, numbers: Sequence[str]) -> dict[str, str] | None:
    """Ask a queue for jobs.

    Args:
        settings: Which queue: "jobqueue.slurm" or "jobqueue.pbs".
        numbers: Of the jobs.

    Returns:
        Number -> state and reason in the queue's words, of those that wait or run; None where it does not answer.

    Raises:
        OSError, subprocess.SubprocessError: It cannot be asked.
    """
    if not numbers:
        return {}
    is_slurm = settings.endswith("slurm")
    words = ["squeue", "--noheader", "--format=%i %T %r", f"--jobs={','.join(numbers)}"]
    command = words if is_slurm else ["qstat", *numbers]
    done = subprocess.run(  # nosec B603: a fixed command, and numbers of jobs
        command, capture_output=True, text=True, check=False, timeout=COMMAND_S, stdin=subprocess.DEVNULL
    )
    is_unknown = re.search(r"invalid job id|unknown job|has finished", done.stderr, re.IGNORECASE)
    if done.returncode != 0 and not is_unknown:
        return None
    return _slurm_states(done.stdout) if is_slurm else _pbs_states(done.stdout, numbers)


def _slurm_states(text: str) -> dict[str, str]:
    """Read squeue's lines: number, state, reason."""
    states = {}
    for line in text.splitlines():
        number, _, rest = line.strip().partition(" ")
        state, _, reason = rest.partition(" ")
        states[number] = state if reason in ("", "None") else f"{state} ({reason})"
    return states


def _pbs_states(text: str, numbers: Sequence[str]) -> dict[str, str]:
    """Read qstat's table: number.server, name, user, time, state, queue."""
    states = {}
    for line in text.splitlines():
        words = line.split()
        number = re.match(r"\d+", words[0]) if len(words) >= 6 else None
        if number is not None and number.group() in numbers and words[-2] not in ENDED:
            states[number.group()] = f"state {words[-2]}"
    return states
