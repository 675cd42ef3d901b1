"""Which strata the points of a sample belong to: those of its design, or the classes of the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.accuracy.reference import Design
from uhrs_qgis_plugin.engine.areas import ZoneCount

LEAST_POINTS = 2  # of a stratum, for a variance


@dataclass(frozen=True, eq=False)
class Strata:
    """Strata of the points that are used.

    Attributes:
        of: (n,) index of each point's stratum; -1 = the point belongs to none.
        sizes: (H,) areas, or pixels.
        pixels: (H,) pixels.
        text: How the points were drawn, in words.
        covered: Share of the whole that lies in strata with points.
        warnings: One line each.
    """

    of: NDArray[np.int64]
    sizes: NDArray[np.float64]
    pixels: NDArray[np.float64]
    text: str
    covered: float
    warnings: Sequence[str]


def choose_strata(
    design: Design | None, mapped: NDArray[np.int64], used: NDArray[np.bool_], count: ZoneCount, measured: bool
) -> Strata:
    """Choose the strata.

    Args:
        design: What the sample carries; None = nothing says how points were chosen.
        mapped: (n,) map class of the points that are used.
        used: (N,) which points of the sample these are.
        count: Pixels and areas of the map's classes.
        measured: Whether areas are square metres.
    """
    if design is None:
        return _by_map_class(mapped, count)
    sizes = design.areas if measured and design.areas is not None else design.pixels
    of = design.strata[used]
    warnings = []
    if (of < 0).any():
        warnings.append(f"{int((of < 0).sum()):,} points belong to no stratum of the sample: they are left out.")
    whole, there = float(count.pixels.sum()), float(design.pixels.sum())
    if abs(there / whole - 1) > 1e-3:
        warnings.append(
            f"The sample was drawn from {there:,.0f} pixels but the map has {whole:,.0f} with a class: figures are "
            "about the area that the sample was drawn from, areas are scaled to the map."
        )
    points = np.bincount(of[of >= 0], minlength=len(sizes))
    covered = float(sizes[points > 0].sum() / sizes.sum())
    if covered < 1:
        names = [name for name, number in zip(design.names, points) if not number]
        warnings.append(
            f"No judged point lies in {', '.join(names)} ({1 - covered:.1%} of the area): the figures are about "
            "the rest."
        )
    kind = "drawn at random" if len(sizes) == 1 else f"stratified, {len(sizes)} strata ({', '.join(design.names)})"
    return Strata(of, sizes, design.pixels, kind, covered, warnings)


def _by_map_class(mapped: NDArray[np.int64], count: ZoneCount) -> Strata:
    """The classes of the map as strata, after the fact: right for points drawn at random and by class alike.

    Classes with fewer than two points share a stratum, with the smallest of the others where that is still too few.

    Reference: Olofsson et al. (2014), section 5.1: the stratified estimators also serve a simple random sample, as
    poststratified ones.
    """
    classes = np.flatnonzero(count.pixels)
    points = np.bincount(mapped, minlength=len(count.pixels))[classes]
    few = points < LEAST_POINTS
    if few.any() and points[few].sum() < LEAST_POINTS and not few.all():
        enough = np.flatnonzero(~few)
        few[enough[np.argmin(count.area[classes][enough])]] = True
    group = np.zeros(len(count.pixels), np.int64)
    kept = classes[~few]
    group[kept] = np.arange(len(kept))
    group[classes[few]] = len(kept)
    strata = len(kept) + int(few.any())
    sizes = np.bincount(group[classes], count.area[classes], strata).astype(np.float64)
    pixels = np.bincount(group[classes], count.pixels[classes].astype(np.float64), strata).astype(np.float64)
    warnings = [
        "Nothing in the layer says how its points were chosen: figures and intervals hold for points drawn at random, "
        "over the map or in each of its classes. Points that were set by hand make them too good."
    ]
    if few.any() and len(kept):
        warnings.append(f"{int(few.sum())} class(es) of the map have fewer than two points and share a stratum.")
    return Strata(
        group[mapped], sizes, pixels, "no design known; the classes of the map serve as strata", 1.0, warnings
    )
