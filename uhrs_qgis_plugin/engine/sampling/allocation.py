"""How many points each stratum gets.

Reference: Olofsson et al. (2014), Remote Sensing of Environment 148, 42, section 5.1.1; Cochran (1977), Sampling
Techniques, equation 5.26 (optimal, or Neyman, allocation: in proportion to W_h S_h).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OptionsError

ALLOCATIONS = ("proportional", "equal", "optimal")
LEAST_SPREAD = 0.05  # no stratum is so sure that nothing need be looked at


def allocate(
    points: int,
    sizes: NDArray[np.float64],
    pixels: NDArray[np.int64],
    allocation: str,
    least: int,
    accuracy: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Share points among strata.

    Args:
        points: How many there are.
        sizes: (H,) areas of the strata.
        pixels: (H,) pixels of the strata: no stratum gets more points.
        allocation: "proportional" to the area; "equal"; or "optimal", in proportion to area times the standard
            deviation of being right, sqrt(p (1 - p)).
        least: Points that every stratum gets, as far as it has pixels.
        accuracy: (H,) expected accuracies p, 0..1; for "optimal" only.

    Returns:
        (H,) points, whose sum is `points`, or all pixels there are.

    Raises:
        OptionsError: There are too few points for the strata.
    """
    floor = np.minimum(least, pixels)
    if floor.sum() > points:
        raise OptionsError(
            f"{points:,} points are too few for {len(sizes):,} strata of at least {least:,} points: give "
            f"{int(floor.sum()):,} or more, or a smaller least number."
        )
    wanted = _weights(sizes, allocation, accuracy)
    found, left = floor.copy(), min(points, int(pixels.sum())) - int(floor.sum())
    # What a full stratum cannot take, or what the floor gave beyond its share, changes the shares of the others.
    while left > 0:
        free = found < pixels
        if wanted[free].sum() <= 0:  # strata without weight are filled by what is left of them
            wanted = np.where(free, (pixels - found).astype(np.float64), 0.0)
        ideal = np.where(free, wanted / wanted[free].sum() * (left + found[free].sum()), 0.0)
        more = np.clip(ideal - found, 0, pixels - found) * free
        more = more / max(more.sum(), 1e-300) * left if more.sum() > left else more
        step = np.floor(more).astype(np.int64)
        if not step.any():  # the rest goes one by one to the largest remainders
            order = np.argsort(-np.where(free, more - step, -1.0), kind="stable")[: min(left, int(free.sum()))]
            step[order] = 1
        found += step
        left -= int(step.sum())
    return found


def _weights(sizes: NDArray[np.float64], allocation: str, accuracy: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """In what proportion strata get points."""
    if allocation == "equal":
        return np.ones(len(sizes))
    if allocation == "optimal":
        if accuracy is None:
            raise OptionsError(
                "Optimal allocation needs to know how right each stratum is expected to be: give expected accuracies "
                "such as 'road=0.7; building=0.9', or an uncertainty raster."
            )
        return np.asarray(sizes * np.maximum(np.sqrt(accuracy * (1 - accuracy)), LEAST_SPREAD), np.float64)
    return sizes.astype(np.float64)
