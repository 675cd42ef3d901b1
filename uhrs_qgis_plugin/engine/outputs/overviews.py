"""Overviews of labels, made block by block while the blocks are in memory: GDAL would read them all again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import TILE, Window

STRIP = 128  # rows of an overview that are made at once: what is compared stays in the processor's cache


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
    result = np.empty((len(labels) // 2, labels.shape[1] // 2), np.uint8)
    for row in range(0, len(result), STRIP):
        result[row : row + STRIP] = _halved(labels[2 * row : 2 * (row + STRIP)], nodata)
    return result


def _halved(labels: NDArray[np.uint8], nodata: int) -> NDArray[np.uint8]:
    """See `halve`; both sides are even."""
    # Two labels at once as one number: in most squares all four are equal, and only the others need a closer look.
    pairs = np.ascontiguousarray(labels).view("<u2")
    top, bottom = pairs[0::2], pairs[1::2]
    first = top & 255
    mixed = np.flatnonzero((top != bottom) | (first * 257 != top))
    result = first.astype(np.uint8)
    result.ravel()[mixed] = _most_frequent(top.ravel()[mixed], bottom.ravel()[mixed], nodata)
    return result


def _most_frequent(top: NDArray[np.uint16], bottom: NDArray[np.uint16], nodata: int) -> NDArray[np.uint16]:
    """The most frequent of four labels, see `halve`; the first of a pair is its lower byte."""
    a, b, c, d = top & 255, top >> 8, bottom & 255, bottom >> 8
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
