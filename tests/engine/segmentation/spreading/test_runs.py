"""Whole runs from the command line, on real processes: kills, cancels, and going on with the other kind of run."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.engine.cluster import queue_programs
from tests.engine.tiny_bundle import write_tiny_bundle

psutil = pytest.importorskip("psutil")  # comes with dask[distributed], an extra
pytest.importorskip("distributed")

ROOT = Path(__file__).resolve().parents[4]
COMPLETE = ["classes.tif", "classes.tif.aux.xml", "report.json", "uncertainty.tif"]


@pytest.fixture
def start(make_raster, tmp_path):
    """Begin a run whose outputs go to a folder."""
    raster, model = make_raster(width=900, height=700), tmp_path / "tiny.uhrs"
    write_tiny_bundle(model)
    command = [sys.executable, "-m", "uhrs_qgis_plugin.engine", "segment", raster, "--model", str(model)]
    command += ["--block-side", "128", "--scene-side", "256", "--scene-overlap", "64", "--device", "cpu", "--quiet"]

    def begin(folder, *more):
        folder.mkdir(exist_ok=True)
        names = ["--classes", folder / "classes.tif", "--uncertainty", folder / "uncertainty.tif"]
        names += ["--report", folder / "report.json", *more]
        return subprocess.Popen([*command, *map(str, names)], cwd=ROOT, stderr=subprocess.PIPE, text=True)

    return begin


@pytest.fixture
def expected(start, tmp_path):
    """What one process writes."""
    assert start(tmp_path / "whole").wait() == 0
    return bytes_of(tmp_path / "whole")


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


@pytest.mark.slow
@pytest.mark.parametrize(("first", "then"), [(["--cluster", "local:2"], []), ([], ["--cluster", "local:2"])])
@pytest.mark.parametrize("moment", ["scene-000004-valid.npy", "block-000007.json", ".classes.*.done.tif"])
def test_a_killed_run_goes_on_as_the_other_kind(start, expected, tmp_path, first, then, moment):
    out = tmp_path / "out"
    process = start(out, "--resume", *first)
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
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert alive == []


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
