"""What rasterio raises and logs when GDAL fails, and the limits that it sets GDAL."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Callable

from rasterio.env import GDALEnv, get_gdal_config, set_gdal_config

from uhrs_qgis_plugin.engine.errors import UhrsError, without_secrets
from uhrs_qgis_plugin.engine.raster.types import POOL, THREADS, GdalLimits


def _hide_secrets(record: logging.LogRecord) -> bool:
    """Take the secrets of addresses out of what rasterio logs."""
    record.msg, record.args = without_secrets(record.getMessage()), None
    return True


for _name in ("_base", "_env", "_err", "_io", "env"):  # those that log names of files
    logging.getLogger(f"rasterio.{_name}").addFilter(_hide_secrets)


@contextmanager
def failing_as(make_error: Callable[[str], UhrsError]) -> Iterator[None]:
    """Turn what rasterio raises when GDAL fails into an error of ours.

    Args:
        make_error: Reason -> the error.
    """
    try:
        yield
    except Exception as error:
        if not is_failure(error):
            raise
        raise make_error(innermost_reason(error)) from error


def is_failure(error: Exception) -> bool:
    """Tell whether an error means that GDAL failed.

    Some of rasterio's calls let GDAL's own errors through, whose classes have no public name, and a SystemError where
    GDAL gave no reason.
    """
    return isinstance(error, SystemError) or any(kind.__module__.startswith("rasterio.") for kind in type(error).mro())


def innermost_reason(error: BaseException) -> str:
    """Find GDAL's own text: rasterio chains it behind texts such as "See previous exception"."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(getattr(error, "errmsg", error))


def gdal_limits() -> GdalLimits:
    """Read what GDAL may take, in the whole process."""
    files, threads = (str(get_gdal_config(name)) for name in (POOL, THREADS))
    return GdalLimits(
        int(get_gdal_config("GDAL_CACHEMAX")),
        int(files) if files.isdigit() else None,
        int(threads) if threads.isdigit() else None,
    )


def set_gdal_limits(limits: GdalLimits) -> None:
    """Set what GDAL may take, in the whole process."""
    set_gdal_config("GDAL_CACHEMAX", limits.cache_bytes)
    for name, value in ((POOL, limits.open_files), (THREADS, limits.threads)):
        if value is not None:
            set_gdal_config(name, value)
            continue
        # There is no public call that removes an option, but this removes those that it has set.
        options = GDALEnv()
        options.update_config_options(**{name: 0})
        options.clear_config_options()


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
