"""Workers of Dask that sleep through tasks: many in one process, so that many computers can be played on one.

    .venv-train/bin/python -m benchmarks.engine.sleepers ADDRESS COUNT

They join the scheduler at an address, and end with it.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time

import dask
from distributed import Worker

from uhrs_qgis_plugin.engine.cluster.worker import AT_A_TIME

# Each worker watches its process several times a second, which takes 200 of them in one process nine tenths of a core;
# on computers of their own nobody would feel it. Heartbeats, which the scheduler feels, stay as they are.
QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "10s",
    "distributed.admin.system-monitor.interval": "30s",
}
MARKS = [[0, {"pixels": [0] * 8}]] * 16  # as large as what a task of blocks answers


class Sleeper:
    """Opens itself: a workplace in which tasks are slept through."""

    facts = {"kind": "sleeper"}  # noqa: RUF012
    device = "none"
    messages = ()

    def __call__(self, cores, check):
        """See `cluster.Opening`."""
        return self

    def do(self, kind, content):
        """Sleep for so many seconds."""
        time.sleep(content)
        return {"marks": MARKS}

    def close(self):
        """There is nothing to let go of."""


async def join(address: str, count: int) -> None:
    """Be so many workers of a scheduler, until it ends."""
    workers = [
        Worker(address, nthreads=AT_A_TIME, memory_limit=0, dashboard=False, silence_logs=logging.CRITICAL)
        for _ in range(count)
    ]
    await asyncio.gather(*workers)
    await asyncio.gather(*(worker.finished() for worker in workers))


if __name__ == "__main__":
    with dask.config.set(QUIET):
        asyncio.run(join(sys.argv[1], int(sys.argv[2])))
