"""The Slurm script: what it would run by the variables that Slurm sets, and that torchrun takes it."""

import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "training" / "cluster" / "slurm.sh"
TRAIN = ("training/train.py", "fit", "--config", "training/configs/smoke.yaml", "--run", "a b")


def run(*arguments, path=None, **variables):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM", "OMP"))}
    environment = {**kept, "PATH": f"{path}:{kept['PATH']}" if path else kept["PATH"], **variables}
    return subprocess.run(
        ["bash", SCRIPT, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=ROOT,
        timeout=300,
    )


def words(*arguments, path=None, **variables):
    done = run(*arguments, path=path, DRY_RUN="1", **variables)
    assert done.returncode == 0, done.stderr
    return shlex.split(done.stdout)


@pytest.fixture
def cluster(tmp_path):
    """A folder with an scontrol that knows the nodes, and an srun that runs its command here."""
    (tmp_path / "scontrol").write_text("#!/bin/sh\nprintf 'node7\\nnode8\\n'\n")
    (tmp_path / "srun").write_text('#!/bin/sh\nexec "$@"\n')
    for file in tmp_path.iterdir():
        file.chmod(0o755)
    return tmp_path


def test_a_process_for_each_card_of_each_node(cluster):
    slurm = {"SLURM_NNODES": "2", "SLURM_GPUS_ON_NODE": "4", "SLURM_CPUS_PER_TASK": "16", "SLURM_JOB_ID": "9"}
    found = words(*TRAIN, path=cluster, **slurm)
    assert found[:2] == ["OMP_NUM_THREADS=4", "srun"]
    assert {"--nnodes=2", "--nproc_per_node=4", "--rdzv_id=9", "--rdzv_endpoint=node7:29400"} <= set(found)
    assert found[-len(TRAIN) :] == list(TRAIN)


@pytest.mark.parametrize(("given", "processes"), [({}, 1), ({"SLURM_GPUS_PER_NODE": "a100:2"}, 2)])
def test_without_slurm_and_with_named_cards(given, processes):
    found = words(*TRAIN, **given)
    assert f"--nproc_per_node={processes}" in found
    assert "--rdzv_endpoint=localhost:29400" in found


REQUEUED = [
    (TRAIN, "0", False),
    (TRAIN, "1", True),
    ((*TRAIN, "--ckpt_path", "F"), "1", False),
    (("training/evaluate.py",), "1", False),
]


@pytest.mark.parametrize(("arguments", "restarts", "goes_on"), REQUEUED)
def test_what_is_requeued_goes_on(arguments, restarts, goes_on):
    found = words(*arguments, SLURM_RESTART_COUNT=restarts)
    assert (found[-2:] == ["--ckpt_path", "last"]) == goes_on


def test_nothing_to_run_is_one_line():
    done = run()
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


@pytest.mark.slow
def test_torchrun_takes_the_command(cluster):
    """Through srun, as on a cluster of one node: the script's command starts the program that it is given."""
    (cluster / "scontrol").write_text("#!/bin/sh\necho localhost\n")
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = str(free.getsockname()[1])
    done = run("training/make_raster.py", "--nothing", path=cluster, PYTHON=sys.executable, RENDEZVOUS_PORT=port)
    assert "make_raster.py: error: " in done.stderr
    assert done.returncode != 0
