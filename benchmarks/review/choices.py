"""Which parts of a place are judged: the choices that benchmarks/review/run.py compares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.review.reviewing import Cells, scattered_regions, uncertain_regions

SIDE = 4  # cells of a square
LARGE = 4  # least cells of a region by default
U, FINAL = 1, 2  # bands of an uncertainty raster

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Place:
    """A part of a raster, segmented.

    Attributes:
        name: Of the raster and the part.
        folder: With image.tif, classes.tif, uncertainty.tif, truth.tif.
        found: (h, w) what the model found.
        truth: (h, w) its true classes, 255 where nobody knows.
        doubt: (2, r, c) U and final uncertainty of cells, 0..254.
        top: Share of the area to judge, per cent.
    """

    name: str
    folder: Path
    found: Numbers
    truth: Numbers
    doubt: Numbers
    top: float

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of cells."""
        return int(self.doubt.shape[1]), int(self.doubt.shape[2])

    @property
    def squares(self) -> int:
        """How many squares make up the share."""
        return max(1, round(self.top / 100 * self.grid[0] * self.grid[1] / SIDE**2))


def regions_of(place: Place, band: int = FINAL, min_cells: int = 1) -> list[Cells]:
    """What *Uncertain regions* finds."""
    return uncertain_regions(place.folder / "uncertainty.tif", place.top, band, min_cells=min_cells)


def uncertain_squares(place: Place) -> list[Cells]:
    """The squares with the highest mean of the final uncertainty."""
    means = means_of_squares(place.doubt[FINAL - 1])
    return as_cells(np.argsort(-means, axis=None, kind="stable")[: place.squares], means.shape[1])


def random_squares(place: Place, rng: np.random.Generator) -> list[Cells]:
    """As many at random."""
    means = means_of_squares(place.doubt[FINAL - 1])
    return as_cells(rng.choice(means.size, place.squares, replace=False), means.shape[1])


def means_of_squares(values: Numbers) -> Numbers:
    """Mean of the cells of each whole square."""
    rows, cols = (length // SIDE for length in values.shape)
    whole = values[: rows * SIDE, : cols * SIDE].astype(np.float64)
    return np.asarray(whole.reshape(rows, SIDE, cols, SIDE).mean(axis=(1, 3)))


def as_cells(places: npt.NDArray[np.int64], across: int) -> list[Cells]:
    """Squares by their number, row by row, as runs of cells."""
    found = []
    for row, col in zip(*np.divmod(places, across), strict=True):
        found.append(np.array([[row * SIDE + i, col * SIDE, (col + 1) * SIDE] for i in range(SIDE)]))
    return found


def everything(place: Place) -> list[Cells]:
    """All cells."""
    rows, cols = place.grid
    return [np.array([[row, 0, cols] for row in range(rows)])]


ARMS: dict[str, Callable[[Place, np.random.Generator], list[Cells]]] = {
    "regions": lambda place, rng: regions_of(place),
    "large regions": lambda place, rng: regions_of(place, min_cells=LARGE),
    "regions of U": lambda place, rng: regions_of(place, U),
    "random regions": lambda place, rng: scattered_regions(regions_of(place), place.grid, rng),
    "squares": lambda place, rng: uncertain_squares(place),
    "random squares": random_squares,
    "whole": lambda place, rng: everything(place),
}
