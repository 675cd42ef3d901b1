"""Raster back end on rasterio: GeoTIFFs in memory, compressed as those that are published."""

from __future__ import annotations

import contextlib
import warnings
from functools import partial
from typing import Any

import numpy as np
import rasterio.io
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import Affine

from uhrs_qgis_plugin.engine.files import cannot_write
from uhrs_qgis_plugin.engine.grid import TILE
from uhrs_qgis_plugin.engine.raster.rasterio_backend.calls import failing_as
from uhrs_qgis_plugin.engine.raster.rasterio_backend.writing import apply_profile
from uhrs_qgis_plugin.engine.raster.types import COG_LEVEL, IDENTITY, RasterProfile

OPTIONS: dict[str, Any] = {
    "driver": "GTiff",
    "tiled": True,
    "blockxsize": TILE,
    "blockysize": TILE,
    "interleave": "pixel",
    "compress": "deflate",
    "zlevel": COG_LEVEL,
    "bigtiff": "no",
    "endianness": "little",
    "alpha": "no",  # else GDAL takes the last of four bands for one
}


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
    georeference: dict[str, Any] = {"crs": profile.crs_wkt or None}
    if profile.transform != IDENTITY:
        georeference["transform"] = Affine.from_gdal(*profile.transform)
    size = {"width": profile.width, "height": profile.height, "count": profile.count, "dtype": profile.dtype}
    with contextlib.ExitStack() as stack:
        stack.enter_context(failing_as(partial(cannot_write, "a GeoTIFF in memory")))
        if profile.transform == IDENTITY:  # tiles have one: Python's way to be silent is for one thread at a time
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
        file = stack.enter_context(rasterio.io.MemoryFile())
        with file.open(nodata=profile.nodata, **size, **georeference, **OPTIONS) as dataset:
            apply_profile(dataset, profile)
            if image is not None:
                dataset.write(image)
        return bytes(file.read())
