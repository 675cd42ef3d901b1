"""Overviews of labels, made block by block while the blocks are in memory: GDAL would read them all again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import TILE, Window


def count_levels(height: int, width: int) -> int:
    """Count the overviews of a raster, each half of the one before.

    Returns:
        As many as GDAL's COG driver makes: until both sides fit into a tile.
    """
    level = 0
    while max(height, width) >> level > TILE:
        level += 1
    return level


def shrink(labels: NDArray[np.uint8], levels: int, nodata: int) -> NDArray[np.uint8]:
    """Make the overviews of a block, one below the other.

    Args:
        nodata: Number that is not counted.

    Returns:
        (rows of all overviews, ceil(w / 2)) uint8; overview n lies in `level_window(h, w, n)`, elsewhere is nodata.
    """
    height, width = labels.shape
    packed = np.full((level_window(height, width, levels).row_end, -(-width // 2)), nodata, np.uint8)
    for level in range(1, levels + 1):
        labels = halve(labels, nodata)
        packed[level_window(height, width, level).slices()] = labels
    return packed


def level_window(height: int, width: int, level: int) -> Window:
    """Find an overview in what `shrink` returns.

    Args:
        level: 1 = half as large.

    Returns:
        Its window.
    """
    row = sum(_ceil_shift(height, above) for above in range(1, level))
    return Window(row, 0, _ceil_shift(height, level), _ceil_shift(width, level))


def halve(labels: NDArray[np.uint8], nodata: int) -> NDArray[np.uint8]:
    """Take the most frequent label of each 2 x 2 pixels; on a tie the first in reading order.

    Args:
        labels: (h, w) uint8; an odd last row or column is reduced alone.
        nodata: Number that is not counted; the result where there is nothing else.

    Returns:
        (ceil(h / 2), ceil(w / 2)) uint8.
    """
    height, width = labels.shape
    if height % 2 or width % 2:
        labels = np.pad(labels, ((0, height % 2), (0, width % 2)), "edge")
    a, b, c, d = (np.ascontiguousarray(labels[row::2, col::2]) for row, col in ((0, 0), (0, 1), (1, 0), (1, 1)))
    # From the lowest precedence to the highest: the first valid label, a later pair, an earlier pair.
    result = np.where(c != nodata, c, d)
    result = np.where(b != nodata, b, result)
    result = np.where(a != nodata, a, result)
    result = np.where((c == d) & (c != nodata), c, result)
    result = np.where(((b == c) | (b == d)) & (b != nodata), b, result)
    return np.where(((a == b) | (a == c) | (a == d)) & (a != nodata), a, result)


def _ceil_shift(length: int, level: int) -> int:
    """Divide by 2^level, rounding up."""
    return -(-length >> level)
