"""Kill workers and schedulers of clusters at random moments, and compare what comes out byte by byte.

    .venv-train/bin/python -m benchmarks.engine.crew_kills --raster R.tif --out FOLDER [--model M.uhrs] [--times 20]

In three of four runs `--cluster local:2` loses workers by SIGKILL. In every fourth the scheduler of a `tcp://` cluster
is killed, the run cancelled, and `--resume` goes on, with workers here or with one process in turn. All files but the
report must equal those of one process that nobody killed. Prints a line a run and writes crew_kills.json.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import psutil

from benchmarks.engine.kills import COMPLETE, ROOT, parse, start

SMALL = ("--block-side", "256", "--scene-side", "512", "--device", "cpu")  # so that there are many tasks
LOCAL = ("--cluster", "local:2")
KILLS = 2  # of workers, in a run


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def workers_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The processes that compute for a run."""
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                found += [child] if any("spawn_main" in word for word in child.cmdline()) else []
    return found


def timed(options: argparse.Namespace, *more: str) -> tuple[dict[str, bytes], float]:
    """What an undisturbed run writes, and its seconds."""
    with tempfile.TemporaryDirectory(dir=options.out) as folder:
        begun = time.monotonic()
        process = start(options, Path(folder), *SMALL, *more)
        _, errors = process.communicate()
        if process.returncode != 0:
            raise SystemExit(f"crew_kills.py: the run itself fails: {errors.decode()}")
        return contents(Path(folder)), time.monotonic() - begun


def kill_workers(options: argparse.Namespace, folder: Path, seconds: float, rng: np.random.Generator) -> int:
    """Kill workers of a run; how many were hit. `seconds` is what an undisturbed run takes."""
    process, hit, begun = start(options, folder, *SMALL, *LOCAL), 0, time.monotonic()
    for moment in sorted(rng.uniform(0.2, 0.95, KILLS)):
        time.sleep(max(0.0, begun + moment * seconds - time.monotonic()))
        there = workers_of(process)
        if there:
            with contextlib.suppress(psutil.NoSuchProcess):
                there[rng.integers(len(there))].kill()
                hit += 1
    _, errors = process.communicate()
    if process.returncode != 0:
        print(errors.decode())
    return hit


@contextlib.contextmanager
def cluster() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler with two workers: its address, and its process."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    address, quiet = (
        f"tcp://127.0.0.1:{port}",
        {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT},
    )
    dask = [sys.executable, "-m", "dask"]
    words = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show"]
    scheduler = subprocess.Popen([*dask, *words], **quiet)
    words = ["worker", address, "--nthreads", "2", "--no-dashboard", "--no-nanny", "--host", "127.0.0.1"]
    workers = [subprocess.Popen([*dask, *words], **quiet) for _ in range(2)]
    try:
        yield address, scheduler
    finally:
        for process in (scheduler, *workers):
            process.kill()
            process.wait()


def kill_scheduler(options: argparse.Namespace, folder: Path, more: Sequence[str], rng: np.random.Generator) -> int:
    """Kill the scheduler once results lie there, cancel, and go on."""
    with cluster() as (address, scheduler):
        process = start(options, folder, *SMALL, "--resume", "--cluster", address)
        while process.poll() is None and not list(folder.rglob("scene-*-valid.npy")):
            time.sleep(0.02)
        time.sleep(rng.uniform(0.0, 2.0))
        hit = int(process.poll() is None)
        scheduler.kill()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        process.communicate()
    process = start(options, folder, *SMALL, "--resume", *more)
    _, errors = process.communicate()
    if process.returncode != 0:
        print(errors.decode())
    return hit


def main(args: Sequence[str] | None = None) -> None:
    """Do as the command line says."""
    options = parse(args, __doc__)
    options.out.mkdir(parents=True, exist_ok=True)
    expected, alone = timed(options)
    _, seconds = timed(options, *LOCAL)
    print(f"one process takes {alone:.1f} s, local:2 {seconds:.1f} s", flush=True)
    rng, same, kills, late = np.random.default_rng(options.seed), 0, [0, 0], []
    for number in range(options.times):
        is_scheduler = number % 4 == 3
        with tempfile.TemporaryDirectory(dir=options.out) as name:
            folder, begun = Path(name), time.monotonic()
            if is_scheduler:
                hit = kill_scheduler(options, folder, LOCAL if number % 8 == 3 else (), rng)
            else:
                hit = kill_workers(options, folder, seconds, rng)
                late.append(time.monotonic() - begun - seconds)
            fine = contents(folder) == expected and sorted(os.listdir(folder)) == COMPLETE
        kills[is_scheduler] += hit
        same += fine
        what = "scheduler" if is_scheduler else "workers"
        print(f"{hit} {what} killed: {'the same bytes' if fine else 'NOT the same'}", flush=True)
    numbers = {
        "runs": options.times,
        "same_bytes": same,
        "workers_killed": kills[0],
        "schedulers_killed": kills[1],
        "undisturbed_s": round(seconds, 1),
        "median_later_s": round(float(np.median(late)), 1),  # of a run that lost workers, than the undisturbed one
        "load": round(os.getloadavg()[0], 1),
    }
    (options.out / "crew_kills.json").write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(numbers))


if __name__ == "__main__":
    main()
