"""Many workers that sleep: what handing out costs, with Dask's scheduler and the crew of a run as they are.

    .venv-train/bin/python -m benchmarks.engine.crew [--workers 200] [--tasks 6000] [--seconds 4]

Workers are threads of this process, each with two tasks at a time as in a run; a task sleeps as long as `--seconds`
says, give or take a half. Prints JSON: efficiency (seconds slept, of those for which workers were there since the first
task), tasks a second, and the memory of the process: scheduler, client and all workers.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from distributed import LocalCluster

from uhrs_qgis_plugin.engine.cluster import Meeting, Task, gather_crew, hand_out, parse_address
from uhrs_qgis_plugin.engine.cluster.worker import AT_A_TIME
from uhrs_qgis_plugin.engine.flow import Watch


@dataclass(frozen=True)
class Sleeper:
    """Opens itself: a workplace in which tasks are slept through."""

    facts = {"kind": "sleeper"}  # noqa: RUF012
    device = "none"
    messages = ()

    def __call__(self, cores, check):
        return self

    def do(self, kind, content):
        time.sleep(content)
        return {"marks": [[0, {"pixels": [0] * 8}]] * 16}  # as large as that of a task of blocks

    def close(self):
        pass


def simulate(workers: int, tasks: int, seconds: float) -> dict[str, float | list[float]]:
    """Have workers sleep through tasks.

    Args:
        workers: How many; threads of this process.
        tasks: How many.
        seconds: Mean of a task, give or take a half.
    """
    rng = random.Random(0)
    spans = [seconds * rng.uniform(0.5, 1.5) for _ in range(tasks)]
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(
            n_workers=workers,
            threads_per_worker=AT_A_TIME,
            processes=False,
            protocol="tcp",
            dashboard_address=None,
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Meeting(Path(folder) / "meeting") as meeting,
        gather_crew(parse_address(cluster.scheduler_address), meeting, Sleeper(), 1, (), Watch()) as crew,
    ):
        crew.meet({"kind": "sleeper"}, [])
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
            "cpu_ms_a_task": round(1e3 * (time.process_time() - cpu) / tasks, 2),  # scheduler, client and workers
            "memory_mb": [round(size / 1e6) for size in memory],  # before, after half of the tasks, after all
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
