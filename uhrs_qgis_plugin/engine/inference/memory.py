"""How much memory a device has free, as far as the system reports it, and how many patches fit."""

from __future__ import annotations

import ctypes
import platform
from pathlib import Path

from uhrs_qgis_plugin.engine.bundle import Windows
from uhrs_qgis_plugin.engine.inference.cards import free_bytes
from uhrs_qgis_plugin.engine.inference.devices import card_of, kind_of

MEMINFO = Path("/proc/meminfo")
GROUP = Path("/sys/fs/cgroup")  # what a container may use
# Memory of the high stream per pixel of a patch. The bundled model takes 32 bytes on the processor; wide networks and
# the work space of cuDNN take more.
BYTES_PER_PIXEL = 256
SHARE = 4  # a batch may take the fourth part of what is free: weights, the other graphs and other programs need some
# Memory of a network that somebody made, per pixel of a window: several layers of 64 channels at full scale. Its scores
# come on top, before and after they have left the device.
NETWORK_BYTES_PER_PIXEL = 2048
SCORE_BYTES = 8
BEST_BATCH = {"cpu": 32, "openvino": 32}
BEST_BATCH_GPU = 64  # a GPU needs more at once to be busy; not measured
BATCH_SIDE = 128  # pixels of the patches that these numbers are for


class _WindowsMemory(ctypes.Structure):
    """What `GlobalMemoryStatusEx` fills: bytes."""

    _fields_ = (
        ("length", ctypes.c_ulong),
        ("load", ctypes.c_ulong),
        *((name, ctypes.c_ulonglong) for name in ("total", "free", "p1", "p2", "v1", "v2", "v3")),
    )


def largest_batch(free: int | None, patch_side: int) -> int | None:
    """Bound the patches per run of the high stream by memory.

    Args:
        free: Bytes of free memory, None = not known.
        patch_side: Pixels.

    Returns:
        Patches, at least 1; None when the memory is not known. 1 GiB and patches of 128 give 64.
    """
    return None if free is None else max(1, free // SHARE // (BYTES_PER_PIXEL * patch_side**2))


def best_batch(device: str, largest: int | None) -> int:
    """Choose the patches per run of the high stream.

    Args:
        device: Its name.
        largest: From `largest_batch`; None = no limit.

    Returns:
        Patches, at least 1.
    """
    best = BEST_BATCH.get(device, BEST_BATCH_GPU)
    return best if largest is None else min(best, largest)


def most_windows_at_once(free: int | None, windows: Windows) -> int | None:
    """Bound the windows per run of a network by memory.

    Args:
        free: Bytes of free memory, None = not known.

    Returns:
        Windows, at least 1; None when the memory is not known. 8 GiB and windows of 512 with 6 classes give 3.
    """
    if free is None:
        return None
    scores = SCORE_BYTES * windows.channels / windows.stride**2
    return max(1, int(free // SHARE // ((NETWORK_BYTES_PER_PIXEL + scores) * windows.side**2)))


def best_windows_at_once(device: str, side: int, most: int | None) -> int:
    """Choose the windows per run of a network: as many pixels as of patches of the high stream.

    Args:
        device: Its name.
        side: Of a window, pixels.
        most: From `most_windows_at_once`; None = no limit.

    Returns:
        Windows, at least 1. On a processor 2 of 512 pixels.
    """
    pixels = best_batch(device, None) * BATCH_SIDE**2
    best = max(1, pixels // side**2)
    return best if most is None else min(best, most)


def free_memory(device: str) -> int | None:
    """Ask how much memory is free.

    Args:
        device: Its name.

    Returns:
        Bytes, None where the system does not report it without more packages (DirectML, CoreML, macOS).
    """
    if kind_of(device) == "cuda":
        return free_bytes(card_of(device))
    if device not in ("cpu", "openvino"):
        return None
    return _free_windows() if platform.system() == "Windows" else _free_linux()


def _free_linux() -> int | None:
    """Bytes that are available, and not more than the container's limit leaves."""
    try:
        lines = MEMINFO.read_text(encoding="ascii").splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    try:
        limit = int((GROUP / "memory.max").read_text(encoding="ascii"))
        used = int((GROUP / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):  # no container, or the limit is "max"
        return free
    return max(0, min(free, limit - used))


def _free_windows() -> int | None:
    """Bytes of free physical memory."""
    status = _WindowsMemory(length=ctypes.sizeof(_WindowsMemory))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 (mypy knows no windll off Windows)
    return int(status.free) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None
