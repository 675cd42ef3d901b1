"""How much of a process' memory and cores GDAL may take while the engine runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from uhrs_qgis_plugin.engine.raster.backends import backend_of
from uhrs_qgis_plugin.engine.raster.types import POOL, THREADS, GdalLimits

CACHE_MB = 128  # holds what blocks of a run that follow each other share; GDAL would take a twentieth of the memory
OPEN_FILES = 16  # as many files of a mosaic as a slab or a block touches; GDAL keeps 450, each with a tile of its own


class _Bound:
    """How many runs of this process have lowered the limits, and the limits before the first."""

    lock = threading.Lock()
    runs = 0
    found = GdalLimits(0, None)


@contextmanager
def bounded_memory(threads: int | None = None) -> Iterator[None]:
    """Let GDAL keep few decoded blocks and few files of a mosaic open for a while.

    The limits belong to the whole process: memory is only lowered, and the last run restores all. Limits that the
    environment sets (GDAL_CACHEMAX, GDAL_MAX_DATASET_POOL_SIZE, GDAL_NUM_THREADS) stay. GDAL applies the number of
    files when it opens a mosaic while no other is open.

    Args:
        threads: That decode tiles of a file side by side; None leaves it to GDAL. The first of several runs decides.
    """
    module = backend_of("auto")
    with _Bound.lock:
        if _Bound.runs == 0:
            _Bound.found = module.gdal_limits()
            module.set_gdal_limits(_lowered(_Bound.found, threads))
        _Bound.runs += 1
    try:
        yield
    finally:
        with _Bound.lock:
            _Bound.runs -= 1
            if _Bound.runs == 0:
                module.set_gdal_limits(_Bound.found)


def _lowered(found: GdalLimits, threads: int | None) -> GdalLimits:
    """The limits of a run."""
    cache, files = found.cache_bytes, found.open_files
    if "GDAL_CACHEMAX" not in os.environ:
        cache = min(cache, CACHE_MB << 20)
    if POOL not in os.environ:
        files = OPEN_FILES if files is None else min(files, OPEN_FILES)
    return GdalLimits(cache, files, found.threads if threads is None or THREADS in os.environ else threads)
