"""How the rasters of one result lie on each other: pixels of the classes, cells of the uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.raster_contract import RasterInfo
from uhrs_qgis_plugin.engine.regions_outline import map_transform

TOUCHING = 0.01  # pixels: grids that differ by less are the same


def check_classes(info: RasterInfo) -> None:
    """Check that a raster can be a class raster.

    Args:
        info: The raster.

    Raises:
        RasterError: It has several bands, or other numbers than uint8.
    """
    if info.count != 1 or info.dtypes[0] != "uint8":
        raise RasterError(
            f"'{info.path}' has {info.count} band(s) of {info.dtypes[0]} but a class raster has one of uint8: choose "
            "the classes that 'Segment raster' wrote, or convert a band to Byte with 'Translate'."
        )


def pixels_per_cell(classes: RasterInfo, uncertainty: RasterInfo) -> int:
    """Check that an uncertainty raster lies on a class raster.

    Args:
        classes: The class raster.
        uncertainty: The uncertainty raster; the CRS is for the caller to compare.

    Returns:
        Pixels of the classes along a side of a cell.

    Raises:
        RasterError: They do not fit.
    """
    cell, pixel = map_transform(uncertainty), map_transform(classes)
    length = math.hypot(pixel[1], pixel[4])
    side = max(1, round(math.hypot(cell[1], cell[4]) / length))
    wanted = -(-classes.height // side), -(-classes.width // side)
    # Looked at where steps that differ a little are furthest apart.
    corners = ((0, 0), (0, uncertainty.height), (uncertainty.width, 0))
    apart = max(math.dist(_place(cell, col, row), _place(pixel, col * side, row * side)) for col, row in corners)
    if (uncertainty.height, uncertainty.width) != wanted or apart > TOUCHING * length * side:
        raise RasterError(
            f"'{classes.path}' ({classes.width} x {classes.height} pixels) does not cover what '{uncertainty.path}' "
            f"({uncertainty.width} x {uncertainty.height} cells) covers: choose the classes and the uncertainty of one "
            "run."
        )
    return side


def _place(transform: Sequence[float], col: float, row: float) -> tuple[float, float]:
    """Coordinates of a corner of the grid."""
    x, x_col, x_row, y, y_col, y_row = transform
    return x + col * x_col + row * x_row, y + col * y_col + row * y_row
