"""Whole runs from the command line, on real processes: kills, cancels, and going on with the other kind of run."""

import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.engine.cluster import queue_programs
from tests.engine.conftest import rasters_in
from tests.engine.tiny_bundle import write_tiny_bundle

psutil = pytest.importorskip("psutil")  # comes with dask[distributed], an extra
pytest.importorskip("distributed")

ROOT = Path(__file__).resolve().parents[4]
COMPLETE = ["classes.tif", "classes.tif.aux.xml", "report.json", "uncertainty.tif"]


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Begin a run whose outputs go to a folder."""
    given = tmp_path_factory.mktemp("given")
    raster, model = rasters_in(given)(width=900, height=700), given / "tiny.uhrs"
    write_tiny_bundle(model)
    command = ["segment", raster, "--model", str(model)]
    command += ["--block-side", "128", "--scene-side", "256", "--scene-overlap", "64", "--device", "cpu", "--quiet"]

    def begin(folder, *more, program=("-m", "uhrs_qgis_plugin.engine")):
        folder.mkdir(exist_ok=True)
        names = ["--classes", folder / "classes.tif", "--uncertainty", folder / "uncertainty.tif"]
        names += ["--report", folder / "report.json", *more]
        words = [sys.executable, *program, *command, *map(str, names)]
        return subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True)

    return begin


@pytest.fixture(scope="module")
def expected(start, tmp_path_factory):
    """What one process writes."""
    whole = tmp_path_factory.mktemp("whole")
    assert start(whole).wait() == 0
    return bytes_of(whole)


def bytes_of(folder):
    """All that a run leaves, but for the report, which tells how long it took."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "report.json"}


def ended_well(process):
    _, errors = process.communicate()
    return process.returncode == 0, errors


def wait_for(folder, pattern, process):
    """Wait until a run has written something."""
    while process.poll() is None and not list(folder.rglob(pattern)):
        time.sleep(0.002)
    assert process.poll() is None, process.communicate()[1]


def workers_of(process):
    """The processes that compute for a run."""
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if any("spawn_main" in word for word in child.cmdline())]


def test_workers_write_what_one_process_writes(start, expected, tmp_path):
    process = start(tmp_path / "out", "--cluster", "local:2")
    assert ended_well(process) == (True, "")
    assert bytes_of(tmp_path / "out") == expected
    assert sorted(os.listdir(tmp_path / "out")) == COMPLETE
    assert json.loads((tmp_path / "out" / "report.json").read_text())["workers"]["devices"] == {"cpu": 2}


# Between the first output that is finished and the last, for long enough that the kill comes before the end.
LINGERING = """
import time
from uhrs_qgis_plugin.engine.outputs.publish import Publication
check = Publication._check
Publication._check = lambda *arguments: (check(*arguments), time.sleep(2))
from uhrs_qgis_plugin.engine.__main__ import run
run()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("first", "then"), [(["--cluster", "local:2"], []), ([], ["--cluster", "local:2"])])
@pytest.mark.parametrize("moment", ["scene-000004-valid.npy", "block-000007.json", ".classes.*.done.tif"])
def test_a_killed_run_goes_on_as_the_other_kind(start, expected, tmp_path, first, then, moment):
    out = tmp_path / "out"
    process = start(out, "--resume", *first, program=["-c", LINGERING])
    wait_for(out, moment, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    pieces = {path.name: path.stat().st_mtime_ns for path in out.rglob("block-*.json")}
    done = start(out, "--resume", *then)
    while done.poll() is None and (folder := next(out.glob(".*.uhrs-run"), None)):
        now = {path.name: path.stat().st_mtime_ns for path in folder.glob("block-*.json")}
        assert not now or all(now.get(name, time) == time for name, time in pieces.items())  # not done again
        time.sleep(0.05)
    assert ended_well(done)[0]
    assert bytes_of(out) == expected
    assert sorted(os.listdir(out)) == COMPLETE


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_killed_workers_change_nothing(start, expected, tmp_path, seed):
    rng, out = np.random.default_rng(seed), tmp_path / "out"
    process = start(out, "--cluster", "local:2")
    wait_for(out, "scene-*-valid.npy", process)
    for _ in range(3):
        there = workers_of(process)
        if there:
            there[rng.integers(len(there))].kill()
        time.sleep(rng.uniform(0.0, 1.5))
    done, errors = ended_well(process)
    assert done, errors
    assert bytes_of(out) == expected
    assert sorted(os.listdir(out)) == COMPLETE


@pytest.mark.slow
def test_a_cancel_leaves_nothing_and_nobody(start, tmp_path):
    out = tmp_path / "out"
    process = start(out, "--cluster", "local:2")
    wait_for(out, "scene-*-valid.npy", process)
    workers = workers_of(process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert errors == "interrupted: nothing was written\n"
    assert os.listdir(out) == []
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert alive == []


class Scheduler:
    """Dask's scheduler on a port of its own, and two workers, which end when they lose it; each is a process."""

    def __init__(self):
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self._port = str(found.getsockname()[1])
        self.address = f"tcp://127.0.0.1:{self._port}"
        self._workers = []
        self.start()

    def start(self):
        self._process = self._run(
            "scheduler", "--host", "127.0.0.1", "--port", self._port, "--no-dashboard", "--no-show"
        )
        while not self._answers():
            assert self._process.poll() is None
            time.sleep(0.02)
        words = (self.address, "--nthreads", "2", "--no-dashboard", "--no-nanny", "--host", "127.0.0.1")
        self._workers += [self._run("worker", *words) for _ in range(2)]

    def kill(self):
        self._process.kill()
        self._process.wait()

    def end(self):
        for process in (self._process, *self._workers):
            process.kill()
            process.wait()

    def _answers(self):
        with socket.socket() as asked:
            return asked.connect_ex(("127.0.0.1", int(self._port))) == 0

    @staticmethod
    def _run(*words):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
        return subprocess.Popen([sys.executable, "-m", "dask", *words], **quiet)


@pytest.fixture
def scheduler():
    made = Scheduler()
    yield made
    made.end()


@pytest.mark.slow
def test_a_scheduler_that_was_killed_and_comes_back_changes_nothing(start, expected, scheduler, tmp_path):
    out = tmp_path / "out"
    process = start(out, "--cluster", scheduler.address)
    wait_for(out, "block-000003.json", process)
    scheduler.kill()
    time.sleep(0.5)
    scheduler.start()
    done, errors = ended_well(process)
    assert done, errors
    assert errors == "warning: The scheduler does not answer any more: start it and its workers again.\n"
    assert bytes_of(out) == expected
    assert sorted(os.listdir(out)) == COMPLETE


IMPATIENT = """
from uhrs_qgis_plugin.engine.cluster import crew, start
from uhrs_qgis_plugin.engine.__main__ import run
crew.RETURN_S, start.CONNECT_S = 0.5, 1.0
run()
"""


@pytest.mark.slow
def test_a_scheduler_that_stays_away_is_a_line_and_resume_goes_on(start, expected, scheduler, tmp_path):
    out = tmp_path / "out"
    process = start(out, "--resume", "--cluster", scheduler.address, program=["-c", IMPATIENT])
    wait_for(out, "block-000003.json", process)
    scheduler.kill()
    done, errors = ended_well(process)
    assert not done
    assert process.returncode == 2
    assert [line.partition(" ")[0] for line in errors.splitlines()] == ["warning:", "error:"]
    assert re.search(r"error: The scheduler at '.*' does not answer .* With --resume the same command goes on", errors)
    assert [path.name for path in out.iterdir() if not path.name.startswith(".")] == []
    pieces = {path.name: path.read_bytes() for path in out.rglob("block-*.json")}
    assert "block-000003.json" in pieces
    again = start(out, "--resume")
    wait_for(out, "block-*.json", again)
    assert pieces.items() <= {path.name: path.read_bytes() for path in out.rglob("block-*.json")}.items()
    assert ended_well(again) == (True, "")
    assert bytes_of(out) == expected
    assert sorted(os.listdir(out)) == COMPLETE


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """A Slurm whose jobs are processes here; their folder."""
    if importlib.util.find_spec("dask_jobqueue") is None:
        pytest.skip("dask-jobqueue is not installed")
    folder = queue_programs.install(tmp_path / "programs")
    monkeypatch.setenv("PATH", f"{folder.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("DASK_CONFIG", str(folder))
    for name, value in {"CORES": "2", "MEMORY": "4GB", "LOG_DIRECTORY": str(folder)}.items():
        monkeypatch.setenv(f"DASK_JOBQUEUE__SLURM__{name}", value)
    yield folder
    queue_programs.end_all(folder)


@pytest.mark.slow
def test_jobs_of_a_queue_write_what_one_process_writes(start, expected, jobs, tmp_path):
    process = start(tmp_path / "out", "--cluster", "slurm:2")
    assert ended_well(process) == (True, "")
    assert bytes_of(tmp_path / "out") == expected
    assert sorted(os.listdir(tmp_path / "out")) == COMPLETE
    assert not queue_programs.running(jobs)


@pytest.mark.slow
def test_ctrl_c_takes_jobs_back_and_is_no_success(start, jobs, tmp_path):
    process = start(tmp_path / "out", "--cluster", "slurm:1")
    wait_for(tmp_path / "out", "scene-*-valid.npy", process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (130, "interrupted: nothing was written\n")
    assert os.listdir(tmp_path / "out") == []
    assert not queue_programs.running(jobs)


@pytest.mark.slow
def test_a_worker_that_dies_while_strips_are_made_changes_nothing(start, expected, tmp_path):
    out = tmp_path / "out"
    process = start(out, "--cluster", "local:2")
    wait_for(out, "places-*.npy", process)
    workers_of(process)[0].kill()
    done, errors = ended_well(process)
    assert done, errors
    assert bytes_of(out) == expected
    assert sorted(os.listdir(out)) == COMPLETE
