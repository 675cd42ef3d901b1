"""Which parts of a place are judged: the choices that benchmarks/review.py compares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.warp import Resampling

from benchmarks.reviewing import CELL, Cells, scattered_regions, uncertain_regions

SIDE = 4  # cells of a square
POOL = 5  # of so many times as many squares as are judged, the most uncertain, a diverse choice is made
U, FINAL, UNFAMILIAR = 1, 2, 3  # bands of an uncertainty raster

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Place:
    """A part of a raster, segmented.

    Attributes:
        name: Of the raster and the part.
        folder: With image.tif, classes.tif, uncertainty.tif, truth.tif.
        found: (h, w) what the model found.
        truth: (h, w) its true classes, `UNKNOWN` where nobody knows.
        doubt: (3, r, c) U, final uncertainty, unfamiliarity of cells, 0..254.
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


def squares_of(values: Numbers) -> Numbers:
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


def top_squares(values: Numbers, count: int) -> npt.NDArray[np.int64]:
    """The squares with the highest mean."""
    return np.argsort(-values, axis=None, kind="stable")[:count]


def doubtful_squares(place: Place) -> list[Cells]:
    """The squares with the highest mean uncertainty."""
    values = squares_of(place.doubt[FINAL - 1])
    return as_cells(top_squares(values, place.squares), values.shape[1])


def random_squares(place: Place, rng: np.random.Generator) -> list[Cells]:
    """As many at random."""
    values = squares_of(place.doubt[0])
    return as_cells(rng.choice(values.size, place.squares, replace=False), values.shape[1])


def mixed_squares(place: Place, rng: np.random.Generator) -> list[Cells]:
    """Half of them the most uncertain, half at random."""
    values = squares_of(place.doubt[FINAL - 1])
    order, half = top_squares(values, values.size), place.squares // 2
    return as_cells(
        np.concatenate([order[:half], rng.permutation(order[half:])[: place.squares - half]]), values.shape[1]
    )


def balanced_squares(place: Place) -> list[Cells]:
    """Half of them the most uncertain where the class was found in most of the square, half elsewhere."""
    values = squares_of(place.doubt[FINAL - 1])
    rows, cols = (length * SIDE * CELL for length in values.shape)
    share = (place.found == 1)[:rows, :cols].reshape(values.shape[0], SIDE * CELL, values.shape[1], SIDE * CELL)
    mostly = share.mean(axis=(1, 3)) > 0.5
    half = min(place.squares // 2, int(mostly.sum()))
    chosen = [
        top_squares(np.where(mostly, values, -1), half),
        top_squares(np.where(mostly, -1, values), place.squares - half),
    ]
    return as_cells(np.concatenate(chosen), values.shape[1])


def diverse_squares(place: Place, rng: np.random.Generator) -> list[Cells]:
    """Of the most uncertain squares one of each kind: k-means over colour, texture, what was found and how surely."""
    values = squares_of(place.doubt[FINAL - 1])
    pool = top_squares(values, POOL * place.squares)
    side = SIDE * CELL
    rows, cols = values.shape
    with rasterio.open(place.folder / "image.tif") as file:
        image = file.read(out_shape=(3, *place.found.shape), resampling=Resampling.average)
    whole = image[:, : rows * side, : cols * side].astype(np.float64).reshape(3, rows, side, cols, side)
    found = (place.found == 1)[: rows * side, : cols * side].reshape(rows, side, cols, side).mean(axis=(1, 3))
    kinds = [*whole.mean(axis=(2, 4)), *whole.std(axis=(2, 4)), found, squares_of(place.doubt[U - 1]), values]
    kinds.append(squares_of(place.doubt[UNFAMILIAR - 1]))
    features = np.stack([kind.ravel()[pool] for kind in kinds], axis=1)
    features = (features - features.mean(0)) / (features.std(0) + 1e-9)
    group = k_means(features, place.squares, rng)
    return as_cells(np.array([pool[group == number][0] for number in np.unique(group)]), cols)


def k_means(features: Numbers, count: int, rng: np.random.Generator, rounds: int = 25) -> Numbers:
    """The group (n,) of each row of (n, f), 0..count-1."""
    centres = features[rng.choice(len(features), count, replace=False)]
    for _ in range(rounds):
        group = ((features[:, None] - centres) ** 2).sum(-1).argmin(1)
        centres = np.stack([features[group == i].mean(0) if (group == i).any() else centres[i] for i in range(count)])
    return np.asarray(((features[:, None] - centres) ** 2).sum(-1).argmin(1))


def whole(place: Place) -> list[Cells]:
    """All cells."""
    rows, cols = place.grid
    return [np.array([[row, 0, cols] for row in range(rows)])]


def regions_of(place: Place, band: int, share: float = 1.0) -> list[Cells]:
    """What *Uncertain regions* finds, for a part of the share."""
    return uncertain_regions(place.folder / "uncertainty.tif", share * place.top, band)


def half_random_regions(place: Place, rng: np.random.Generator) -> list[Cells]:
    """Uncertain regions of half of the share, and the same elsewhere at random."""
    regions = regions_of(place, FINAL, 0.5)
    taken = np.zeros(place.grid, np.bool_)
    for runs in regions:
        for row, first, after in runs:
            taken[row, first:after] = True
    free = [
        np.array([(row, first, after)])
        for runs in scattered_regions(regions, place.grid, rng)
        for row, first, after in runs
        if not taken[row, first:after].any()
    ]
    return [*regions, *free]


ARMS: dict[str, Callable[[Place, np.random.Generator], list[Cells]]] = {
    "regions": lambda place, rng: regions_of(place, FINAL),
    "regions of U": lambda place, rng: regions_of(place, U),
    "unfamiliar regions": lambda place, rng: regions_of(place, UNFAMILIAR),
    "half random regions": lambda place, rng: half_random_regions(place, rng),
    "random regions": lambda place, rng: scattered_regions(regions_of(place, FINAL), place.grid, rng),
    "squares": lambda place, rng: doubtful_squares(place),
    "balanced squares": lambda place, rng: balanced_squares(place),
    "diverse squares": diverse_squares,
    "mixed squares": mixed_squares,
    "random squares": random_squares,
    "whole": lambda place, rng: whole(place),
}
