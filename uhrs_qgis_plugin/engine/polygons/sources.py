"""The rasters that polygons are made of, and the grids of numbers that are summed over their pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.areas import PixelAreas
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.polygons.cells import CellGrid
from uhrs_qgis_plugin.engine.raster import RasterInfo, RasterReader
from uhrs_qgis_plugin.engine.results import LEVELS, NODATA, VALUES

AREA_ROWS, AREA_COLS = 64, 256  # pixels whose mean area stands for each of them
ROUNDING = 1e-9  # of a threshold between two steps


@dataclass(frozen=True)
class Uncertainties:
    """The uncertainty raster of a class raster.

    Attributes:
        reader: Bands 1 (U) and, where there is one, 2 (the final uncertainty).
        cell: Class pixels along a side of one of its cells.
        threshold: Uncertainty, 0..1, from which a pixel is unsure.
    """

    reader: RasterReader
    cell: int
    threshold: float

    @property
    def final(self) -> int:
        """The band of the final uncertainty, or the only one."""
        return min(2, self.reader.info.count)

    def grids(self, row: int, row_end: int) -> list[CellGrid]:
        """Read what is summed for some rows of the classes: see `UNCERTAINTY_SUMS`."""
        cell, info = self.cell, self.reader.info
        first = row // cell
        window = Window(first, 0, -(-row_end // cell) - first, info.width)
        coarse, final = self.reader.read([1, self.final], window)
        grids = []
        for band, numbers in ((1, coarse), (self.final, final)):
            nodata = info.nodata[band - 1]
            known = numbers != (NODATA if nodata is None else int(nodata))
            grids += [np.where(known, numbers, 0) / LEVELS, known]
        least = min(VALUES, math.ceil(self.threshold * LEVELS - ROUNDING))
        grids.append(grids[3] & (final >= least))
        return [CellGrid(np.asarray(grid, np.float64), cell, cell, first * cell) for grid in grids]


UNCERTAINTY_SUMS = ("u", "u_known", "final", "final_known", "unsure")


class GroundAreas:
    """The area of the pixels of a raster, in cells of `AREA_ROWS` x `AREA_COLS` that lie always at the same places."""

    def __init__(self, info: RasterInfo, areas: PixelAreas | None) -> None:
        """Describe the raster; without areas each pixel counts 1."""
        self._info, self._areas = info, areas

    @property
    def is_measured(self) -> bool:
        """Whether pixels are square metres."""
        return self._areas is not None

    @property
    def pixel(self) -> float:
        """Area of a pixel in the middle of the raster."""
        numbers = self.grid(self._info.height // 2, self._info.height // 2 + 1).numbers
        return float(numbers[0, numbers.shape[1] // 2]) or 1.0

    def grid(self, row: int, row_end: int) -> CellGrid:
        """Measure some rows."""
        height, width = self._info.height, self._info.width
        first = row // AREA_ROWS
        last = -(-row_end // AREA_ROWS)
        if self._areas is None:
            return CellGrid(np.ones((last - first, -(-width // AREA_COLS))), AREA_ROWS, AREA_COLS, first * AREA_ROWS)
        rows = np.minimum(np.arange(first, last + 1) * AREA_ROWS, height).astype(np.float64)
        cols = np.append(np.arange(0, width, AREA_COLS), width).astype(np.float64)
        mean = self._areas.cells(rows, cols) / np.outer(np.diff(rows), np.diff(cols))
        return CellGrid(mean, AREA_ROWS, AREA_COLS, first * AREA_ROWS)


def sums_grids(row: int, row_end: int, ground: GroundAreas, uncertainties: Uncertainties | None) -> Sequence[CellGrid]:
    """All that is summed over the pixels of some rows: the area first."""
    return [ground.grid(row, row_end), *([] if uncertainties is None else uncertainties.grids(row, row_end))]


def mean(total: NDArray[np.float64], known: NDArray[np.float64]) -> list[float | None]:
    """Divide sums by what is known; None where that is nothing."""
    return [float(one / other) if other > 0 else None for one, other in zip(total, known)]
