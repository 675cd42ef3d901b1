"""Bounds on the map as pixels of a raster."""

from __future__ import annotations

import math
from collections.abc import Sequence

from uhrs_qgis_plugin.engine.errors import OptionsError, OutsideError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.types import RasterInfo

EDGE_TOLERANCE = 0.01  # pixels: bounds this close to a pixel edge mean the edge (texts carry few decimals)


def window_from_bounds(info: RasterInfo, bounds: Sequence[float]) -> Window:
    """Find the pixels that bounds touch.

    Args:
        info: The raster; south-up is fine.
        bounds: (left, bottom, right, top) in the raster's CRS; without a geotransform in pixels, y downwards.

    Returns:
        Window, clipped to the raster. Bounds within a hundredth of a pixel of an edge mean the edge.

    Raises:
        OptionsError: The raster is rotated or placed by control points, or the bounds are empty.
        OutsideError: The bounds lie outside.
    """
    left, bottom, right, top = bounds
    if info.placed_by:
        raise OptionsError(
            f"Bounds were given but '{info.path}' is placed on the map by {info.placed_by} alone, so that they stand "
            "for no rows and columns: process it whole, or warp it first (gdalwarp)."
        )
    if info.transform.is_rotated:
        raise OptionsError(
            f"Bounds were given but '{info.path}' is rotated: process it whole, or warp it north-up first."
        )
    if not (all(map(math.isfinite, bounds)) and left < right and bottom < top):
        raise OptionsError(
            f"Bounds {tuple(bounds)} are empty: give left, bottom, right, top with left < right and bottom < top."
        )
    x, x_col, _, y, _, y_row = info.transform
    cols = _pixel_range((left - x) / x_col, (right - x) / x_col, info.width)
    rows = _pixel_range((bottom - y) / y_row, (top - y) / y_row, info.height)
    if cols is None or rows is None:
        xs, ys = map(sorted, zip((x, y), info.transform.place(info.width, info.height)))
        raise OutsideError(
            f"Bounds {tuple(bounds)} lie outside '{info.path}', which covers {(xs[0], ys[0], xs[1], ys[1])}: "
            "choose bounds that overlap it, in its CRS."
        )
    return Window(rows[0], cols[0], rows[1] - rows[0], cols[1] - cols[0])


def _pixel_range(one: float, other: float, limit: int) -> tuple[int, int] | None:
    """First pixel and pixel after the last between two positions along an axis; None outside 0..limit."""
    start, end = sorted((one, other))
    if end <= EDGE_TOLERANCE or start >= limit - EDGE_TOLERANCE:
        return None
    first = max(0, math.floor(start + EDGE_TOLERANCE))
    return first, max(first + 1, min(limit, math.ceil(end - EDGE_TOLERANCE)))
