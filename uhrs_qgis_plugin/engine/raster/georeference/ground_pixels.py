"""How large the pixels of a raster are on the ground."""

from __future__ import annotations

import math

from uhrs_qgis_plugin.engine.raster.backends import backend_of
from uhrs_qgis_plugin.engine.raster.types import RasterInfo

SEMI_MAJOR_M, SQUARED_ECCENTRICITY = 6_378_137.0, 0.00669437999014  # WGS 84


def ground_pixel(info: RasterInfo, backend: str = "auto") -> tuple[float, float] | None:
    """Measure the pixel in the middle of a raster on the ground.

    The scale of the map projection at that place counts: a pixel of 1 m in Web Mercator is half a metre at 60 degrees.

    Args:
        info: The raster; rotated and south-up ones are fine.
        backend: As in `open_raster`.

    Returns:
        Length of a step down a column (one row further) and along a row (one column further) in metres; None
        without a CRS or a geotransform, and where the CRS has no unit of length.
    """
    if not info.has_transform or not info.crs_wkt:
        return None
    module = backend_of(backend)
    x, x_col, x_row, y, y_col, y_row = info.transform
    col, row = info.width / 2, info.height / 2
    middle = x + col * x_col + row * x_row, y + col * y_col + row * y_row
    steps = ((x_row, y_row), (x_col, y_col))
    # Half a step to both sides, so that a raster that ends at a pole is measured inside.
    ends = [(middle[0] + sign * dx / 2, middle[1] + sign * dy / 2) for dx, dy in steps for sign in (-1, 1)]
    places = module.to_degrees(info.crs_wkt, ends)
    if places is not None:
        sizes = _distance(*places[:2]), _distance(*places[2:])
        if all(math.isfinite(size) and size > 0 for size in sizes):
            return sizes
    if info.unit_m is None:
        return None
    planar = math.hypot(*steps[0]) * info.unit_m, math.hypot(*steps[1]) * info.unit_m
    return planar if all(math.isfinite(size) and size > 0 for size in planar) else None


def _distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two near places, longitude and latitude in degrees, by the radii of curvature between them."""
    if not all(map(math.isfinite, (*one, *other))):
        return math.nan
    turn = math.remainder(other[0] - one[0], 360.0)
    latitude = math.radians((one[1] + other[1]) / 2)
    squared = 1 - SQUARED_ECCENTRICITY * math.sin(latitude) ** 2
    east = math.radians(turn) * math.cos(latitude) * SEMI_MAJOR_M / math.sqrt(squared)
    north = math.radians(other[1] - one[1]) * SEMI_MAJOR_M * (1 - SQUARED_ECCENTRICITY) / squared**1.5
    return math.hypot(east, north)
