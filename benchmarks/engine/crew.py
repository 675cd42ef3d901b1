"""Many workers that sleep: what handing out costs, with Dask's scheduler and the crew of a run as they are.

    .venv-train/bin/python -m benchmarks.engine.crew [--workers 200] [--tasks 6000] [--seconds 4]

Scheduler and client are this process, as in a run; the workers are threads of another one (`sleepers`), each with two
tasks at a time as in a run; a task sleeps as long as `--seconds` says, give or take a half. Prints JSON: efficiency
(seconds slept, of those for which workers were there since the first task), tasks a second, and processor time and
memory of scheduler and client.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from distributed import LocalCluster

from benchmarks.engine.kills import ROOT
from benchmarks.engine.sleepers import Sleeper
from uhrs_qgis_plugin.engine.cluster import Meeting, Task, gather_crew, hand_out, parse_address
from uhrs_qgis_plugin.engine.cluster.start import settings
from uhrs_qgis_plugin.engine.cluster.worker import AT_A_TIME
from uhrs_qgis_plugin.engine.flow import Watch

START_S = 120.0  # that the workers may take to join


@contextlib.contextmanager
def sleeping_workers(count: int) -> Iterator[str]:
    """A scheduler in this process, with so many workers in another one; its address."""
    with (
        settings(),
        LocalCluster(
            n_workers=0,
            processes=False,
            protocol="tcp",
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as cluster,
    ):
        address = cluster.scheduler_address
        command = [sys.executable, "-m", "benchmarks.engine.sleepers", address, str(count)]
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            cluster.wait_for_workers(count, timeout=START_S)
            yield address
        finally:
            process.terminate()
            process.wait()


def simulate(workers: int, tasks: int, seconds: float) -> dict[str, float | list[float]]:
    """Have workers sleep through tasks.

    Args:
        workers: How many.
        tasks: How many.
        seconds: Mean of a task, give or take a half.
    """
    rng = random.Random(0)
    spans = [seconds * rng.uniform(0.5, 1.5) for _ in range(tasks)]
    with (
        tempfile.TemporaryDirectory() as folder,
        sleeping_workers(workers) as address,
        Meeting(Path(folder) / "meeting") as meeting,
        gather_crew(parse_address(address), meeting, Sleeper(), 1, (), Watch()) as crew,
    ):
        crew.meet(Sleeper.facts, [])
        process, begun, cpu = psutil.Process(), time.monotonic(), time.process_time()
        memory = [process.memory_info().rss]
        for count, _ in enumerate(hand_out(crew, "sleep", (Task(n, span) for n, span in enumerate(spans))), 1):
            if count in (tasks // 2, tasks):
                memory.append(process.memory_info().rss)
        took = time.monotonic() - begun
        return {
            "workers": len(crew),
            "tasks": tasks,
            "seconds_a_task": seconds,
            "seconds": round(took, 1),
            "efficiency": round(sum(spans) / (AT_A_TIME * len(crew) * took), 3),
            "tasks_a_second": round(tasks / took, 1),
            "cpu_ms_a_task": round(1e3 * (time.process_time() - cpu) / tasks, 2),
            "memory_mb": [round(size / 1e6, 1) for size in memory],  # before, after half of the tasks, after all
        }


def main() -> None:
    """Do as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=200)
    parser.add_argument("--tasks", type=int, default=6000)
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    print(json.dumps(simulate(options.workers, options.tasks, options.seconds)))


if __name__ == "__main__":
    main()
