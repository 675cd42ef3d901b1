"""Estimates from a sample of points, for the design by which they were drawn.

Every figure is the ratio of two means, R = Y / X, of variables that are 0 or 1 at each point. For user's accuracy of a
class, y = mapped and true so, x = mapped so; for overall accuracy y = right, x = 1; for the area share of a true
class y = true so, x = 1. With W_h the share of stratum h in the area, n_h its points and N_h its pixels:

    Y = sum over h of W_h mean_h(y),   X alike,   e = y - R x
    V(R) = 1 / X^2 * sum over h of W_h^2 (1 - n_h / N_h) s_h^2(e) / n_h

Reference: Stehman (2014), International Journal of Remote Sensing 35, 4923, equations 3 and 25 to 28: strata may be
anything. Where they are the classes of the map, this is Olofsson et al. (2014), Remote Sensing of Environment 148, 42:
equation 4 (area shares), 1 and 5 (overall accuracy), 2 and 6 (user's), 3 and 7 (producer's), 8 to 11 (areas).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.accuracy.figures import Estimate
from uhrs_qgis_plugin.engine.accuracy.intervals import amount, f1_of, share

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDING = 1e-12  # a variance of numbers around 1 that is no more is 0


@dataclass(frozen=True, eq=False)
class PointSample:
    """Judged points of a sample.

    Attributes:
        strata: (n,) index of the stratum that a point was drawn from.
        mapped: (n,) index of the class that the map has there.
        reference: (n,) index of the true class.
        sizes: (H,) areas of the strata, in any unit.
        pixels: (H,) pixels of the strata, of which points were drawn without replacement.
    """

    strata: Ints
    mapped: Ints
    reference: Ints
    sizes: Floats
    pixels: Floats


@dataclass(frozen=True, eq=False)
class Ratio:
    """An estimated ratio.

    Attributes:
        value: NaN where nothing was seen of the denominator.
        variance: NaN where a stratum that matters has one point only.
        points: How many count in the denominator.
        effective: To how many of equal weights they correspond.
        is_exact: Whether all pixels of the strata that matter were judged.
    """

    value: float
    variance: float
    points: int
    effective: float
    is_exact: bool

    def as_share(self) -> Estimate:
        """The estimate of a share."""
        return share(self.value, self.variance, np.inf if self.is_exact else self.effective, self.points)

    def as_area(self, total: float) -> Estimate:
        """The estimate of an area, from its share of the whole."""
        return amount(self.value * total, self.variance * total**2, total, self.is_exact)


class StratifiedEstimator:
    """Estimates figures from one sample."""

    def __init__(self, sample: PointSample) -> None:
        """Weigh the strata; those without points are left out of the whole."""
        self.sample = sample
        self._points = np.bincount(sample.strata, minlength=len(sample.sizes)).astype(np.float64)
        self.total = float(sample.sizes[self._points > 0].sum())
        self._weights = np.where(self._points > 0, sample.sizes / self.total, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            left = 1 - self._points / sample.pixels
        self._left = np.clip(np.nan_to_num(left, nan=1.0), 0.0, 1.0)  # share of a stratum that was not drawn

    def ratio(self, y: Floats, x: Floats) -> Ratio:
        """Estimate the ratio of the means of two variables.

        Args:
            y: (n,) numerator at each point.
            x: (n,) denominator.
        """
        points, weights = self._points, self._weights
        below = float(weights @ self._means(x))
        if below <= 0:
            return Ratio(np.nan, np.nan, 0, 0.0, False)
        value = float(weights @ self._means(y)) / below
        spread = self._variances(y - value * x)
        matters = (np.bincount(self.sample.strata, np.abs(x) + np.abs(y), minlength=len(points)) > 0) & (weights > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = weights**2 * self._left * spread / points
        # Whatever the spread of a stratum, judging all of it leaves no doubt.
        parts = np.where(self._left == 0, 0.0, parts)
        counts = x > 0
        each = (weights / np.maximum(points, 1))[self.sample.strata[counts]]
        effective = float(each.sum() ** 2 / (each**2).sum())
        is_exact = bool((self._left[matters] == 0).all())
        return Ratio(value, float(parts[matters].sum()) / below**2, int(counts.sum()), effective, is_exact)

    def overall(self) -> Ratio:
        """Overall accuracy."""
        right = (self.sample.mapped == self.sample.reference).astype(np.float64)
        return self.ratio(right, np.ones(len(right)))

    def area_share(self, index: int) -> Ratio:
        """Share of a true class in the area."""
        true = (self.sample.reference == index).astype(np.float64)
        return self.ratio(true, np.ones(len(true)))

    def of_class(self, index: int) -> tuple[Estimate, Estimate, Estimate, Estimate]:
        """User's and producer's accuracy, F1 and intersection over union of a class."""
        mapped = (self.sample.mapped == index).astype(np.float64)
        true = (self.sample.reference == index).astype(np.float64)
        both = mapped * true
        iou = self.ratio(both, np.maximum(mapped, true)).as_share()
        return self.ratio(both, mapped).as_share(), self.ratio(both, true).as_share(), f1_of(iou), iou

    def shares(self, classes: int) -> Floats:
        """(C, C) estimated shares of the area, map classes by reference classes."""
        each = (self._weights / np.maximum(self._points, 1))[self.sample.strata]
        codes = self.sample.mapped * classes + self.sample.reference
        return np.asarray(np.bincount(codes, each, minlength=classes**2).reshape(classes, classes), np.float64)

    def _means(self, values: Floats) -> Floats:
        """(H,) means by stratum; 0 without points."""
        return np.asarray(np.bincount(self.sample.strata, values, len(self._points)) / np.maximum(self._points, 1))

    def _variances(self, values: Floats) -> Floats:
        """(H,) sample variances by stratum; NaN with one point."""
        apart = values - self._means(values)[self.sample.strata]
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.bincount(self.sample.strata, apart**2, len(self._points)) / (self._points - 1)
        spread = np.where(spread < ROUNDING, 0.0, spread)
        return np.where(self._points > 1, spread, np.where(self._points == 1, np.nan, 0.0))
