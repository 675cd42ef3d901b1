"""The convention of results: what the numbers of class and uncertainty rasters mean, and how both lie on each other.

Imports no numpy: the review panel uses these numbers too and must open quickly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import TILE, Geotransform, Window

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from uhrs_qgis_plugin.engine.raster import RasterInfo, RasterReader

__version__ = "0.1.0"  # of the engine, which results carry

NODATA = 255  # in classes and in both uncertainties
LEVELS = 254  # uncertainty = number / 254
UNFAMILIAR = "unfamiliar"  # name of the third band of an uncertainty raster, where it has one
VALUES = 256  # numbers that a pixel of a class or uncertainty raster can have
PIXEL_COORDINATES = Geotransform(0.0, 1.0, 0.0, 0.0, 0.0, -1.0)  # where QGIS draws a raster that has no geotransform

SCALE_TOLERANCE = 0.01  # relative: accepts uncertainty rasters of 255 steps too
GRID_TOLERANCE = 0.01  # pixels: grids that differ by less are the same
BLOCK_ROWS, BLOCK_COLS = TILE, 4 * TILE  # pixels: what is read, changed and written at a time


def check_classes(info: RasterInfo) -> None:
    """Check that a raster can be a class raster.

    Raises:
        RasterError: It has several bands, or other numbers than uint8.
    """
    if info.count != 1 or info.dtypes[0] != "uint8":
        raise RasterError(
            f"'{info.path}' has {info.count} band(s) of {info.dtypes[0]} but a class raster has one of uint8: choose "
            "the classes that 'Segment raster' wrote, or convert a band to Byte with 'Translate'."
        )


def is_uncertainty_scale(scale: float | None, offset: float = 0.0) -> bool:
    """Whether scale and offset of a band are those of an uncertainty: about 1/254, without offset."""
    return scale is not None and abs(scale * LEVELS - 1) <= SCALE_TOLERANCE and offset == 0


def pixels_per_cell(classes: RasterInfo, uncertainty: RasterInfo) -> int:
    """Check that an uncertainty raster lies on a class raster; the CRS is for the caller to compare.

    Returns:
        Pixels of the classes along a side of a cell of the uncertainty.

    Raises:
        RasterError: They do not fit.
    """
    cell, pixel = map_transform(uncertainty), map_transform(classes)
    length = math.hypot(pixel.x_col, pixel.y_col)
    side = max(1, round(math.hypot(cell.x_col, cell.y_col) / length))
    wanted = -(-classes.height // side), -(-classes.width // side)
    # Compared where steps that differ a little are furthest apart.
    corners = ((0, 0), (0, uncertainty.height), (uncertainty.width, 0))
    apart = max(math.dist(cell.place(col, row), pixel.place(col * side, row * side)) for col, row in corners)
    if (uncertainty.height, uncertainty.width) != wanted or apart > GRID_TOLERANCE * length * side:
        raise RasterError(
            f"'{classes.path}' ({classes.width} x {classes.height} pixels) does not cover what '{uncertainty.path}' "
            f"({uncertainty.width} x {uncertainty.height} cells) covers: choose the classes and the uncertainty of one "
            "run."
        )
    return side


def map_transform(info: RasterInfo) -> Geotransform:
    """Return the geotransform by which QGIS places a raster: its own, or one unit per pixel, downwards from 0."""
    return info.transform if info.has_transform else PIXEL_COORDINATES


def nodata_of(info: RasterInfo) -> int | None:
    """Return the nodata number for copies of a class raster: its own, or 255 where it only has a mask."""
    if info.nodata and info.nodata[0] is not None:
        return int(info.nodata[0])
    return NODATA if info.has_own_mask else None


def read_labels(reader: RasterReader, window: Window, nodata: int | None) -> NDArray[np.uint8]:
    """Read a class raster; pixels that a mask hides become nodata.

    Args:
        nodata: From `nodata_of`.

    Returns:
        (h, w) uint8.

    Raises:
        RasterError: It cannot be read.
    """
    labels: NDArray[np.uint8] = reader.read([1], window)[0]
    if nodata is not None and reader.info.has_own_mask:
        labels[~reader.read_valid([1], window)] = nodata
    return labels


def block_windows(info: RasterInfo) -> Iterator[Window]:
    """Cut a raster into flat blocks of output tiles, row-major; flat, so that a strip of a file is decoded once.

    Yields:
        Windows that cover it once.
    """
    for row in range(0, info.height, BLOCK_ROWS):
        for col in range(0, info.width, BLOCK_COLS):
            yield Window(row, col, BLOCK_ROWS, BLOCK_COLS).clipped(info.height, info.width)
