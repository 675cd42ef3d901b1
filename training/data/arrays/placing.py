"""Whether a mask lies where its image lies."""

from __future__ import annotations

import math

import numpy as np
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.warp import transform as reprojected

from training.errors import DatasetError
from uhrs_qgis_plugin.engine.raster import RasterInfo

_HARMLESS = 0.6  # pixels: half a pixel is a matter of what a position means, the corner of a pixel or its centre


def check_same_place(image: RasterInfo, mask: RasterInfo) -> None:
    """Compare the georeference of an image and its mask, where both have one.

    Raises:
        DatasetError: A corner of the mask is more than half a pixel away from that of the image.
    """
    if not (image.has_transform and mask.has_transform):
        return
    corners = np.array([(0, 0), (mask.width, 0), (0, mask.height), (mask.width, mask.height)], float)
    there = _in_crs_of(image, mask, _placed(mask, corners))
    x, x_col, x_row, y, y_col, y_row = image.transform
    try:
        pixels = np.linalg.solve(np.array([[x_col, x_row], [y_col, y_row]]), there.T - np.array([[x], [y]])).T
    except np.linalg.LinAlgError:
        return  # an image without extent; the engine refuses it
    apart = np.abs(pixels - corners).max()
    if apart <= _HARMLESS:
        return
    if np.abs(pixels - corners[[2, 3, 0, 1]]).max() <= _HARMLESS:
        how = "is upside down: its first row lies where the image has its last; warp it north-up (gdalwarp MASK NEW)"
    elif not math.isfinite(apart):
        how = "lies in another part of the world; rasterise it again on the image's grid"
    else:
        how = (
            f"lies up to {apart:,.1f} pixels away from the image's pixels{_crs_text(image, mask)}; rasterise it again "
            "with extent, pixel size and CRS of the image"
        )
    raise DatasetError(f"'{mask.path}' does not lie on '{image.path}': it {how}")


def _placed(raster: RasterInfo, pixels: np.ndarray) -> np.ndarray:
    """Coordinates (n, 2) of places (n, 2) in columns and rows."""
    x, x_col, x_row, y, y_col, y_row = raster.transform
    cols, rows = pixels.T
    return np.stack([x + x_col * cols + x_row * rows, y + y_col * cols + y_row * rows], 1)


def _in_crs_of(image: RasterInfo, mask: RasterInfo, places: np.ndarray) -> np.ndarray:
    """Places of the mask in the CRS of the image: texts may differ and mean the same, so positions are compared."""
    if not (image.crs_wkt and mask.crs_wkt) or image.crs_wkt == mask.crs_wkt:
        return places
    try:
        one, other = CRS.from_wkt(mask.crs_wkt), CRS.from_wkt(image.crs_wkt)
        return places if one == other else np.array(reprojected(one, other, *places.T)[:2]).T
    except RasterioError:
        return np.full_like(places, np.inf)


def _crs_text(image: RasterInfo, mask: RasterInfo) -> str:
    """The names of both systems where they differ."""
    names = []
    for raster in (mask, image):
        try:
            crs = CRS.from_wkt(raster.crs_wkt) if raster.crs_wkt else None
        except RasterioError:
            crs = None
        names.append(crs.to_string()[:60] if crs else "none")
    return "" if names[0] == names[1] or "none" in names else f" (CRS {names[0]}, the image has {names[1]})"
