"""How often labels change across borders, against how often they do beside them.

Neighbouring pixels differ more often at some places of a grid than at others whatever the borders: the network answers
in cells of 8 pixels. So a border is compared with lines of the same kind near it (other multiples of 8, of 32 or of
the patch side), which also see the same part of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NODATA = 255
RESAMPLES = 1000  # of the bootstrap: the ends of a 95 % interval are then good to some two per cent of its width
SEED = 0


@dataclass(frozen=True)
class Ratio:
    """Label changes across borders against those across reference lines.

    Attributes:
        value: rate / reference_rate; 1 = no seam, NaN when there is nothing to compare.
        low: Lower end of the 95 % bootstrap interval.
        high: Upper end.
        rate: Share of the pixel pairs across borders whose labels differ.
        reference_rate: The same across the reference lines.
        pairs: Pixel pairs across borders.
    """

    value: float
    low: float
    high: float
    rate: float
    reference_rate: float
    pairs: int

    def __str__(self) -> str:
        """Return the ratio with its interval."""
        return "-" if np.isnan(self.value) else f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True)
class Reference:
    """Which lines a border is compared with, and how finely it is cut.

    Attributes:
        step: The lines lie at multiples of it from the border.
        reach: Farthest distance from the border.
        segment: Pixels of a border that form one unit of the bootstrap.
        width: Pixel pairs side by side that count as one line, odd. Logits are interpolated between the centres of
            cells of 8 pixels: with 7, a step between two cells is found wherever between them it makes labels change.
    """

    step: int
    reach: int
    segment: int
    width: int = 1


def border_ratio(labels: NDArray[np.uint8], period: int, reference_period: int, offset: int = 0) -> Ratio:
    """Compare the borders of a regular grid, rows and columns together, with the finer lines up to half-way between.

    Args:
        labels: (H, W) class map, 255 = no data.
        period: Pixels between borders.
        reference_period: Pixels between the lines to compare with; divides `period`.
        offset: Position of one border (and line), 0 = at the origin.

    Returns:
        The ratio; units of the bootstrap are pieces of a border `period` long with the reference lines beside them.

    Raises:
        ValueError: The reference period is not a smaller divisor of the period.
    """
    if not 0 < reference_period < period or period % reference_period:
        raise ValueError(f"reference_period={reference_period} must be a divisor of period={period} below it.")
    reference = Reference(reference_period, period // 2, period)
    units = [
        count_units(picture, range(offset % period, picture.shape[1], period), reference)
        for picture in (labels, labels.T)
    ]
    return ratio_of(np.concatenate([counts.reshape(-1, 4) for counts in units]))


def count_units(labels: NDArray[np.uint8], borders: Sequence[int], reference: Reference) -> NDArray[np.float64]:
    """Count label changes across vertical borders and across the lines beside them.

    Args:
        labels: (H, W); give the transposed map for horizontal borders.
        borders: Columns: border c lies between the pixels c - 1 and c; 0 and W are no borders but keep their place.
        reference: What to compare with.

    Returns:
        (borders, segments, 4): changes, pairs, changes of the reference lines, their pairs.
    """
    height, width = labels.shape
    counts = np.zeros((len(borders), -(-height // reference.segment), 4))
    known = {0, width, *borders}
    steps = range(reference.step, reference.reach + 1, reference.step)
    for index, border in enumerate(borders):
        if not 0 < border < width:
            continue
        counts[index, :, :2] = _line(labels, border, reference)
        for line in [border + sign * step for step in steps for sign in (-1, 1)]:
            if 0 < line < width and line not in known:
                counts[index, :, 2:] += _line(labels, line, reference)
    return counts


def ratio_of(counts: NDArray[np.float64]) -> Ratio:
    """Put units together.

    Args:
        counts: (units, 4) as `count_units` gives them.

    Returns:
        The ratio with a percentile bootstrap over the units: neighbouring pixel pairs are not independent, pieces of
        a hundred pixels nearly are.
    """
    counts = counts[(counts[:, 1] > 0) & (counts[:, 3] > 0)]
    total = counts.sum(axis=0)
    if len(counts) < 2 or total[2] == 0:
        return Ratio(np.nan, np.nan, np.nan, np.nan, np.nan, int(total[1]))
    rng = np.random.default_rng(SEED)
    draws = rng.integers(0, len(counts), (RESAMPLES, len(counts)))
    weights = np.stack([np.bincount(draw, minlength=len(counts)) for draw in draws])
    resampled = weights @ counts
    resampled = resampled[resampled[:, 2] > 0]
    ratios = resampled[:, 0] * resampled[:, 3] / (resampled[:, 1] * resampled[:, 2])
    low, high = np.percentile(ratios, (2.5, 97.5))
    rate, reference_rate = total[0] / total[1], total[2] / total[3]
    return Ratio(rate / reference_rate, float(low), float(high), rate, reference_rate, int(total[1]))


def _line(labels: NDArray[np.uint8], col: int, reference: Reference) -> NDArray[np.float64]:
    """Changes and pairs between the columns col - 1 and col, and beside them as wide as asked: (segments, 2)."""
    first, last = max(0, col - 1 - reference.width // 2), col + 1 + reference.width // 2
    left, right = labels[:, first : last - 1], labels[:, first + 1 : last]
    left = left[:, : right.shape[1]]
    known = (left != NODATA) & (right != NODATA)
    both = np.stack((np.sum(known & (left != right), axis=1), np.sum(known, axis=1)), axis=1)
    return np.add.reduceat(both.astype(np.float64), range(0, len(labels), reference.segment))
