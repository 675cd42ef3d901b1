"""Jobs of Slurm and PBS as workers, with dask-jobqueue as it is, and programs that run jobs as processes here."""

import contextlib
import importlib
import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest

from tests.engine.cluster import queue_programs
from tests.engine.cluster.toys import FACTS, Toy
from uhrs_qgis_plugin.engine.cluster import Meeting, Task, gather_crew, hand_out, parse_address
from uhrs_qgis_plugin.engine.errors import CancelledError, ClusterError
from uhrs_qgis_plugin.engine.flow import Watch

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")
if importlib.util.find_spec("dask_jobqueue") is None:
    pytest.skip("dask-jobqueue is not installed", allow_module_level=True)

queues = importlib.import_module("uhrs_qgis_plugin.engine.cluster.queues")

ROOT = Path(__file__).resolve().parents[3]
TASKS = 20
EXPECTED = {number: number**2 for number in range(TASKS)}
QUEUES = ("slurm", "pbs")
QUIET = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    folder = queue_programs.install(tmp_path / "programs")
    monkeypatch.setenv("PATH", f"{folder.parent}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(queues, "LOOK_S", 0.3)
    with mock.patch.object(dask.config, "ensure_file"):  # which writes into the home folder
        queues._class_of(queues.KINDS["slurm"])
    takes = {"cores": 2, "memory": "4GB", "death-timeout": 120, "scheduler-options": {"host": "127.0.0.1"}}
    with dask.config.set({f"jobqueue.{kind}.{name}": value for kind in QUEUES for name, value in takes.items()}):
        yield folder
    queue_programs.end_all(folder)


@contextlib.contextmanager
def gathered(work, address, **watch):
    lines = []
    watch = Watch(notify=lambda event: lines.append(event.text), **watch)
    meeting = Meeting(work.parent / "meeting")
    with meeting, gather_crew(parse_address(address), meeting, Toy(str(work)), None, (), watch) as made:
        made.meet(FACTS, ["device"])
        yield made, lines


def squares(made, kind="square"):
    return {done.task.number: done.result for done in hand_out(made, kind, (Task(n, n) for n in range(TASKS)))}


def wait_until(is_so, seconds=120.0):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("queue", QUEUES)
def test_each_job_is_a_worker_and_none_outlives_the_run(work, jobs, queue):
    with gathered(work, f"{queue}:2") as (made, _):
        assert squares(made) == EXPECTED
        wait_until(lambda: squares(made) and len(made) == 2)
        assert len(queue_programs.running(jobs)) == 2
    wait_until(lambda: not queue_programs.running(jobs))
    assert not list(jobs.parent.glob("uhrs*"))


@pytest.mark.slow
def test_a_job_that_was_cancelled_is_asked_for_again(work, jobs):
    with gathered(work, "slurm:1") as (made, lines):
        assert squares(made) == EXPECTED
        (first,) = queue_programs.numbers(jobs)
        os.killpg(first, signal.SIGKILL)
        assert squares(made, "again") == EXPECTED
        assert len(queue_programs.numbers(jobs)) == 2
    assert any("has ended" in line for line in lines)


@pytest.mark.slow
def test_a_worker_that_comes_and_ends_between_two_looks_has_been_there(work, jobs, monkeypatch):
    looks, look = [], queues._Jobs._look
    monkeypatch.setattr(queues._Jobs, "_look", lambda self: look(self) if looks else None)
    with gathered(work, "slurm:1") as (made, _):
        (first,) = queue_programs.numbers(jobs)
        os.killpg(first, signal.SIGKILL)
        wait_until(lambda: not made._link.workers().result())
        looks.append("now")
        assert squares(made) == EXPECTED


@pytest.mark.slow
def test_a_queue_that_takes_fewer_jobs_is_told_and_used(work, jobs):
    (jobs / "refuse-later").touch()
    with gathered(work, "slurm:3") as (made, lines):
        assert squares(made) == EXPECTED
    assert any(line.startswith("The queue took ") and "Invalid account" in line for line in lines)


@pytest.mark.parametrize("queue", QUEUES)
def test_jobs_that_end_at_once_end_the_run_with_a_line(work, jobs, queue):
    (jobs / "end").touch()
    message = r"^All jobs of the queue ended \(\d+, \d+\) before one became a worker: look at .*packages"
    with pytest.raises(ClusterError, match=message), gathered(work, f"{queue}:2"):
        pass


@pytest.mark.parametrize(("queue", "said"), [("slurm", "PENDING (Resources)"), ("pbs", "state Q")])
def test_a_queue_that_starts_nothing_is_told_and_a_cancel_takes_the_jobs_back(work, jobs, queue, said):
    (jobs / "wait").touch()
    lines = []
    meeting = Meeting(work.parent / "meeting")
    watch = Watch(is_cancelled=lambda: bool(lines), notify=lambda event: lines.append(event.text))
    address = parse_address(f"{queue}:2")
    with (
        pytest.raises(CancelledError),
        meeting,
        gather_crew(address, meeting, Toy(str(work)), None, (), watch) as made,
    ):
        made.meet(FACTS, ["device"])
    assert lines == [f"Waiting for the first of 2 jobs; the queue says {said}: `{queues.KINDS[queue].look}`."]
    assert len(queue_programs.numbers(jobs)) == 2
    wait_until(lambda: not queue_programs.running(jobs))


def refusal(address):
    """The line with which a queue cannot be used."""
    with pytest.raises(ClusterError) as caught, queues.start_queue(parse_address(address), QUIET, Watch()):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_job_that_the_queue_refuses_is_one_line_in_its_words(jobs):
    (jobs / "refuse").touch()
    line = refusal("slurm:2")
    assert "sbatch: error: Batch job submission failed: Invalid account" in line
    assert "jobqueue.yaml" in line


def test_where_no_jobs_can_be_handed_in_it_says_so(jobs, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert refusal("pbs:1").startswith("The command qsub is not found: run this where jobs can be handed in")


IMPORTED = """
import signal
from unittest import mock
import dask
from uhrs_qgis_plugin.engine.cluster import queues
signal.signal(signal.SIGINT, signal.default_int_handler)  # programs that run in the background ignore it
with mock.patch.object(dask.config, "ensure_file"):  # which writes into the home folder
    queues._class_of(queues.KINDS["slurm"])
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""


def test_ctrl_c_stays_ours_when_the_package_is_imported():
    subprocess.run([sys.executable, "-c", IMPORTED], cwd=ROOT, check=True)


def test_what_a_job_takes_must_be_set(jobs):
    with dask.config.set({"jobqueue.slurm.memory": None}):
        line = refusal("slurm:1")
    assert line.startswith("jobqueue.slurm.memory is not set: say what a job takes, such as 16GB, in ")
    assert "DASK_JOBQUEUE__SLURM__MEMORY=16GB" in line


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask_jobqueue", None)
    assert "python -m pip install dask-jobqueue" in refusal("slurm:1")
    monkeypatch.setitem(sys.modules, "dask_kubernetes.operator", None)
    assert "python -m pip install dask-kubernetes" in refusal("kubernetes:1")


def test_what_the_user_has_set_holds(jobs):
    with (
        dask.config.set({"jobqueue.slurm.processes": 2, "jobqueue.slurm.job-script-prologue": ["module load x"]}),
        mock.patch.object(queues, "_Jobs") as handed_in,
        queues.start_queue(parse_address("slurm:4"), QUIET, Watch()) as (cluster, _),
    ):
        script = cluster.job_script()
    assert handed_in.call_args.args[2] == 2  # four workers
    assert script.index("module load x") < script.index("export PYTHONPATH=") < script.index("dask_worker")
    assert "--nworkers 2" in script


def test_states_are_read_as_slurm_writes_them(monkeypatch):
    text = "9 RUNNING None\n10 PENDING Nodes required for job are DOWN, DRAINED or reserved\n"
    assert queues._slurm_states(text) == {
        "9": "RUNNING",
        "10": "PENDING (Nodes required for job are DOWN, DRAINED or reserved)",
    }


def test_states_are_read_as_pbs_writes_them():
    text = (
        "Job id            Name             User              Time Use S Queue\n"
        "----------------  ---------------- ----------------  -------- - -----\n"
        "12.server         dask-worker      me                00:00:01 R workq\n"
        "13.server         dask-worker      me                       0 Q workq\n"
        "14.server         dask-worker      me                00:00:01 C workq\n"
        "99.server         other            you               00:00:01 R workq\n"
    )
    assert queues._pbs_states(text, ["12", "13", "14"]) == {"12": "state R", "13": "state Q"}


@pytest.mark.parametrize(
    ("code", "error", "found"),
    [
        (1, "slurm_load_jobs error: Invalid job id specified", {}),
        (1, "slurm_load_jobs error: Unable to contact slurm controller", None),
    ],
)
def test_a_queue_that_does_not_answer_has_not_lost_the_jobs(tmp_path, monkeypatch, code, error, found):
    (tmp_path / "squeue").write_text(f"#!/bin/sh\necho '{error}' >&2; exit {code}\n")
    (tmp_path / "squeue").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert queues.look_at_jobs("jobqueue.slurm", ["7"]) == found


class KubeCluster(distributed.LocalCluster):
    """Takes what dask_kubernetes.operator.KubeCluster takes of ours; its pods are processes here."""

    asked = 0

    def __init__(self, *, name=None, quiet=False):
        super().__init__(n_workers=0, threads_per_worker=2, host="127.0.0.1", dashboard_address=":0", name=name)

    def scale(self, n, worker_group="default"):
        assert worker_group == "default"
        type(self).asked = n
        return super().scale(n)


@pytest.fixture
def kubernetes(monkeypatch):
    module = ModuleType("dask_kubernetes.operator")
    module.KubeCluster = KubeCluster
    monkeypatch.setitem(sys.modules, "dask_kubernetes", ModuleType("dask_kubernetes"))
    monkeypatch.setitem(sys.modules, "dask_kubernetes.operator", module)
    return module


@pytest.mark.slow
def test_pods_are_workers(work, kubernetes):
    with gathered(work, "kubernetes:2") as (made, lines):
        assert squares(made) == EXPECTED
        assert kubernetes.KubeCluster.asked == 2
    assert lines[0].startswith("Waiting for the pods of '")


def test_a_cluster_without_an_operator_is_one_line(kubernetes):
    def fail(**options):
        raise RuntimeError("Failed to create DaskCluster resource.\nAre the Definitions installed?")

    kubernetes.KubeCluster = fail
    line = refusal("kubernetes:2")
    assert line.startswith("KubeCluster cannot be started (Failed to create DaskCluster resource)")
    assert "kubernetes.yaml" in line
