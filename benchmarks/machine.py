"""The machine that numbers come from."""

from __future__ import annotations

import os
import platform
import re
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

# Extensions of x86 and ARM processors that decide how fast networks run.
FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd", "bf16", "sve")
LOOK_S = 0.05


def describe_machine() -> dict[str, Any]:
    """Tell processor, cores, memory, versions, date, and how busy the machine is right now."""
    import numpy
    import onnxruntime

    cpu = _read("/proc/cpuinfo")
    model = re.search(r"^model name\s*:\s*(.+)$", cpu, re.MULTILINE)
    flags = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", cpu, re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+) kB", _read("/proc/meminfo"), re.MULTILINE)
    return {
        "processor": model.group(1) if model else platform.processor() or platform.machine(),
        "extensions": [flag for flag in FLAGS if flags and flag in flags.group(1).split()],
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(int(memory.group(1)) / 2**20, 1) if memory else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "onnxruntime": onnxruntime.__version__,
        "onnxruntime_providers": onnxruntime.get_available_providers(),
        "load_before": round(os.getloadavg()[0], 2),
        "date": time.strftime("%Y-%m-%d %H:%M"),
    }


def peak_memory_mib() -> float:
    """Largest resident memory of this process so far.

    Linux hands `ru_maxrss` of the parent down to a child; its own high-water mark starts afresh.
    """
    own = re.search(r"^VmHWM:\s*(\d+) kB", _read("/proc/self/status"), re.MULTILINE)
    if own:
        return int(own.group(1)) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


class PeakMemory:
    """Largest resident memory of this process together with its children, which are looked at again and again.

    Use as a context manager. Without children it is the exact mark of the system; with them, pages that they share
    count once for each.
    """

    def __init__(self) -> None:
        self._together, self._stop = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    @property
    def mib(self) -> float:
        """The peak so far."""
        return max(peak_memory_mib(), self._together)

    def __enter__(self) -> PeakMemory:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(LOOK_S):
            lists = [_read(str(path)) for path in Path("/proc/self/task").glob("*/children")]
            children = [number for text in lists for number in text.split()]
            if children:
                self._together = max(self._together, sum(map(_resident_mib, ("self", *children))))


def _resident_mib(process: int | str) -> float:
    """Resident memory of a process now, 0 when it is gone."""
    now = re.search(r"^VmRSS:\s*(\d+) kB", _read(f"/proc/{process}/status"), re.MULTILINE)
    return int(now.group(1)) / 1024 if now else 0.0


def cpu_seconds() -> float:
    """Processor time of this process so far, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _read(path: str) -> str:
    """Text of a file of the system, "" where it does not exist."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
