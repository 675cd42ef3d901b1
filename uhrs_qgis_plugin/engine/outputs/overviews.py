"""Overviews, made block by block while the blocks are in memory: nobody has to read them all again."""

from __future__ import annotations

from collections.abc import Callable

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


def count_even(height: int, width: int) -> int:
    """Count how often both sides can be halved without a rest: so many overviews of blocks lie on whole pixels."""
    sides = height | width
    return (sides & -sides).bit_length() - 1


def pack(
    numbers: NDArray[np.uint8], levels: int, nodata: int, halved: Callable[[NDArray[np.uint8], int], NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    """Put a band of a block and its overviews into one image.

    Args:
        numbers: (h, w) uint8.
        levels: How many overviews.
        nodata: Number that is not counted.
        halved: `halve` or `average`.

    Returns:
        `packed_shape(h, w, levels)` uint8; each level lies in `level_window(h, w, level)`, elsewhere is 0.
    """
    height, width = numbers.shape
    packed = np.zeros(packed_shape(height, width, levels), np.uint8)
    for level in range(levels + 1):
        numbers = halved(numbers, nodata) if level else numbers
        packed[level_window(height, width, level).slices()] = numbers
    return packed


def packed_shape(height: int, width: int, levels: int) -> tuple[int, int]:
    """Rows and columns of what `pack` returns."""
    windows = [level_window(height, width, level) for level in range(levels + 1)]
    return max(window.row_end for window in windows), max(window.col_end for window in windows)


def level_window(height: int, width: int, level: int) -> Window:
    """Find a level in what `pack` returns.

    The first overview lies below the block, from a whole tile on; beside it the others, below each other. So tiles of
    the first ones of large blocks are tiles of the packed image.

    Args:
        level: 0 = the block itself, 1 = half as large.

    Returns:
        Its window.
    """
    if level == 0:
        return Window(0, 0, height, width)
    row = -(-height // TILE) * TILE + sum(_ceil_shift(height, above) for above in range(2, level))
    col = 0 if level == 1 else _ceil_shift(width, 1)
    return Window(row, col, _ceil_shift(height, level), _ceil_shift(width, level))


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


def average(numbers: NDArray[np.uint8], nodata: int) -> NDArray[np.uint8]:
    """Take the mean of each 2 x 2 pixels, halves rounded up.

    Args:
        numbers: (h, w) uint8; an odd last row or column is reduced alone.
        nodata: Number that is not counted; the result where there is nothing else.

    Returns:
        (ceil(h / 2), ceil(w / 2)) uint8.
    """
    height, width = numbers.shape
    beyond = ((0, height % 2), (0, width % 2))
    corners = [
        np.pad(numbers, beyond, constant_values=nodata)[row::2, col::2].astype(np.uint16)
        for row in (0, 1)
        for col in (0, 1)
    ]
    counts = np.zeros(corners[0].shape, np.uint16)
    total = np.zeros_like(counts)
    for corner in corners:
        counts += corner != nodata
        total += np.where(corner != nodata, corner, 0).astype(np.uint16)
    mean = (2 * total + counts) // np.maximum(2 * counts, 1)
    return np.where(counts > 0, mean, nodata).astype(np.uint8)


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


REDUCTIONS = {"classes": halve, "uncertainty": average}  # how each output is reduced


def _ceil_shift(length: int, level: int) -> int:
    """Divide by 2^level, rounding up."""
    return -(-length >> level)
