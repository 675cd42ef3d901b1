"""How the rasters of one result lie on each other: pixels of the classes, cells of the uncertainty."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import TILE, Window
from uhrs_qgis_plugin.engine.raster import RasterInfo, RasterReader

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


VALUES = 256  # numbers that a class can have

NO_DATA = 255  # where only a mask tells what has no data


def read_labels(reader: RasterReader, window: Window, nodata: int | None) -> NDArray[np.uint8]:
    """Read a class raster; pixels that a mask hides become nodata.

    Args:
        reader: The class raster.
        window: What to read.
        nodata: The number that means no data, from `nodata_of`.

    Returns:
        (h, w) uint8.

    Raises:
        RasterError: It cannot be read.
    """
    labels: NDArray[np.uint8] = reader.read([1], window)[0]
    if nodata is not None and reader.info.has_own_mask:
        labels[~reader.read_valid([1], window)] = nodata
    return labels


def nodata_of(info: RasterInfo) -> int | None:
    """Say which number means no data in what is made of a class raster; 255 where only a mask tells."""
    if info.nodata and info.nodata[0] is not None:
        return int(info.nodata[0])
    return NO_DATA if info.has_own_mask else None


def walk(info: RasterInfo) -> Iterator[Window]:
    """Cut a raster into blocks of output tiles, row-major: low ones, so that a strip of a file is decoded once.

    Args:
        info: The raster.

    Yields:
        Windows that cover it once.
    """
    for row in range(0, info.height, BLOCK_ROWS):
        for col in range(0, info.width, BLOCK_COLS):
            yield Window(row, col, BLOCK_ROWS, BLOCK_COLS).clipped(info.height, info.width)


PIXEL_COORDINATES = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)  # where QGIS draws a raster that has no geotransform

NODATA = 255  # in labels and in both uncertainties, which use 0..254


def map_transform(info: RasterInfo) -> tuple[float, ...]:
    """Return the geotransform by which QGIS places a raster.

    Args:
        info: The raster.

    Returns:
        Its own; for one without, a unit a cell, downwards from 0.
    """
    return tuple(info.transform) if info.has_transform else PIXEL_COORDINATES


BLOCK_ROWS, BLOCK_COLS = TILE, 4 * TILE  # pixels: what is read, changed and written at a time
