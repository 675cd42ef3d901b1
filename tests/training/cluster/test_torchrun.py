"""The torchrun script: what it would run by what it is told and by the cards, and that torchrun takes it."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "training" / "cluster" / "torchrun.sh"
TRAIN = ("training/train.py", "fit", "--config", "training/configs/smoke.yaml", "--run", "a b")
OWN = ("MACHINES", "HEAD", "PROCESSES", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "RENDEZVOUS_PORT", "DRY_RUN")


def run(*arguments, path, **variables):
    environment = {name: value for name, value in os.environ.items() if name not in OWN}
    environment |= {"PATH": f"{path}:{environment['PATH']}", **variables}
    return subprocess.run(
        ["bash", SCRIPT, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=ROOT,
        timeout=300,
    )


def words(path, **variables):
    done = run(*TRAIN, path=path, DRY_RUN="1", **variables)
    assert done.returncode == 0, done.stderr
    return shlex.split(done.stdout)


@pytest.fixture
def machine(tmp_path):
    """A machine of eight cores, with as many cards as asked for."""

    def make(cards):
        lines = "".join(f"echo 'GPU {number}: a card'\n" for number in range(cards))
        (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{lines}exit {int(not cards)}\n")
        (tmp_path / "getconf").write_text("#!/bin/sh\necho 8\n")
        for file in tmp_path.iterdir():
            file.chmod(0o755)
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("cards", "given", "processes"),
    [
        (4, {}, 4),
        (0, {}, 1),
        (4, {"CUDA_VISIBLE_DEVICES": "0,3"}, 2),
        (4, {"CUDA_VISIBLE_DEVICES": ""}, 1),
        (4, {"PROCESSES": "3"}, 3),
    ],
)
def test_a_process_for_each_card(machine, cards, given, processes):
    found = words(machine(cards), **given)
    assert found[0] == f"OMP_NUM_THREADS={-(-8 // processes)}"
    assert {"--standalone", f"--nproc_per_node={processes}"} <= set(found)
    assert found[-len(TRAIN) :] == list(TRAIN)


def test_several_machines_meet_at_one_of_them(machine):
    found = words(machine(2), MACHINES="3", HEAD="10.0.0.5")
    assert {"--nnodes=3", "--nproc_per_node=2", "--rdzv_endpoint=10.0.0.5:29400", "--rdzv_backend=c10d"} <= set(found)
    assert "--standalone" not in found


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        ((), {}, "give what to run"),
        (TRAIN, {"MACHINES": "two"}, "MACHINES is 'two'; give how many"),
        (TRAIN, {"MACHINES": "2"}, "2 machines need HEAD, the address of one of them"),
        (TRAIN, {"PROCESSES": "all"}, "PROCESSES is 'all'; give how many"),
    ],
)
def test_what_cannot_start_is_one_line(machine, arguments, given, said):
    done = run(*arguments, path=machine(0), DRY_RUN="1", **given)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert said in done.stderr


@pytest.mark.slow
def test_torchrun_takes_the_command(machine):
    done = run("training/make_raster.py", "--nothing", path=machine(0), PYTHON=sys.executable)
    assert "make_raster.py: error: " in done.stderr
    assert done.returncode != 0
