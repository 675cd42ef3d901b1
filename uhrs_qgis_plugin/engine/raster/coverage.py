"""Where the sources of a mosaic lie, so that gaps are known without opening a single one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window, nearest_pixels

MOST_GAP_CELLS = 20_000_000  # beyond it gaps are assumed, not looked for


@dataclass(frozen=True)
class Coverage:
    """Rectangles that the sources of a mosaic fill; what none of them fills is no data.

    Attributes:
        names: (N) file of each rectangle.
        bands: (N) int64, the band that the rectangle is in, 0 = every band.
        rects: (N, 4) int64, row, column, row after the last, column after the last; in pixels of the mosaic.
        has_gaps: False when the rectangles fill every band of the mosaic.
    """

    names: tuple[str, ...]
    bands: NDArray[np.int64]
    rects: NDArray[np.int64]
    has_gaps: bool

    def touching(self, bands: Sequence[int] | None, window: Window) -> NDArray[np.int64]:
        """Find the rectangles that reach into a window.

        Args:
            bands: The bands that count, None = all.
            window: Pixels of the mosaic.

        Returns:
            (n,) indices of rectangles.
        """
        row, col, row_end, col_end = self.rects.T
        inside = (row < window.row_end) & (row_end > window.row) & (col < window.col_end) & (col_end > window.col)
        if bands is not None:
            inside &= np.isin(self.bands, [0, *bands])
        return np.flatnonzero(inside)

    def covered(self, bands: Sequence[int], window: Window, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Tell which pixels of a window some source fills.

        Args:
            bands: The bands that count: one that is filled is enough.
            window: Pixels of the mosaic.
            shape: (rows, columns) to reduce to, by the nearest pixel.

        Returns:
            (h, w) bool.
        """
        result = np.zeros(shape, np.bool_)
        rows = nearest_pixels(window.height, shape[0]) + window.row
        cols = nearest_pixels(window.width, shape[1]) + window.col
        for row, col, row_end, col_end in self.rects[self.touching(bands, window)]:
            top, bottom = np.searchsorted(rows, (row, row_end))
            left, right = np.searchsorted(cols, (col, col_end))
            result[top:bottom, left:right] = True
        return result

    def names_in(self, window: Window) -> tuple[str, ...]:
        """Name the files that reach into a window, each once."""
        return tuple(dict.fromkeys(self.names[index] for index in self.touching(None, window)))


def make_coverage(
    names: Sequence[str], bands: NDArray[np.int64], rects: NDArray[np.int64], height: int, width: int, count: int
) -> Coverage:
    """Collect rectangles.

    Args:
        names: Per source, see `Coverage`.
        bands: Per source, see `Coverage`.
        rects: Per source, see `Coverage`.
        height: Rows of the mosaic.
        width: Columns of the mosaic.
        count: Bands of the mosaic.
    """
    gaps = any(
        _leaves_gaps(rects[np.isin(bands, (0, band))], height, width)
        for band in range(1, count + 1 if bands.any() else 2)
    )
    return Coverage(tuple(names), bands, rects, gaps)


def _leaves_gaps(rects: NDArray[np.int64], height: int, width: int) -> bool:
    """Whether rectangles leave a pixel of a raster open: looked at per cell between their edges, not per pixel."""
    rows = np.unique(np.concatenate([rects[:, 0], rects[:, 2], [0, height]]).clip(0, height))
    cols = np.unique(np.concatenate([rects[:, 1], rects[:, 3], [0, width]]).clip(0, width))
    if rows.size * cols.size > MOST_GAP_CELLS:
        return True
    filled = np.zeros((rows.size - 1, cols.size - 1), np.bool_)
    tops, bottoms = (np.searchsorted(rows, rects[:, place]).tolist() for place in (0, 2))
    lefts, rights = (np.searchsorted(cols, rects[:, place]).tolist() for place in (1, 3))
    for top, left, bottom, right in zip(tops, lefts, bottoms, rights):
        filled[top:bottom, left:right] = True
    return not bool(filled.all())
