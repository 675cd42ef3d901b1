"""Runs jobs, one process after the other, and collects their results."""

from __future__ import annotations

import json
import os
import platform
import re
import signal
import subprocess  # nosec B404  # starts our own script
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from training.benchmarking.jobs import Job

_WORKER = Path(__file__).with_name("worker.py")


def measured(jobs: Sequence[Job], folder: Path) -> Iterator[dict[str, Any]]:
    """Run the jobs: one row each, with the reason under "missing" where there are no numbers.

    Args:
        jobs: what to time; parameters and multiply-adds are counted too.
    """
    counts: dict[tuple[Any, ...], dict[str, Any]] = {}
    for job in jobs:
        key = (job.subject.name, job.height, job.width, job.ratio)
        if key not in counts:
            counts[key] = in_own_process(job.of_kind("count"), folder)
        counted = {name: value for name, value in counts[key].items() if name != "missing"}
        yield {**describe(job), **counted, **timed(job, folder)}


def timed(job: Job, folder: Path) -> dict[str, Any]:
    """Time a job; for onnxruntime the graph is exported first, by another process."""
    if job.mode != "onnxruntime":
        return in_own_process(job, folder)
    exported = in_own_process(job.of_kind("export", folder), folder)
    if "missing" in exported:
        return {"missing": f"cannot be exported: {exported['missing']}"}
    return in_own_process(job.of_kind("time", folder), folder)


def in_own_process(job: Job, folder: Path) -> dict[str, Any]:
    """Run a job in its own process: its result, or {"missing": why}."""
    job_file, result_file = folder / "job.json", folder / "result.json"
    job_file.write_text(job.to_json(), encoding="utf-8")
    result_file.unlink(missing_ok=True)
    command = [sys.executable, str(_WORKER), str(job_file), str(result_file)]
    done = subprocess.run(  # nosec B603  # no shell, our own script
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if result_file.exists():
        result: dict[str, Any] = json.loads(result_file.read_text(encoding="utf-8"))
        return result
    return {"missing": _end(done.returncode, done.stderr)}


def _end(code: int, errors: str) -> str:
    """Why a process ended without a result."""
    if code < 0:
        name = signal.Signals(-code).name
        return f"the process was ended by {name}" + (", as when memory runs out" if name == "SIGKILL" else "")
    lines = errors.strip().splitlines()
    return f"the process ended with code {code}: {lines[-1] if lines else 'no message'}"


def describe(job: Job) -> dict[str, Any]:
    """What was measured."""
    return {
        "network": job.subject.name,
        "architecture": job.subject.architecture,
        "weights": job.subject.weights or "random",
        "mode": job.mode,
        "device": job.device,
        "batch": job.batch,
        "height": job.height,
        "width": job.width,
        "scale": job.scale,
        "ratio": job.ratio if job.subject.takes_ratio else None,
    }


def describe_machine(threads: int | None) -> dict[str, Any]:
    """Where the numbers come from, and how busy it was."""
    cuda = torch.cuda.is_available()
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "threads": threads or torch.get_num_threads(),
        "card": torch.cuda.get_device_name(0) if cuda else None,
        "cuda": torch.version.cuda if cuda else None,
        "torch": torch.__version__,
        "system": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "date": time.strftime("%Y-%m-%d %H:%M"),
    }


def _processor() -> str:
    """The processor's name."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1) if found else platform.processor() or platform.machine()
