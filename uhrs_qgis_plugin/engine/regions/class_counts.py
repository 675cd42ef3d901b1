"""Which classes lie in regions: pixels per class, read only where regions are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import RasterInfo, RasterReader, open_raster
from uhrs_qgis_plugin.engine.regions.runs import Ints
from uhrs_qgis_plugin.engine.regions.threshold import read_numbers
from uhrs_qgis_plugin.engine.regions.tracker import Region
from uhrs_qgis_plugin.engine.results import VALUES, check_classes, pixels_per_cell

BLOCK_PIXELS = 2048  # side of what is read at once: whole tiles of the file, some megabytes
NO_CLASS = -1


def count_classes(
    path: str,
    cells: RasterInfo,
    regions: Sequence[Region],
    watch: Watch = UNWATCHED,
    backend: str = "auto",
) -> NDArray[np.int64]:
    """Count the pixels of each class in each region.

    Args:
        path: The class raster: uint8, n x n pixels for one cell.
        cells: The uncertainty raster that the regions are of.

    Returns:
        (regions, 256) pixels per class number; nodata is not counted.

    Raises:
        RasterError: The raster cannot be read, or does not fit the uncertainty raster.
        CancelledError: The caller cancelled.
    """
    counts = np.zeros((len(regions), VALUES), np.int64)
    with open_raster(path, backend) as reader:
        check_classes(reader.info)
        side = pixels_per_cell(reader.info, cells)
        for block, rows, cols, owners, share in _blocks(regions, max(1, BLOCK_PIXELS // side)):
            watch.check()
            values, valid = _read_cells(reader, block, side)
            here, local = np.unique(owners, return_inverse=True)
            pixels = values[rows, :, cols, :]
            labels = local.reshape(-1, 1, 1) * VALUES + pixels
            found = np.bincount(labels[valid[rows, :, cols, :]], minlength=len(here) * VALUES)
            counts[here] += found.reshape(len(here), VALUES)
            watch.report(share)
    return counts


def two_largest(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find the most frequent and the second most frequent class.

    Args:
        counts: (n, 256) pixels per class.

    Returns:
        (n, 2) class numbers, -1 where there is none; on a tie the lower number comes first.
    """
    best = np.argsort(-counts, axis=1, kind="stable")[:, :2]
    return np.where(np.take_along_axis(counts, best, axis=1) > 0, best, NO_CLASS)


def _blocks(regions: Sequence[Region], side: int) -> Iterator[tuple[Window, Ints, Ints, Ints, float]]:
    """Go through the cells of regions by blocks of a grid, so that no part of the class raster is read twice.

    Yields:
        Window around the cells, in cells; their rows and columns in it; their regions; how much is done, 0..1.
    """
    if not regions:
        return
    runs = np.concatenate([region.runs for region in regions])
    owners = np.repeat(np.arange(len(regions)), [len(region.runs) for region in regions])
    order = np.argsort(runs[:, 0], kind="stable")
    runs, owners = runs[order], owners[order]
    for row in range(int(runs[0, 0]) // side * side, int(runs[-1, 0]) + 1, side):
        first, last = np.searchsorted(runs[:, 0], [row, row + side])
        rows, starts, ends = runs[first:last].astype(np.int64).T
        for left in range(0, int(ends.max(initial=0)), side):
            inside = np.flatnonzero((starts < left + side) & (ends > left))
            if len(inside):
                begins, stops = np.maximum(starts[inside], left), np.minimum(ends[inside], left + side)
                yield (*_cells_of(rows[inside], begins, stops, owners[first + inside]), last / len(runs))


def _cells_of(rows: Ints, starts: Ints, ends: Ints, owners: Ints) -> tuple[Window, Ints, Ints, Ints]:
    """List the cells of runs: the window around them, their rows and columns in it, and their regions."""
    lengths = ends - starts
    top, left = int(rows.min()), int(starts.min())
    window = Window(top, left, int(rows.max()) - top + 1, int(ends.max()) - left)
    offsets = starts - left - (np.cumsum(lengths) - lengths)
    cols = np.arange(lengths.sum()) + np.repeat(offsets, lengths)
    return window, np.repeat(rows - top, lengths), cols, np.repeat(owners, lengths)


def _read_cells(reader: RasterReader, block: Window, side: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Read the classes of a block of cells.

    Returns:
        (h, side, w, side) class numbers, and which of them are valid; cells at the right and lower edges may hold
        pixels beyond the raster, which are not.
    """
    whole = Window(block.row * side, block.col * side, block.height * side, block.width * side)
    window = whole.clipped(reader.info.height, reader.info.width)
    values = np.zeros((whole.height, whole.width), np.uint8)
    valid = np.zeros((whole.height, whole.width), np.bool_)
    read, is_valid = read_numbers(reader, 1, window)
    values[: window.height, : window.width] = read
    valid[: window.height, : window.width] = True if is_valid is None else is_valid
    shape = (block.height, side, block.width, side)
    return values.reshape(shape), valid.reshape(shape)
