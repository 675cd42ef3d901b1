"""One axis of a change of the pixel size: which pixels make which cell, and with what weights.

All positions are whole numbers, counted from the edge of the raster: so a cell is made of the same pixels with the same
weights whatever window is asked for. Weights are whole numbers too and add up to `unit`, so that sums of integers are
exact, with and without a mask.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEW = 32  # pixels to a cell up to which weights in steps of 1/256 are fine enough
FINE_UNIT = 1 << 16
CACHED_BYTES = 512 << 10  # of sums of rows at a time


@dataclass(frozen=True)
class AxisCells:
    """Cells along one axis of a raster.

    Attributes:
        size: Pixels of the raster along the axis.
        working_size: Pixels of the working grid along the axis; both cover the same length.
        start: First pixel on the working grid.
        length: Pixels on the working grid.
        count: Cells that these are reduced to; `length` when they are not.
    """

    size: int
    working_size: int
    start: int
    length: int
    count: int

    @property
    def reduction(self) -> float:
        """Pixels of the raster along a cell."""
        return self.length * self.size / (self.count * self.working_size)

    def weights(self, step: int) -> AxisWeights:
        """Make the cells of the raster's pixels, or of steps of several.

        Args:
            step: Pixels of the raster along a step; the last step may be cut.
        """
        common = math.gcd(self.length, self.count)
        # In units in which edges of pixels and of cells are whole numbers.
        step_units = step * self.working_size * (self.count // common)
        cell_units = self.length // common * self.size
        first = np.arange(self.count, dtype=np.int64) * cell_units + self.start * self.size * (self.count // common)
        last_step = -(-self.size // step) - 1
        middle = np.minimum((2 * first + cell_units) // (2 * step_units), last_step)
        if cell_units < step_units:
            return _interpolating(first, cell_units, step_units, last_step, middle)
        return _averaging(first, cell_units, step_units, last_step, middle)


@dataclass(frozen=True)
class AxisWeights:
    """The pixels that make the cells of one axis.

    Attributes:
        index: (n, cells) int64, pixels or steps of the raster.
        weight: (n, cells) int64, of each; 0 where a cell needs fewer than n.
        middle: (cells,) int64, the one in the middle of each cell, whose weight is above 0.
        unit: What the weights of a cell add up to.
    """

    index: NDArray[np.int64]
    weight: NDArray[np.int64]
    middle: NDArray[np.int64]
    unit: int

    @property
    def first(self) -> int:
        """The first pixel that is needed."""
        return int(self.index.min())

    @property
    def end(self) -> int:
        """The pixel after the last one that is needed."""
        return int(self.index.max()) + 1

    @property
    def is_copy(self) -> bool:
        """Whether every cell is one pixel."""
        return len(self.index) == 1

    def part(self, start: int, end: int) -> AxisWeights:
        """Those of some of the cells."""
        cells = slice(start, end)
        return AxisWeights(self.index[:, cells], self.weight[:, cells], self.middle[cells], self.unit)


def _averaging(
    first: NDArray[np.int64], cell: int, step: int, last_step: int, middle: NDArray[np.int64]
) -> AxisWeights:
    """Weights by the length that a cell and a pixel share."""
    begin = first // step
    count = int((-(-(first + cell) // step) - begin).max())
    edges = begin + np.arange(count + 1, dtype=np.int64)[:, None]
    shared = np.clip(edges * step - first, 0, cell)
    unit = 256 if cell <= FEW * step else FINE_UNIT
    # Rounding the sums, not the weights, keeps their total.
    weight = np.diff((2 * unit * shared + cell) // (2 * cell), axis=0)
    return AxisWeights(np.minimum(edges[:-1], last_step), weight, middle, unit)


def _interpolating(
    first: NDArray[np.int64], cell: int, step: int, last_step: int, middle: NDArray[np.int64]
) -> AxisWeights:
    """Weights by the distance from the middle of a cell to those of the two pixels beside it."""
    unit = 256
    along = 2 * first + cell - step  # from the middle of pixel 0, in halves
    before = along // (2 * step)
    after_weight = (unit * (along - before * 2 * step) + step) // (2 * step)
    index = np.clip(np.stack([before, before + 1]), 0, last_step)
    return AxisWeights(index, np.stack([unit - after_weight, after_weight]), middle, unit)


def weigh(pixels: NDArray[Any], rows: AxisWeights, cols: AxisWeights) -> NDArray[Any]:
    """Add up weighted pixels along both axes.

    Args:
        pixels: (B, H, W); row 0 is `rows.first`, column 0 is `cols.first`.
        rows: Of the rows.
        cols: Of the columns.

    Returns:
        (B, h, w) sums, `rows.unit * cols.unit` times the means: uint32 for unsigned pixels of at most 16 bits where
        the weights are coarse enough, else float64.
    """
    small = pixels.dtype.kind == "u" and pixels.dtype.itemsize <= 2 and rows.unit == cols.unit == 256
    within: type[np.generic] = np.float64
    if small:
        within = np.uint16 if pixels.dtype.itemsize == 1 else np.uint32
    totals: type[np.generic] = np.uint32 if small else np.float64
    count, height = len(pixels), rows.index.shape[1]
    result = np.empty((count, height, cols.index.shape[1]), totals)
    # A few rows of one band at a time: what is added up then stays in the processor's cache, 4 to 9 times as fast.
    step = max(1, CACHED_BYTES // (np.dtype(within).itemsize * pixels.shape[2]))
    row_weights, col_weights = rows.weight.astype(within)[:, :, None], cols.weight.astype(totals)
    for band, start in itertools.product(range(count), range(0, height, step)):
        part = slice(start, min(height, start + step))
        sums = _added(pixels[band], 0, rows.index[:, part] - rows.first, row_weights[:, part])
        result[band, part] = _added(sums, 1, cols.index - cols.first, col_weights)
    return result


def _added(pixels: NDArray[Any], axis: int, index: NDArray[np.int64], weights: NDArray[Any]) -> NDArray[Any]:
    """Add up the rows or columns of (H, W) pixels, each with its weight, in the type of the weights."""
    total, dtype = None, weights.dtype
    for places, weight in zip(index, weights):
        part = np.multiply(pixels.take(places, axis), weight, dtype=dtype)
        total = part if total is None else np.add(total, part, out=total)
    return np.asarray(total)


def weighted_mean(
    pixels: NDArray[Any], valid: NDArray[np.bool_] | None, rows: AxisWeights, cols: AxisWeights
) -> NDArray[Any]:
    """Average pixels that hold data.

    Args:
        pixels: As in `weigh`.
        valid: (H, W), which of them count; None = all. Cells without any are 0.
        rows: Of the rows.
        cols: Of the columns.

    Returns:
        (B, h, w) in the type of the pixels; integers are rounded half away from zero.
    """
    if valid is not None and valid.all():
        valid = None
    if valid is None and rows.is_copy and cols.is_copy:
        return pixels
    unit = rows.unit * cols.unit
    if valid is None:
        sums = weigh(pixels, rows, cols)
        if sums.dtype == np.uint32:
            return ((sums + np.uint32(unit // 2)) >> np.uint32(16)).astype(pixels.dtype)
        mean = sums / unit
    else:
        counts = weigh(valid[None].astype(np.uint8), rows, cols)
        sums = weigh(np.where(valid, pixels, pixels.dtype.type(0)), rows, cols)
        mean = sums / np.maximum(counts, 1)
    if pixels.dtype.kind != "f":
        mean = np.trunc(mean + np.copysign(0.5, mean))
    return mean.astype(pixels.dtype)
