"""The most frequent class around each pixel, streamed: strips in, strips out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.polygons.strips import NOTHING

Strip = tuple[int, NDArray[np.int16]]  # first row, and (h, w) numbers


def majority_strips(strips: Iterator[Strip], radius: int, height: int) -> Iterator[Strip]:
    """Filter strips; they come out a little later than they go in, and other rows together.

    Args:
        strips: From top to bottom.
        radius: Pixels around each pixel that count: a square of 2 * radius + 1.
        height: Rows of the raster.
    """
    first, done = 0, 0  # rows: of what is held, and of what is to come out next
    held: NDArray[np.int16] | None = None
    for row, labels in strips:
        held = labels if held is None else np.concatenate((held, labels))
        known = row + len(labels)
        end = known if known == height else known - radius
        if end > done:
            begin = max(first, done - radius)
            yield done, majority(held[begin - first :], radius)[done - begin : end - begin]
            done = end
            keep = max(first, done - radius)
            held, first = held[keep - first :], keep


def majority(labels: NDArray[np.int16], radius: int) -> NDArray[np.int16]:
    """Give each pixel the most frequent class of the square around it.

    Where several are, a pixel keeps its own if that is one of them, else it gets the lowest number. No data stays, and
    does not count.

    Args:
        labels: (h, w) numbers, `NOTHING` where there is no data.
        radius: Of the square.
    """
    best = np.zeros(labels.shape, np.int32)
    result = labels.copy()
    present = np.unique(labels)
    for value in present[present != NOTHING].tolist():
        mine = labels == value
        # Own classes win ties, by half a pixel that no other class has.
        count = 2 * _count(mine, radius) + mine
        better = count > best
        best[better] = count[better]
        result[better] = value
    result[labels == NOTHING] = NOTHING
    return result


def _count(flags: NDArray[np.bool_], radius: int) -> NDArray[np.int32]:
    """Count the flags in the square around each pixel, inside of the array."""
    sums = flags.astype(np.int32)
    for axis in (0, 1):
        size = sums.shape[axis]
        sums = np.cumsum(sums, axis=axis, dtype=np.int32)
        padded = np.concatenate((np.zeros_like(sums.take([0], axis)), sums), axis=axis)
        last = np.minimum(np.arange(size) + radius + 1, size)
        first = np.maximum(np.arange(size) - radius, 0)
        sums = padded.take(last, axis) - padded.take(first, axis)
    return sums
