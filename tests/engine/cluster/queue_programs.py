"""The programs of Slurm and PBS, faked: jobs are processes here. Their folder goes to the front of PATH."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

# Dask deletes the script when it was handed in. Jobs of PBS begin in the home folder, without the variables of whoever
# handed them in.
SUBMIT = """
if mv {jobs}/refuse-later {jobs}/refuse 2>/dev/null; then : "the first, of those that come at once too"
elif [ -e {jobs}/refuse ]; then echo "sbatch: error: Batch job submission failed: Invalid account" >&2; exit 1; fi
for script; do :; done
cp "$script" "{jobs}/$$.sh"
if [ -e {jobs}/wait ]; then
    setsid sleep 1000 >/dev/null 2>&1 </dev/null &
elif [ -e {jobs}/end ]; then
    setsid true >/dev/null 2>&1 </dev/null &
else
    {surroundings} setsid bash "{jobs}/$$.sh" >"{jobs}/$$.log" 2>&1 </dev/null &
fi
: > "{jobs}/$!.job"
"""
LIST = """
for job in {jobs}/*.job; do
    number=$(basename "$job" .job)
    state={running}; [ ! -e {jobs}/wait ] || state={waiting}
    if grep -qs '^State:.[^ZX]' "/proc/$number/status"; then {line}; fi
done
"""
PBS_HEAD = """echo 'Job id            Name             User              Time Use S Queue
----------------  ---------------- ----------------  -------- - -----'
"""
CANCEL = 'for number; do kill -- "-$number" 2>/dev/null; done; true\n'


def install(folder: Path) -> Path:
    """Write the programs into a folder; the folder of the jobs, where files tell what goes wrong.

    "refuse" refuses jobs, "refuse-later" all but the first, "wait" has them wait, "end" ends them at once.
    """
    jobs = folder / "jobs"
    jobs.mkdir(parents=True)
    slurm_line, pbs_line = 'echo "$number $state"', 'echo "$number.here  dask-worker  me  00:00:01 $state workq"'
    states = {"running": "'RUNNING None'", "waiting": "'PENDING Resources'"}
    home = 'cd /; env -i HOME=/ PATH="$PATH"'
    programs = {
        "sbatch": SUBMIT.format(jobs=jobs, surroundings="") + 'echo "Submitted batch job $!"\n',
        "squeue": LIST.format(jobs=jobs, line=slurm_line, **states),
        "scancel": CANCEL,
        "qsub": SUBMIT.format(jobs=jobs, surroundings=home) + 'echo "$!.here"\n',
        "qstat": PBS_HEAD + LIST.format(jobs=jobs, line=pbs_line, running="R", waiting="Q"),
        "qdel": CANCEL,
    }
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}")
        (folder / name).chmod(0o755)
    return jobs


def numbers(jobs: Path) -> list[int]:
    """Jobs that were handed in, which are processes that lead a group."""
    return sorted(int(path.stem) for path in jobs.glob("*.job"))


def running(jobs: Path) -> list[int]:
    """Those that still run."""
    return [number for number in numbers(jobs) if is_running(number)]


def is_running(number: int) -> bool:
    try:
        os.kill(number, 0)
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def end_all(jobs: Path) -> None:
    """End what a failed test left."""
    for number in running(jobs):
        with contextlib.suppress(OSError):
            os.killpg(number, signal.SIGKILL)
