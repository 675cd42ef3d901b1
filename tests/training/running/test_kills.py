"""A training that is killed loses at most what came after its last checkpoint, which is one interval."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.training.tiny_runs import configuration, state, write_folder
from training.weights.checkpoint import load_trained

ROOT = Path(__file__).resolve().parents[3]
STEPS = 4  # an epoch, after which a checkpoint is written
pytestmark = pytest.mark.slow


def steps_of(file):
    return int(file.read_text()) if file.exists() else 0


def started(config, count, *more):
    callback = f"{{class_path: tests.training.running.step_file.StepFile, init_args: {{path: '{count}'}}}}"
    command = [sys.executable, "training/train.py", "fit", f"--config={config}", f"--data.steps={STEPS}"]
    command += [f"--trainer.callbacks+={callback}", "--trainer.max_epochs=1000", "--trainer.limit_val_batches=0", *more]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, **quiet)


def wait_for(condition, process):
    end = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.001)


def kill(process):
    os.killpg(process.pid, signal.SIGKILL)  # its loader's processes too
    process.wait()
    process.stderr.close()


def test_kills_lose_at_most_one_interval(tmp_path):
    """In the middle of an epoch, and while a checkpoint is being written; each training goes on from the one before."""
    folder, count = tmp_path / "runs" / "killed", tmp_path / "steps"
    config = configuration(folder, write_folder(tmp_path / "data"), [{"filename": "last"}])
    last = folder / "last.ckpt"
    resumed, before = (), 0
    for moment in ("in an epoch", "in writing"):
        process = started(config, count, *resumed)
        try:
            wait_for(lambda begun=before: steps_of(count) >= begun + 2 * STEPS + 2, process)
            if moment == "in writing":
                wait_for(lambda: any(folder.glob(".*.ckpt")), process)
        finally:
            kill(process)
        done = steps_of(count)
        kept = state(last)["global_step"]
        assert before < done - STEPS <= kept <= done
        assert load_trained(last).step == kept  # whole
        before, resumed = kept, (f"--ckpt_path={last}",)
    process = started(config, count, *resumed)
    try:
        count.unlink()
        wait_for(lambda: steps_of(count) > 0, process)
        assert before < steps_of(count) <= before + STEPS  # goes on where the checkpoint was
        wait_for(lambda: state(last)["global_step"] > before, process)
    finally:
        kill(process)
    names = {path.name for path in folder.glob("*.ckpt")}
    assert names <= {"last.ckpt", ".last.training.part.ckpt"}  # what kills left does not pile up
