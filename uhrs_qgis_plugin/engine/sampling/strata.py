"""Which stratum a pixel belongs to, streamed: its class, its level of uncertainty, or one for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.areas import PixelAreas, file_block_windows
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.overlay import read_valid_labels
from uhrs_qgis_plugin.engine.raster import RasterReader
from uhrs_qgis_plugin.engine.results import LEVELS, NODATA, VALUES

# Parts of the area below which strata of uncertainty end: the surest half, and so on; the last has what is left.
QUANTILES = (0.5, 0.8, 0.95)


@dataclass
class PixelCodes:
    """Reads a code for each valid pixel: its class, or its level of uncertainty.

    Attributes:
        classes: The class raster.
        uncertainty: The uncertainty raster, None for none.
        band: Its band.
        cell: Class pixels along a side of its cells.
        areas: Of the pixels; None counts pixels.
    """

    classes: RasterReader
    uncertainty: RasterReader | None
    band: int
    cell: int
    areas: PixelAreas | None

    def windows(self, watch: Watch) -> Iterator[Window]:
        """Walk over the raster, always in the same order."""
        info = self.classes.info
        for window in file_block_windows(info):
            watch.check()
            if self.classes.may_hold_data(window):
                yield window
            watch.report((window.row * info.width + window.col_end * window.height) / (info.height * info.width))

    def read(self, window: Window) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.uint8]]:
        """Read a window.

        Returns:
            (h, w) classes, where they are valid, and levels of uncertainty (255 = unknown).
        """
        labels = read_valid_labels(self.classes, window)
        if self.uncertainty is None:
            return labels.values, labels.valid, np.full(labels.values.shape, NODATA, np.uint8)
        cell = self.cell
        row, col = window.row // cell, window.col // cell
        part = Window(row, col, -(-window.row_end // cell) - row, -(-window.col_end // cell) - col)
        found = read_valid_labels(self.uncertainty, part, self.band)
        levels = np.where(found.valid, found.values, NODATA).astype(np.uint8)
        levels = np.repeat(np.repeat(levels, cell, axis=1), cell, axis=0)
        top, left = window.row - row * cell, window.col - col * cell
        return labels.values, labels.valid, levels[top : top + window.height, left : left + window.width]


@dataclass
class PixelCounts:
    """Pixels and areas by class and by level of uncertainty.

    Attributes:
        pixels: (256, 256) by class and level.
        areas: (256, 256) alike, square metres or pixels.
    """

    pixels: NDArray[np.int64] = field(default_factory=lambda: np.zeros((VALUES, VALUES), np.int64))
    areas: NDArray[np.float64] = field(default_factory=lambda: np.zeros((VALUES, VALUES)))

    def add(
        self, values: NDArray[np.uint8], valid: NDArray[np.bool_], levels: NDArray[np.uint8], sizes: NDArray[np.float64]
    ) -> None:
        """Count a window."""
        codes = (values.astype(np.int64) * VALUES + levels)[valid]
        pixels = np.bincount(codes, minlength=VALUES**2)
        self.pixels += pixels.reshape(VALUES, VALUES)
        if sizes.size == 1:
            self.areas += pixels.reshape(VALUES, VALUES) * float(sizes[0, 0])
        else:
            weights = np.broadcast_to(sizes, valid.shape)[valid]
            self.areas += np.bincount(codes, weights, VALUES**2).reshape(VALUES, VALUES)


def count(codes: PixelCodes, watch: Watch) -> PixelCounts:
    """Count all valid pixels.

    Raises:
        RasterError: A raster cannot be read.
        CancelledError: The caller cancelled.
    """
    counts, one = PixelCounts(), np.ones((1, 1))
    for window in codes.windows(watch):
        counts.add(*codes.read(window), one if codes.areas is None else codes.areas.of_window(window))
    return counts


def by_class(counts: PixelCounts) -> NDArray[np.int64]:
    """(256, 256) index of the stratum by class and level: a stratum a class; -1 where there is no pixel."""
    table = np.full((VALUES, VALUES), -1)
    present = np.flatnonzero(counts.pixels.sum(axis=1))
    table[present] = np.arange(len(present))[:, None]
    return table


def by_uncertainty(counts: PixelCounts) -> tuple[NDArray[np.int64], list[str]]:
    """Strata of uncertainty: the surest half of the area, and ever smaller parts of what is less sure.

    Returns:
        (256, 256) index of the stratum by class and level, and the strata's names.
    """
    areas = counts.areas.sum(axis=0)
    pixels = counts.pixels.sum(axis=0)
    known = areas[: LEVELS + 1]
    table = np.full(VALUES, -1)
    names: list[str] = []
    if known.sum() > 0:
        below = np.cumsum(known) / known.sum()
        edges = sorted({int(np.searchsorted(below, part - 1e-12)) + 1 for part in QUANTILES} - {LEVELS + 1})
        for low, high in zip([0, *edges], [*edges, LEVELS + 1]):
            if pixels[low:high].any():
                table[low:high] = len(names)
                names.append(f"U {low / LEVELS:.2f} to {(high - 1) / LEVELS:.2f}")
    if pixels[NODATA]:
        table[NODATA] = len(names)
        names.append("U unknown")
    return np.broadcast_to(table, (VALUES, VALUES)), names


def pick(
    codes: PixelCodes, table: NDArray[np.int64], ranks: Sequence[NDArray[np.int64]], watch: Watch
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8], NDArray[np.uint8]]]:
    """Find the pixels of given ranks in each stratum, in the order of the windows.

    Args:
        table: (256, 256) stratum by class and level.
        ranks: Per stratum the ranks of the wanted pixels, ascending; 0 = the first of the stratum.

    Yields:
        Stratum, and of its pixels in a window the rows, columns, classes and levels.
    """
    seen = np.zeros(len(ranks), np.int64)
    for window in codes.windows(watch):
        values, valid, levels = codes.read(window)
        strata = np.where(valid, table[values, levels], -1).ravel()
        pixels = np.bincount(strata[strata >= 0], minlength=len(ranks))
        for stratum in np.flatnonzero(pixels).tolist():
            start, end = np.searchsorted(ranks[stratum], (seen[stratum], seen[stratum] + pixels[stratum]))
            if end > start:
                places = np.flatnonzero(strata == stratum)[ranks[stratum][start:end] - seen[stratum]]
                rows, cols = np.divmod(places, window.width)
                at = rows, cols
                yield stratum, rows + window.row, cols + window.col, values[at], levels[at]
        seen += pixels
