"""How much of a process' memory GDAL may take while the engine runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from uhrs_qgis_plugin.engine.raster.backends import backend_of
from uhrs_qgis_plugin.engine.raster.types import POOL, MemoryLimits

CACHE_MB = 128  # holds what blocks of a run that follow each other share; GDAL would take a twentieth of the memory
OPEN_FILES = 16  # as many files of a mosaic as a slab or a block touches; GDAL keeps 450, each with a tile of its own


class _Bound:
    """How many runs of this process have lowered the limits, and the limits before the first."""

    lock = threading.Lock()
    runs = 0
    found = MemoryLimits(0, None)


@contextmanager
def bounded_memory() -> Iterator[None]:
    """Let GDAL keep few decoded blocks and few files of a mosaic open for a while.

    The limits belong to the whole process: they are only lowered, and the last run restores them. Limits that the
    environment sets (GDAL_CACHEMAX, GDAL_MAX_DATASET_POOL_SIZE) stay. GDAL applies the number of files when it opens a
    mosaic while no other is open.
    """
    module = backend_of("auto")
    with _Bound.lock:
        if _Bound.runs == 0:
            _Bound.found = module.memory_limits()
            module.set_memory_limits(_lowered(_Bound.found))
        _Bound.runs += 1
    try:
        yield
    finally:
        with _Bound.lock:
            _Bound.runs -= 1
            if _Bound.runs == 0:
                module.set_memory_limits(_Bound.found)


def _lowered(found: MemoryLimits) -> MemoryLimits:
    """The limits of a run."""
    cache, files = found.cache_bytes, found.open_files
    if "GDAL_CACHEMAX" not in os.environ:
        cache = min(cache, CACHE_MB << 20)
    if POOL not in os.environ:
        files = OPEN_FILES if files is None else min(files, OPEN_FILES)
    return MemoryLimits(cache, files)
