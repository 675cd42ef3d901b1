"""95 % intervals of shares and areas."""

from __future__ import annotations

import math

from uhrs_qgis_plugin.engine.accuracy.figures import Estimate

Z = 1.959963984540054  # of the normal distribution: 95 % lie between -Z and Z


def share(value: float, variance: float, effective: float, most: float) -> Estimate:
    """Estimate a share with Wilson's interval, for the sample size at which a simple sample has the same variance.

    The interval stays inside 0..1 and has a width where no error was seen, which value +- 1.96 standard errors has not.

    Args:
        value: The share, 0..1.
        variance: Of the estimate under the design of the sample; NaN = unknown, 0 with `effective` infinite = exact.
        effective: Sample size to take where the share is 0 or 1, whose variance says nothing.
        most: Points that count: the variance of few points may be small by chance, and must not stand for more.

    Reference: Wilson (1927), JASA 22, 209; the effective sample size after Korn and Graubard (1998), Survey Methodology
    24, 193, with the actual one as its limit.
    """
    if math.isnan(value):
        return Estimate()
    if math.isnan(variance):
        return Estimate(value)
    error = math.sqrt(variance)
    n = min(value * (1 - value) / variance, most) if variance > 0 and 0 < value < 1 else effective
    if n <= 0 or math.isnan(n):
        return Estimate(value, error)
    if math.isinf(n):
        return Estimate(value, 0.0, value, value)
    middle = (value + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(value * (1 - value) / n + Z**2 / (4 * n**2))
    # Rounding must not put the end beside a share of 0 or 1.
    low = 0.0 if value <= 0 else max(0.0, middle - half)
    return Estimate(value, error, min(low, value), 1.0 if value >= 1 else max(value, min(1.0, middle + half)))


def amount(value: float, variance: float, limit: float, is_exact: bool) -> Estimate:
    """Estimate an area with value +- 1.96 standard errors, cut to what is possible.

    Args:
        value: The area.
        variance: Of the estimate; NaN = unknown.
        limit: The area of the whole map.
        is_exact: Whether a variance of 0 means that all is known, and not that no error was seen by chance.

    Reference: Olofsson et al. (2014), Remote Sensing of Environment 148, 42, equation 11.
    """
    if math.isnan(value):
        return Estimate()
    if math.isnan(variance) or (variance <= 0 and not is_exact):
        return Estimate(value)
    error = math.sqrt(variance)
    return Estimate(value, error, max(0.0, value - Z * error), min(limit, value + Z * error))


def f1_of(iou: Estimate) -> Estimate:
    """F1 from the intersection over union, of which it is a function that never falls: F1 = 2 IoU / (1 + IoU)."""

    def moved(part: float | None) -> float | None:
        return None if part is None else 2 * part / (1 + part)

    error = None
    if iou.value is not None and iou.error is not None:
        error = iou.error * 2 / (1 + iou.value) ** 2  # by the derivative
    return Estimate(moved(iou.value), error, moved(iou.low), moved(iou.high))
