"""Calling osgeo.gdal as a guest: QGIS and other plugins share the process and its GDAL settings.

`gdal.UseExceptions` is one switch for the whole process, so it is never touched; error handlers are taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable

from osgeo import gdal

from uhrs_qgis_plugin.engine.raster.types import POOL


def bands_of(dataset: gdal.Dataset) -> list[gdal.Band]:
    """The bands of a dataset, in order."""
    return [dataset.GetRasterBand(number) for number in range(1, dataset.RasterCount + 1)]


def attempt(call: Callable[..., Any], *args: object, **kwargs: object) -> tuple[Any, str]:
    """Call into GDAL the same way with exceptions on and off.

    Args:
        call: What to call.
        args: Its arguments.
        kwargs: Its keyword arguments.

    Returns:
        (result, ""), or (whatever came back, else None, and GDAL's error text).
    """
    with _quietly():
        try:
            result = call(*args, **kwargs)
        except RuntimeError as error:
            return None, str(error) or "unknown error"
        failed = gdal.GetLastErrorType() >= gdal.CE_Failure
        return result, (gdal.GetLastErrorMsg() or "unknown error") if failed else ""


@contextmanager
def open_files(most: int) -> Iterator[None]:
    """Let GDAL keep few files of a mosaic open that this thread opens; applied while no other mosaic is open.

    Args:
        most: Files.
    """
    before = gdal.GetThreadLocalConfigOption(POOL)
    gdal.SetThreadLocalConfigOption(POOL, str(most))
    try:
        yield
    finally:
        gdal.SetThreadLocalConfigOption(POOL, before)


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep GDAL from printing; whoever else handles errors in this process gets its handler back."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    gdal.ErrorReset()
    try:
        yield
    finally:
        gdal.PopErrorHandler()
