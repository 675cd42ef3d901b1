"""What rasterio raises and logs when GDAL fails, and the limits that it sets GDAL."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rasterio._env import del_gdal_config
from rasterio._err import CPLE_BaseError
from rasterio.env import get_gdal_config, set_gdal_config
from rasterio.errors import CRSError, RasterioError

from uhrs_qgis_plugin.engine.raster.types import POOL, MemoryLimits

# What rasterio raises when GDAL fails: some calls let GDAL's own errors through, for which there is no public name,
# and SystemError where GDAL gave no reason.
FAILURES = (RasterioError, CPLE_BaseError, CRSError, SystemError)


def last_reason(error: BaseException) -> str:
    """Find what GDAL said: rasterio chains it behind texts such as "See previous exception".

    Args:
        error: What rasterio raised.

    Returns:
        The text of the innermost cause.
    """
    while error.__cause__ is not None:
        error = error.__cause__
    return str(getattr(error, "errmsg", error))


def memory_limits() -> MemoryLimits:
    """What GDAL may keep in memory, in the whole process."""
    files = str(get_gdal_config(POOL))
    return MemoryLimits(int(get_gdal_config("GDAL_CACHEMAX")), int(files) if files.isdigit() else None)


def set_memory_limits(limits: MemoryLimits) -> None:
    """Say what GDAL may keep in memory, in the whole process."""
    set_gdal_config("GDAL_CACHEMAX", limits.cache_bytes)
    if limits.open_files is None:
        del_gdal_config(POOL)
    else:
        set_gdal_config(POOL, limits.open_files)


class _Collector(logging.Handler):
    """Keeps the texts of errors that the thread that made it logs."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.texts.append(record.getMessage())


@contextmanager
def logged_errors() -> Iterator[list[str]]:
    """Collect GDAL's errors while closing, where rasterio does not raise but log them.

    Yields:
        What this thread has logged since.
    """
    logger, collector = logging.getLogger("rasterio"), _Collector()
    logger.addHandler(collector)
    try:
        yield collector.texts
    finally:
        logger.removeHandler(collector)
