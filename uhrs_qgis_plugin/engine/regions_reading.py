"""Reads a band of small numbers with its mask, in strips of whole rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Callable

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import CancelledError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import RasterReader

STRIP_CELLS = 4_000_000  # wanted: enough for numpy to be quick, few enough to cancel at once
MOST_STRIP_CELLS = 16_000_000  # above this, blocks of the file are cut, and GDAL's cache has to keep them

Numbers = NDArray[np.uint8]
Valid = NDArray[np.bool_]


def read_strips(
    reader: RasterReader, band: int, is_cancelled: Callable[[], bool]
) -> Iterator[tuple[Window, Numbers, Valid | None]]:
    """Read a band from top to bottom.

    Args:
        reader: A raster whose band is uint8.
        band: Number from 1.
        is_cancelled: Asked before each strip.

    Yields:
        Window, numbers (h, w), and which of them are valid (h, w), None = all.

    Raises:
        CancelledError: `is_cancelled` answered True.
        RasterError: A block cannot be read.
    """
    info = reader.info
    rows = strip_rows(info.height, info.width, info.block_shape[0])
    for row in range(0, info.height, rows):
        if is_cancelled():
            raise CancelledError("Cancelled.")
        window = Window(row, 0, min(rows, info.height - row), info.width)
        yield (window, *read_numbers(reader, band, window))


def read_numbers(reader: RasterReader, band: int, window: Window) -> tuple[Numbers, Valid | None]:
    """Read a window; where nodata is a number, pixels are decoded only once.

    Args:
        reader: A raster whose band is uint8.
        band: Number from 1.
        window: Inside the raster.

    Returns:
        Numbers (h, w), and which of them are valid (h, w), None = all.

    Raises:
        RasterError: A block cannot be read.
    """
    info = reader.info
    values: Numbers = reader.read([band], window)[0]
    if not info.has_mask:
        return values, None
    nodata = info.nodata[band - 1] if info.nodata else None
    if nodata is None or info.has_own_mask or info.alpha_bands:
        return values, reader.read_valid([band], window)
    return values, values != int(nodata)


def strip_rows(height: int, width: int, unit: int) -> int:
    """Choose how many rows to read at once.

    Args:
        height: Rows of the raster.
        width: Its columns.
        unit: Rows of the blocks in which the file is stored.

    Returns:
        Rows: about 4 million cells in whole rows of blocks, unless one row of blocks is very large.
    """
    rows = max(1, STRIP_CELLS // (width * unit)) * unit
    return min(height, rows, max(1, MOST_STRIP_CELLS // width))
