"""Memory as the field reports it, and as it can be repeated.

Published numbers are what `gpustat` shows: the whole process on the card, CUDA's own context included, which differs
between drivers and cards. What torch allocated and reserved at its peak can be repeated on any card.
"""

from __future__ import annotations

import importlib
import os
import re
from pathlib import Path

from uhrs_qgis_plugin.engine.segmentation import peak_memory_bytes

_MIB = 2**20


def resident_mib() -> float | None:
    """Memory of this process now, MiB; None where the system does not report it."""
    return _status("VmRSS")


def peak_resident_mib() -> float | None:
    """Peak memory of this process, MiB; None where the system does not report it.

    On Linux a child inherits its parent's peak of `getrusage`; the high-water mark in /proc starts at zero.
    """
    peak = _status("VmHWM")
    if peak is not None:
        return peak
    peak_bytes = peak_memory_bytes()
    return None if peak_bytes is None else round(peak_bytes / _MIB, 1)


def _status(key: str) -> float | None:
    """An entry of /proc/self/status, MiB."""
    try:
        text = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(rf"^{key}:\s*(\d+) kB", text, re.MULTILINE)
    return round(int(found.group(1)) / 1024, 1) if found else None


def card_process_mib() -> float | None:
    """Memory of this process on all cards as the driver reports it, MiB; None without the package nvidia-ml-py."""
    used = 0
    try:
        nvml = importlib.import_module("pynvml")
        nvml.nvmlInit()
        for card in range(nvml.nvmlDeviceGetCount()):
            handle = nvml.nvmlDeviceGetHandleByIndex(card)
            processes = nvml.nvmlDeviceGetComputeRunningProcesses(handle)
            used += sum(process.usedGpuMemory or 0 for process in processes if process.pid == os.getpid())
    except Exception:  # the package is missing, or the driver refuses with its own errors: the number is left out
        return None
    return round(used / _MIB, 1) if used else None  # containers hide process numbers
