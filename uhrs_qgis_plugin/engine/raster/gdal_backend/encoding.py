"""Raster back end on osgeo.gdal: GeoTIFFs in memory, compressed as those that are published."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal

from uhrs_qgis_plugin.engine.files import cannot_write, unique_mark
from uhrs_qgis_plugin.engine.grid import TILE
from uhrs_qgis_plugin.engine.raster.gdal_backend.calls import attempt
from uhrs_qgis_plugin.engine.raster.gdal_backend.writing import apply_profile
from uhrs_qgis_plugin.engine.raster.types import COG_LEVEL, GDAL_TYPES, RasterProfile

WHAT = "a GeoTIFF in memory"
OPTIONS = [
    "TILED=YES",
    f"BLOCKXSIZE={TILE}",
    f"BLOCKYSIZE={TILE}",
    "INTERLEAVE=PIXEL",
    "COMPRESS=DEFLATE",
    f"ZLEVEL={COG_LEVEL}",
    "BIGTIFF=NO",
    "ENDIANNESS=LITTLE",
    "ALPHA=NO",  # else GDAL takes the last of four bands for one
]


def encode_geotiff(profile: RasterProfile, image: NDArray[np.uint8] | None) -> bytes:
    """Write a GeoTIFF into memory.

    Args:
        profile: What to create.
        image: (B, h, w) pixels; None = nothing is written.

    Returns:
        The file.

    Raises:
        OutputError: GDAL fails.
    """
    path = f"/vsimem/uhrs-{unique_mark()}.tif"
    try:
        _write(path, profile, image)
        size = gdal.VSIStatL(path).size
        file = gdal.VSIFOpenL(path, "rb")
        try:
            return bytes(gdal.VSIFReadL(1, size, file))
        finally:
            gdal.VSIFCloseL(file)
    finally:
        gdal.Unlink(path)


def _write(path: str, profile: RasterProfile, image: NDArray[np.uint8] | None) -> None:
    """Write the file, and close it."""
    size = (profile.width, profile.height, profile.count)
    kind = gdal.GetDataTypeByName(GDAL_TYPES[profile.dtype])
    dataset, reason = attempt(gdal.GetDriverByName("GTiff").Create, path, *size, kind, OPTIONS)
    if dataset is None:
        raise cannot_write(WHAT, reason)
    code, reason = attempt(apply_profile, dataset, profile)
    if code != gdal.CE_None or reason:
        raise cannot_write(WHAT, reason)
    if image is not None:
        _, reason = attempt(dataset.WriteRaster, 0, 0, profile.width, profile.height, image.tobytes())
    if not reason:
        _, reason = attempt(dataset.FlushCache)
    if reason:
        raise cannot_write(WHAT, reason)
