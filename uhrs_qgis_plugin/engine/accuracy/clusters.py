"""Estimates from whole areas as reference: pixels of polygons, or of a raster, which resemble their neighbours.

Pixels are not drawn one by one, so that their number says nothing about the precision. What varies are the polygons, or
the blocks into which a raster is cut: intervals come from drawing these with replacement (the block bootstrap).

Reference: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapters 8.5 and 13 (percentile intervals).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.accuracy.figures import Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REPLICATES, AT_ONCE, SEED = 1000, 50, 20140
LEAST_CLUSTERS = 5  # fewer give no interval at all


@dataclass
class Clusters:
    """What lies in each polygon or block: areas by pair of map class and reference class.

    Attributes:
        classes: How many there are.
    """

    classes: int
    _codes: list[Ints] = field(default_factory=list)
    _areas: list[Floats] = field(default_factory=list)
    _of: list[Ints] = field(default_factory=list)
    _count: int = 0
    pixels: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        self.pixels = np.zeros(self.classes**2, np.int64)

    def add(self, cluster: int, codes: Ints, pixels: Ints, areas: Floats) -> None:
        """Add pixels.

        Args:
            cluster: Number of the polygon or block.
            codes: (k,) map class * classes + reference class, each once.
            pixels: (k,) how many.
            areas: (k,) their area.
        """
        if len(codes):
            self._codes.append(codes)
            self._areas.append(areas)
            self._of.append(np.full(len(codes), cluster))
            self.pixels[codes] += pixels

    def table(self) -> tuple[Floats, Ints]:
        """Areas by cluster and pair.

        Returns:
            (B, K) areas of the clusters that hold any, and (K,) the codes of the pairs that occur, ascending.
        """
        if not self._codes:
            return np.zeros((0, 0)), np.zeros(0, np.int64)
        codes, columns = np.unique(np.concatenate(self._codes), return_inverse=True)
        clusters, rows = np.unique(np.concatenate(self._of), return_inverse=True)
        table = np.zeros((len(clusters), len(codes)))
        np.add.at(table, (rows.ravel(), columns.ravel()), np.concatenate(self._areas))
        return table, codes


class ClusterEstimator:
    """Estimates figures from clusters, with the areas of the map's classes as strata of the whole."""

    def __init__(self, clusters: Clusters, mapped: Sequence[float]) -> None:
        """Draw the replicates.

        Args:
            clusters: What the reference holds.
            mapped: (C,) areas of the map's classes in the whole map.
        """
        self._classes = clusters.classes
        table, codes = clusters.table()
        self._rows, self._cols = codes // clusters.classes, codes % clusters.classes
        seen = np.bincount(self._rows, table.sum(axis=0), clusters.classes) > 0
        whole = np.where(seen, np.asarray(mapped, np.float64), 0.0)
        self.total = float(whole.sum())
        self._weights = whole / self.total
        self.clusters = len(table)
        self._sums = table.sum(axis=0, keepdims=True)
        # What was found, then the replicates.
        parts = [self._figures(self._sums), *(self._figures(areas) for areas in self._draw(table))]
        self._found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _draw(self, table: Floats) -> Iterator[Floats]:
        """Draw clusters with replacement: the sums of some replicates at a time, (R, K)."""
        if self.clusters < LEAST_CLUSTERS:
            return
        generator = np.random.default_rng(SEED)
        chances = np.full(self.clusters, 1 / self.clusters)
        for _ in range(REPLICATES // AT_ONCE):
            yield generator.multinomial(self.clusters, chances, AT_ONCE) @ table

    def _figures(self, areas: Floats) -> dict[str, Floats]:
        """All figures of replicates: (R, K) areas -> (R,) or (R, C)."""
        classes = self._classes
        by_row = _sum_by(areas, self._rows, classes)
        with np.errstate(divide="ignore", invalid="ignore"):
            factors = np.where(by_row > 0, self._weights / by_row, 0.0)
        cells = areas * factors[:, self._rows]
        # A replicate without any pixel of a mapped class knows nothing of that part: the rest stands for the whole.
        cells /= cells.sum(axis=1, keepdims=True)
        same = self._rows == self._cols
        both = np.zeros((len(areas), classes))
        both[:, self._rows[same]] = cells[:, same]
        mapped, true = _sum_by(cells, self._rows, classes), _sum_by(cells, self._cols, classes)
        with np.errstate(divide="ignore", invalid="ignore"):
            return {
                "overall": both.sum(axis=1),
                "users": both / mapped,
                "producers": both / true,
                "f1": 2 * both / (mapped + true),
                "iou": both / (mapped + true - both),
                "area": true * self.total,
            }

    def overall(self) -> Estimate:
        """Overall accuracy."""
        return self._estimate(self._found["overall"])

    def of_class(self, index: int) -> tuple[Estimate, Estimate, Estimate, Estimate]:
        """User's and producer's accuracy, F1 and intersection over union of a class."""
        users, producers, f1, iou = (
            self._estimate(self._found[name][:, index]) for name in ("users", "producers", "f1", "iou")
        )
        return users, producers, f1, iou

    def area(self, index: int) -> Estimate:
        """Area of a true class."""
        return self._estimate(self._found["area"][:, index])

    def shares(self) -> Floats:
        """(C, C) estimated shares of the area, map classes by reference classes."""
        shares = np.zeros((self._classes, self._classes))
        by_row = np.bincount(self._rows, self._sums[0], self._classes)
        shares[self._rows, self._cols] = self._sums[0] * self._weights[self._rows] / by_row[self._rows]
        return shares

    @staticmethod
    def _estimate(values: Floats) -> Estimate:
        """The figure, with standard error and percentiles of its replicates."""
        if np.isnan(values[0]):
            return Estimate()
        drawn = values[1:][~np.isnan(values[1:])]
        if not len(drawn):
            return Estimate(float(values[0]))
        low, high = np.percentile(drawn, (2.5, 97.5))
        value = float(values[0])
        return Estimate(value, float(drawn.std()), min(float(low), value), max(float(high), value))


def _sum_by(cells: Floats, groups: Ints, count: int) -> Floats:
    """Sum columns by group: (R, K) -> (R, count)."""
    order = np.argsort(groups, kind="stable")
    found, starts = np.unique(groups[order], return_index=True)
    sums = np.zeros((len(cells), count))
    if len(found):
        sums[:, found] = np.add.reduceat(cells[:, order], starts, axis=1)
    return sums
