"""Regions of high uncertainty: the places of a result that are worth checking, the most important first.

The raster is read in strips of whole rows, once for the threshold (a histogram of the 254 steps is exact) and once for
the regions. Memory depends on the strip, on the regions that cross its lower edge, and on the regions that are kept;
with squares also on one histogram for each square of a row.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.raster import RasterInfo, open_raster
from uhrs_qgis_plugin.engine.regions.runs import find_runs
from uhrs_qgis_plugin.engine.regions.threshold import Share, one_step, read_strips, steps_of_top
from uhrs_qgis_plugin.engine.regions.tracker import Region, TopRegions, Tracker
from uhrs_qgis_plugin.engine.results import LEVELS, UNFAMILIAR

ROUNDING = 1e-6  # steps: a threshold this little above a step means the step
MOST_REGIONS = 50_000
FINAL_BAND = 2  # of an uncertainty raster: the final uncertainty; a third one tells what is unfamiliar
MOST_MERGE = 64
LEAST_SPREAD = 16  # cells: two bytes of memory for a square of so many


@dataclass(frozen=True)
class RegionOptions:
    """What a region is.

    Attributes:
        band: Band of the raster from 1; None = 2 (the final uncertainty) where there is one, else 1.
        top: Share of the area with the highest uncertainty, per cent, above 0.
        threshold: Least uncertainty 0..1 of a cell, instead of a share.
        min_cells: Least cells of a region.
        merge: Cells that may lie between two cells of one region, along rows and columns; 0 = they touch, if only at
            a corner.
        limit: Regions to return, the most important first.
        scale: Uncertainty per step of the raster's numbers.
        spread: Side in cells of squares to which the share `top` is applied one by one, so that regions are spread over
            the raster; 0 = applied to the raster as a whole. Ignored with a threshold.
    """

    band: int | None = None
    top: float = 2.0
    threshold: float | None = None
    min_cells: int = 4
    merge: int = 1
    limit: int = 1000
    scale: float = 1 / LEVELS
    spread: int = 0

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            OptionsError: One is outside its range.
        """
        checks = (
            (0 < self.top <= 100, f"top={self.top} per cent", "above 0 and at most 100"),
            (self.threshold is None or 0 <= self.threshold <= 1, f"threshold={self.threshold}", "0 to 1"),
            (self.min_cells >= 1, f"min_cells={self.min_cells}", "1 or more"),
            (0 <= self.merge <= MOST_MERGE, f"merge={self.merge} cells", f"0 to {MOST_MERGE}"),
            (1 <= self.limit <= MOST_REGIONS, f"limit={self.limit} regions", f"1 to {MOST_REGIONS}"),
            (0 < self.scale <= 1, f"scale={self.scale}", "above 0 and at most 1"),
            (
                not self.spread or self.spread >= LEAST_SPREAD,
                f"spread={self.spread} cells",
                f"0, or {LEAST_SPREAD} and more",
            ),
        )
        for fine, given, allowed in checks:
            if not fine:
                raise OptionsError(f"{given} is not allowed: use {allowed}.")

    @property
    def in_turns(self) -> bool:
        """Whether the share is applied per square, with round-robin ranks over the squares."""
        return self.spread > 0 and self.threshold is None


@dataclass(frozen=True, eq=False)
class RegionSearch:
    """What was found.

    Attributes:
        regions: By importance (cells times mean uncertainty), descending; with squares round-robin, see `take_turns`.
        band: Band that was used.
        scale: Uncertainty per step of the regions' numbers.
        threshold: Least uncertainty of a cell, 0..1; above 1 when there is none in the raster. With squares, the lowest
            of their thresholds.
        valid_cells: Cells with data.
        cells: Those of them that reach the threshold.
        found: Regions before small ones were dropped and the limit was applied.
        small: Regions with fewer cells than `RegionOptions.min_cells`.
    """

    regions: tuple[Region, ...]
    band: int
    scale: float
    threshold: float
    valid_cells: int
    cells: int
    found: int
    small: int

    def mean_u(self, region: Region) -> float:
        """Return the mean uncertainty of a region, 0..1."""
        return region.total / region.cells * self.scale

    def max_u(self, region: Region) -> float:
        """Return the highest uncertainty of a region, 0..1."""
        return region.peak * self.scale


def find_regions(
    path: str,
    options: RegionOptions,
    watch: Watch = UNWATCHED,
    backend: str = "auto",
) -> RegionSearch:
    """Find the regions of a raster.

    Args:
        path: An uncertainty raster: uint8, `options.scale` a step.

    Returns:
        The regions and what was counted.

    Raises:
        RasterError: The raster cannot be read, or holds no uncertainty.
        OptionsError: The band does not exist, or the cells are too scattered.
        CancelledError: The caller cancelled.
    """
    with open_raster(path, backend) as reader:
        band = choose_band(reader.info, options.band)
        if options.threshold is None:
            share = Share(options.top, options.spread)
            steps, done = steps_of_top(reader, band, share, watch.part(0, 0.5)), 0.5
        else:
            steps, done = one_step(reader, math.ceil(options.threshold / options.scale - ROUNDING)), 0.0
        best = TopRegions(MOST_REGIONS if options.in_turns else options.limit, options.min_cells)
        tracker = Tracker(reader.info.width, options.merge, best)
        valid_cells = cells = 0
        for window, values, valid in read_strips(reader, band, watch):
            flags = steps.flags(values, window.row)
            if valid is not None:
                flags &= valid
            valid_cells += values.size if valid is None else int(np.count_nonzero(valid))
            cells += int(np.count_nonzero(flags))
            tracker.add(find_runs(values, flags, window.row), window.row_end)
            watch.report(done + (1 - done) * window.row_end / reader.info.height)
        tracker.finish()
    ranked, threshold = best.ranked(), steps.least() * options.scale
    if options.in_turns:
        ranked = take_turns(ranked, options.spread)[: options.limit]
    return RegionSearch(ranked, band, options.scale, threshold, valid_cells, cells, best.found, best.small)


def take_turns(regions: Sequence[Region], side: int) -> tuple[Region, ...]:
    """Rank round-robin: the most important region of every square first, then the second one of each, and so on.

    Args:
        regions: By importance. A region belongs to the square of its first cell.
        side: Side of a square in cells.

    Returns:
        The same regions; those of one round by importance.
    """
    before: Counter[tuple[int, int]] = Counter()
    turns = []
    for region in regions:
        square = (int(region.runs[0, 0]) // side, int(region.runs[0, 1]) // side)
        turns.append(before[square])
        before[square] += 1
    return tuple(regions[index] for index in np.argsort(turns, kind="stable"))


def choose_band(info: RasterInfo, band: int | None) -> int:
    """Check that a raster can hold uncertainty, and choose a band.

    Args:
        band: Band from 1, or None: 2 where there is one.

    Returns:
        The band.

    Raises:
        RasterError: Not one or two bands of uint8, and perhaps one of what is unfamiliar.
        OptionsError: The band does not exist.
    """
    others = info.descriptions[FINAL_BAND:] or ("",) * (info.count - FINAL_BAND)
    if set(info.dtypes) != {"uint8"} or not set(others) <= {UNFAMILIAR}:
        raise RasterError(
            f"'{info.path}' has {info.count} bands of type {'/'.join(sorted(set(info.dtypes)))} and is no uncertainty "
            "raster, which has one or two of uint8: choose the UNCERTAINTY that segmenting a raster wrote."
        )
    if band is None:
        return min(info.count, FINAL_BAND)
    if not 1 <= band <= info.count:
        raise OptionsError(f"Band {band} does not exist in '{info.path}': choose 1 to {info.count}.")
    return band
