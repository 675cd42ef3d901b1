"""Memory of a loader's process: what is freed is kept for the next scene."""

from __future__ import annotations

import ctypes

# Numbers of glibc's mallopt(3), and bytes: what is decoded whole, and what it is decoded from, is kept.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGEST, _KEPT = 160_000_000, 320_000_000


def keep_freed_memory(worker: int = 0) -> None:
    """Let this process reuse large pieces of memory, instead of giving each back to the system and asking for another.

    Decoding a PNG of 5120 x 5120 px takes and frees some 200 MB, page by page cleared by the system each time: that was
    a sixth of the time of a crop. Only glibc has this setting; elsewhere nothing happens.

    Args:
        worker: Number of the loader's process, which `worker_init_fn` is told.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # Windows, macOS, musl
        return
    set_option(_MMAP_THRESHOLD, _LARGEST)
    set_option(_TRIM_THRESHOLD, _KEPT)
