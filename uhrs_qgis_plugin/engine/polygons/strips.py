"""Class rasters from top to bottom, in strips of whole rows, and the runs of equal numbers in them.

A run is a maximal stretch of pixels of one number in a row. Every row is tiled by its runs, those without data too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import RasterInfo, RasterReader

Ints = NDArray[np.int64]

NOTHING = -1  # what a pixel without data holds
STRIP_PIXELS = 1 << 22  # read at a time: bounds memory, some 60 bytes a pixel at the peak


def strip_rows(info: RasterInfo) -> int:
    """Choose how many rows to read at once: about `STRIP_PIXELS`, whole blocks of the file where they are so low."""
    rows = max(1, min(info.height, STRIP_PIXELS // info.width))
    unit = info.block_shape[0]
    return rows // unit * unit if rows > unit else rows


def read_strips(reader: RasterReader, rows: int, watch: Watch) -> Iterator[tuple[int, NDArray[np.int16]]]:
    """Read a class raster from top to bottom.

    Args:
        reader: A raster of one band of uint8.
        rows: Rows at a time.
        watch: Stops between strips.

    Yields:
        First row, and (h, w) numbers, `NOTHING` where there is no data.

    Raises:
        RasterError: A block cannot be read.
        CancelledError: The caller cancelled.
    """
    info = reader.info
    nodata = info.nodata[0] if info.nodata else None
    masked = info.has_own_mask or bool(info.alpha_bands)
    for row in range(0, info.height, rows):
        watch.check()
        window = Window(row, 0, min(rows, info.height - row), info.width)
        pixels = reader.read([1], window)[0]
        labels = pixels.astype(np.int16)
        if masked:
            labels[~reader.read_valid([1], window)] = NOTHING
        elif nodata is not None:
            labels[pixels == int(nodata)] = NOTHING
        yield row, labels


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of whole rows, row by row.

    Attributes:
        width: Pixels in a row.
        starts: (n,) place of the first pixel: row * width + column, rows from that of the first run.
        ends: (n,) the place after the last one.
        values: (n,) number.
    """

    width: int
    starts: Ints
    ends: Ints
    values: NDArray[np.int16]

    @property
    def rows(self) -> Ints:
        """(n,) row of each run, from that of the first."""
        return np.asarray(self.starts // self.width)


def find_runs(labels: NDArray[np.int16]) -> Runs:
    """Find the runs of (h, w) numbers."""
    height, width = labels.shape
    begins = np.ones((height, width), np.bool_)
    np.not_equal(labels[:, 1:], labels[:, :-1], out=begins[:, 1:])
    starts = np.flatnonzero(begins)
    return Runs(width, starts, np.append(starts[1:], labels.size), labels.ravel()[starts])


def touching_runs(runs: Runs) -> tuple[Ints, Ints, Ints]:
    """Find the pairs of runs of neighbouring rows that share a side.

    Returns:
        (m,) indices of the lower runs, (m,) of the upper ones, and (m,) how many pixels long the shared side is.
    """
    starts, width = runs.starts, runs.width
    # A stretch that two runs share begins where one of them begins.
    first_below = int(np.searchsorted(starts, starts[0] + width))
    lower = np.arange(first_below, len(starts))
    above = np.searchsorted(starts, starts[first_below:] - width, "right") - 1
    last_above = int(np.searchsorted(starts, starts[-1] // width * width))
    upper = np.arange(last_above)
    below = np.searchsorted(starts, starts[:last_above] + width, "right") - 1
    fresh = starts[below] != starts[:last_above] + width  # else both begin here, and the first half has the pair
    low, high = np.concatenate((lower, below[fresh])), np.concatenate((above, upper[fresh]))
    length = np.minimum(runs.ends[low] - width, runs.ends[high]) - np.maximum(starts[low] - width, starts[high])
    return low, high, length
