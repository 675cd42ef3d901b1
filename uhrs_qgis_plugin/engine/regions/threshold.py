"""The uncertainty above which cells become regions: one threshold for the raster, or one for each square of it.

Squares spread the review over the raster: each contributes the same share of its own area, so regions come from every
part of the raster and from every kind of land cover.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import RasterReader
from uhrs_qgis_plugin.engine.results import VALUES

STRIP_CELLS = 4_000_000  # the aim: large enough for numpy to be fast, small enough to cancel at once
MOST_STRIP_CELLS = 16_000_000  # above this, blocks of the file are cut, and GDAL's cache has to keep them
COUNTED_CELLS = 1 << 18  # numpy widens what it counts to 8 bytes each: so it counts in slices

Numbers = NDArray[np.uint8]
Valid = NDArray[np.bool_]


@dataclass(frozen=True)
class Share:
    """What becomes regions.

    Attributes:
        top: Share of the cells with data, per cent.
        side: Side in cells of the squares to which the share is applied; 0 = the whole raster is one.
    """

    top: float
    side: int = 0


class SquareSteps:
    """The least number that a cell must have, for each square.

    Attributes:
        side: Side of a square in cells; a side as long as the raster makes one square of it.
        steps: (rows of squares, columns of squares) uint16; 256 = no cell of the square.
    """

    def __init__(self, side: int, steps: NDArray[np.uint16]) -> None:
        """Store the thresholds; see the attributes."""
        self.side, self.steps = side, steps

    def flags(self, values: Numbers, first_row: int) -> NDArray[np.bool_]:
        """Flag the cells of a strip that reach the threshold of their square.

        Args:
            values: (h, w) numbers of whole rows.
            first_row: Row of the raster that the strip starts at.

        Returns:
            (h, w).
        """
        height, width = values.shape
        flags = np.empty(values.shape, np.bool_)
        for rows, row in _rows_of_squares(first_row, height, self.side):
            least = np.repeat(self.steps[row], min(self.side, width))[:width]
            # uint8 against uint8 is quick; 256 fits none, so those cells are taken out again.
            flags[rows] = values[rows] >= np.minimum(least, VALUES - 1).astype(np.uint8)
            if least.max(initial=0) == VALUES:
                flags[rows] &= least < VALUES
        return flags

    def least(self) -> int:
        """Return the lowest of the numbers."""
        return int(self.steps.min(initial=VALUES))


def steps_of_top(
    reader: RasterReader,
    band: int,
    share: Share,
    watch: Watch,
) -> SquareSteps:
    """Find the threshold of each square that selects the requested share of its cells.

    Args:
        reader: A raster whose band is uint8.

    Returns:
        The thresholds.

    Raises:
        CancelledError: The caller cancelled.
        RasterError: A block cannot be read.
    """
    height, width = reader.info.height, reader.info.width
    side = min(share.side or max(height, width), max(height, width))
    columns = -(-width // side)
    steps = np.full((-(-height // side), columns), VALUES, np.uint16)
    counts = np.zeros((columns, VALUES), np.int64)
    offsets = np.arange(width) // side * VALUES
    for window, values, valid in read_strips(reader, band, watch):
        for rows, row in _rows_of_squares(window.row, window.height, side):
            counts += _count(values[rows], None if valid is None else valid[rows], offsets, columns)
            if window.row + rows.stop == min((row + 1) * side, height):
                steps[row] = steps_of_share(counts, share.top) if steps.size > 1 else step_of_top(counts[0], share.top)
                counts[:] = 0
        watch.report(window.row_end / height)
    return SquareSteps(side, steps)


def one_step(reader: RasterReader, step: int) -> SquareSteps:
    """Make one threshold of the whole raster.

    Args:
        step: The least number of a cell.

    Returns:
        The threshold.
    """
    side = max(reader.info.height, reader.info.width)
    return SquareSteps(side, np.full((1, 1), min(step, VALUES), np.uint16))


def step_of_top(counts: NDArray[np.int64], top: float) -> int:
    """Find the threshold that selects the share of cells nearest to the requested one.

    Worked example: of 100 cells, 1 has the number 200, 2 have 190 and 97 have 50. 2 per cent lie between the 1 of
    threshold 200 and the 3 of 190; equally near, so the higher one is taken.

    Args:
        counts: (256,) cells per number.
        top: Share in per cent.

    Returns:
        The least number of a cell; 256 when there are no cells, or none above 0.
    """
    if not counts[1:].any():
        return VALUES
    present = np.flatnonzero(counts)[::-1]
    shares = np.cumsum(counts[present]) * (100 / counts.sum())
    return int(present[np.argmin(np.abs(shares - top))])


def steps_of_share(counts: NDArray[np.int64], top: float) -> NDArray[np.uint16]:
    """Do the same for squares: where selecting no cell at all is nearer to the share, none is selected.

    Worked example: all 1024 cells of a square have the number 3. Of 2 per cent, 20 cells, 0 are nearer than 1024.

    Args:
        counts: (n, 256) cells per square and number.
        top: Share in per cent.

    Returns:
        (n,) least number of a cell; 256 for none.
    """
    reaching = np.cumsum(counts[:, ::-1], axis=1)  # cells of at least 255, 254, ...
    place = np.argmin(np.abs(reaching - reaching[:, -1:] * (top / 100)), axis=1)
    taken = np.take_along_axis(reaching, place[:, None], axis=1)[:, 0] > 0
    taken &= counts[:, 1:].any(axis=1)
    return np.where(taken, VALUES - 1 - place, VALUES).astype(np.uint16)


def _count(
    values: Numbers, valid: NDArray[np.bool_] | None, offsets: NDArray[np.int64], columns: int
) -> NDArray[np.int64]:
    """Count the cells with data per square and number, (columns, 256)."""
    counts = np.zeros(columns * VALUES, np.int64)
    rows_at_once = max(1, COUNTED_CELLS // values.shape[1])
    for first in range(0, len(values), rows_at_once):
        part = slice(first, first + rows_at_once)
        keys = values[part] if columns == 1 else values[part] + offsets
        chosen = keys if valid is None else keys[valid[part]]
        counts += np.bincount(chosen.ravel(), minlength=len(counts))
    return counts.reshape(columns, VALUES)


def _rows_of_squares(first_row: int, height: int, side: int) -> list[tuple[slice, int]]:
    """Cut a strip at the edges of squares: rows of the strip, and the row of squares that they belong to."""
    found = []
    row = first_row
    while row < first_row + height:
        after = min((row // side + 1) * side, first_row + height)
        found.append((slice(row - first_row, after - first_row), row // side))
        row = after
    return found


def read_strips(reader: RasterReader, band: int, watch: Watch) -> Iterator[tuple[Window, Numbers, Valid | None]]:
    """Read a band from top to bottom.

    Args:
        reader: A raster whose band is uint8.
        watch: Stops between strips.

    Yields:
        Window, numbers (h, w), and which of them are valid (h, w), None = all.

    Raises:
        CancelledError: The caller cancelled.
        RasterError: A block cannot be read.
    """
    info = reader.info
    rows = strip_rows(info.height, info.width, info.block_shape[0])
    for row in range(0, info.height, rows):
        watch.check()
        window = Window(row, 0, min(rows, info.height - row), info.width)
        yield (window, *read_numbers(reader, band, window))


def read_numbers(reader: RasterReader, band: int, window: Window) -> tuple[Numbers, Valid | None]:
    """Read a window; where nodata is a number, pixels are decoded only once.

    Args:
        reader: A raster whose band is uint8.

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
        unit: Rows of the blocks in which the file is stored.

    Returns:
        Rows: about 4 million cells in whole rows of blocks, unless one row of blocks is very large.
    """
    rows = max(1, STRIP_CELLS // (width * unit)) * unit
    return min(height, rows, max(1, MOST_STRIP_CELLS // width))
