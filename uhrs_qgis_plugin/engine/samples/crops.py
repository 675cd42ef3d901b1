"""Where training samples are cut, so that few crops hold all judged pixels.

Judged places are recorded on cells of 32 pixels. A greedy cover goes over them from the top in rows of crops, and in
each row from the left: a crop begins at the first judged cell that no crop covers yet. The part that a crop labels is
its core; cores do not overlap. The crop is then shifted to centre its core, as far as the raster allows, because a
network needs context around the places it learns from. Neighbouring crops may show the same ground, but each judged
pixel is labelled in one crop only.

Worked example: crops of 640 on a raster of 2000 x 1000 pixels (width x height), with judged places at columns 600-700
and 1900-1950 of rows 0-50. The first core is columns 576-704 and its crop begins at column 320; the second is columns
1888-1952, and its crop begins at 1360, because it must end with the raster.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import CELL32, Window


@dataclass(frozen=True)
class Crop:
    """A crop.

    Attributes:
        window: Its pixels in the class raster.
        core: The part of it whose judged pixels are labelled in this crop.
    """

    window: Window
    core: Window


class JudgedCells:
    """Records which cells of a raster hold judged pixels.

    Attributes:
        height: Rows of the raster.
        width: Columns of it.
    """

    def __init__(self, height: int, width: int) -> None:
        """Start without judged cells; sizes in pixels."""
        self.height, self.width = height, width
        self._cells = np.zeros((-(-height // CELL32), -(-width // CELL32)), np.bool_)

    def add(self, judged: NDArray[np.bool_], window: Window) -> None:
        """Record judged pixels.

        Args:
            judged: (h, w) whether a pixel was judged.
            window: Their window in the raster; row and column are multiples of 32.
        """
        rows, cols = np.arange(0, window.height, CELL32), np.arange(0, window.width, CELL32)
        found = np.logical_or.reduceat(np.logical_or.reduceat(judged, rows, axis=0), cols, axis=1)
        row, col = window.row // CELL32, window.col // CELL32
        self._cells[row : row + len(rows), col : col + len(cols)] |= found

    def crops(self, side: int) -> Iterator[Crop]:
        """Cover all judged cells with crops.

        Args:
            side: Side of a crop in pixels, at least 32; crops are smaller where the raster is.

        Yields:
            Crops, row-major. Their windows lie inside the raster; their cores are disjoint.
        """
        step = side // CELL32
        for top, bottom in _spans(np.flatnonzero(self._cells.any(axis=1)), step):
            row_of_crops = self._cells[top:bottom]
            for left, right in _spans(np.flatnonzero(row_of_crops.any(axis=0)), step):
                filled = np.flatnonzero(row_of_crops[:, left:right].any(axis=1))
                core = self._pixels(top + int(filled[0]), left, top + int(filled[-1]) + 1, right)
                row, height = _centred(core.row, core.height, side, self.height)
                col, width = _centred(core.col, core.width, side, self.width)
                yield Crop(Window(row, col, height, width), core)

    def _pixels(self, top: int, left: int, bottom: int, right: int) -> Window:
        """Turn cells into pixels."""
        row, col = top * CELL32, left * CELL32
        return Window(row, col, bottom * CELL32 - row, right * CELL32 - col).clipped(self.height, self.width)


def goes_to_validation(number: int, share: float) -> bool:
    """Decide the split of a sample by its number alone, so that it is reproducible.

    Of the first n samples ceil(share * (n - 1)) go to validation: the second one always does (unless the share is 0),
    so that two samples make a set. With a share of 0.2 these are the numbers 1, 6, 11, ...

    Args:
        number: Number of the sample in its set, from 0.
        share: Share of the samples for validation, 0..0.5.

    Returns:
        Whether it is for validation; else it is for training.
    """
    return number > 0 and _ceil(share * number) > _ceil(share * (number - 1))


def _ceil(value: float) -> int:
    """Round up, but not because of the last digit: 0.2 * 15 is a little more than 3."""
    return int(np.ceil(value - 1e-9))


def _spans(places: NDArray[np.int64], step: int) -> Iterator[tuple[int, int]]:
    """Cover sorted places from the first on with spans of at most `step`, which begin and end with one."""
    at = 0
    while at < len(places):
        first = int(places[at])
        after = int(np.searchsorted(places, first + step))
        yield first, int(places[after - 1]) + 1
        at = after


def _centred(start: int, length: int, side: int, limit: int) -> tuple[int, int]:
    """Lay a span of `side` around another one, inside 0..limit; start and length."""
    size = min(side, limit)
    return max(0, min(start - (size - length) // 2, limit - size)), size
