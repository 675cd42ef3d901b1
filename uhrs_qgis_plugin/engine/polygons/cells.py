"""Sums over runs of pixels of numbers that are equal within large cells: uncertainties, and areas on the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.polygons.strips import Ints


@dataclass(frozen=True, eq=False)
class CellGrid:
    """Numbers of cells of some rows.

    Attributes:
        numbers: (rows of cells, columns of cells) number of each pixel of a cell.
        height: Pixels of a cell down.
        width: Pixels of a cell along a row.
        first_row: Row of pixels that the first row of cells begins at.
    """

    numbers: NDArray[np.float64]
    height: int
    width: int
    first_row: int

    def over_runs(self, rows: Ints, starts: Ints, ends: Ints) -> NDArray[np.float64]:
        """Sum the pixels of runs.

        Args:
            rows: (n,) row of the raster.
            starts: (n,) first column.
            ends: (n,) column after the last.

        Returns:
            (n,).
        """
        count = self.numbers.shape[1]
        before = np.zeros((len(self.numbers), count + 1))
        np.cumsum(self.numbers, axis=1, out=before[:, 1:])
        padded = np.zeros_like(before)
        padded[:, :-1] = self.numbers
        offsets = (rows - self.first_row) // self.height * (count + 1)

        def up_to(cols: Ints) -> NDArray[np.float64]:
            cell, rest = np.divmod(cols, self.width)
            places = offsets + cell
            return before.ravel()[places] * self.width + padded.ravel()[places] * rest

        return np.asarray(up_to(ends) - up_to(starts))
