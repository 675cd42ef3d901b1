"""Regions of high uncertainty: the places of a result that are worth a look, the most important first.

The raster is read in strips of whole rows, once for the threshold (a histogram of the 254 steps is exact) and once for
the regions. Memory depends on the strip, on what crosses its lower edge, and on the regions that are kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Callable

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.raster import RasterInfo, RasterReader, open_raster
from uhrs_qgis_plugin.engine.regions_reading import read_strips
from uhrs_qgis_plugin.engine.regions_runs import find_runs
from uhrs_qgis_plugin.engine.regions_tracker import Podium, Region, Tracker

SCALE = 1 / 254  # of the uncertainty rasters that the engine writes
STEPS = 256
COUNTED_CELLS = 1 << 18
ROUNDING = 1e-6  # steps: a threshold this little above a step means the step
MOST_REGIONS = 50_000
MOST_MERGE = 64


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
    """

    band: int | None = None
    top: float = 2.0
    threshold: float | None = None
    min_cells: int = 4
    merge: int = 1
    limit: int = 1000
    scale: float = SCALE

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
        )
        for fine, given, allowed in checks:
            if not fine:
                raise OptionsError(f"{given} is not allowed: use {allowed}.")


@dataclass(frozen=True, eq=False)
class Found:
    """What was found.

    Attributes:
        regions: By importance, which is cells times mean uncertainty, descending.
        band: Band that was used.
        scale: Uncertainty per step of the regions' numbers.
        threshold: Least uncertainty of a cell, 0..1; above 1 when there is none in the raster.
        valid_cells: Cells with data.
        cells: Those of them that reach the threshold.
        found: Regions before small ones were dropped and the limit was applied.
        small: Regions with fewer cells than asked for.
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
    progress: Callable[[float], None] = lambda share: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    backend: str = "auto",
) -> Found:
    """Find the regions of a raster.

    Args:
        path: An uncertainty raster: uint8, `options.scale` a step.
        options: What a region is.
        progress: Called with 0..1.
        is_cancelled: Asked several times a second; True stops.
        backend: As in `open_raster`.

    Returns:
        The regions and what was counted.

    Raises:
        RasterError: The raster cannot be read, or holds no uncertainty.
        OptionsError: The band does not exist, or the cells are too scattered.
        CancelledError: `is_cancelled` answered True.
    """
    with open_raster(path, backend) as reader:
        band = choose_band(reader.info, options.band)
        if options.threshold is None:
            counts = _count_numbers(reader, band, lambda share: progress(share / 2), is_cancelled)
            step, done = step_of_top(counts, options.top), 0.5
        else:
            step, done = math.ceil(options.threshold / options.scale - ROUNDING), 0.0
        podium = Podium(options.limit, options.min_cells)
        tracker = Tracker(reader.info.width, options.merge, podium)
        valid_cells = cells = 0
        for window, values, valid in read_strips(reader, band, is_cancelled):
            flags = values >= step if step < STEPS else np.zeros(values.shape, np.bool_)
            if valid is not None:
                flags &= valid
            valid_cells += values.size if valid is None else int(np.count_nonzero(valid))
            cells += int(np.count_nonzero(flags))
            tracker.add(find_runs(values, flags, window.row), window.row_end)
            progress(done + (1 - done) * window.row_end / reader.info.height)
        tracker.finish()
    threshold = step * options.scale
    return Found(podium.ranked(), band, options.scale, threshold, valid_cells, cells, podium.found, podium.small)


def choose_band(info: RasterInfo, band: int | None) -> int:
    """Check that a raster can hold uncertainty, and choose a band.

    Args:
        info: The raster.
        band: Band from 1, or None: 2 where there is one.

    Returns:
        The band.

    Raises:
        RasterError: Not one or two bands of uint8.
        OptionsError: The band does not exist.
    """
    if info.count > 2 or set(info.dtypes) != {"uint8"}:
        raise RasterError(
            f"'{info.path}' has {info.count} bands of type {'/'.join(sorted(set(info.dtypes)))} and is no uncertainty "
            "raster, which has one or two of uint8: choose the UNCERTAINTY that segmenting a raster wrote."
        )
    if band is None:
        return info.count
    if not 1 <= band <= info.count:
        raise OptionsError(f"Band {band} does not exist in '{info.path}': choose 1 to {info.count}.")
    return band


def step_of_top(counts: NDArray[np.int64], top: float) -> int:
    """Find the threshold whose share of the cells is nearest to the one asked for.

    Worked example: of 100 cells, 1 has the number 200, 2 have 190 and 97 have 50. 2 per cent lie between the 1 of
    threshold 200 and the 3 of 190; equally near, so the higher one is taken.

    Args:
        counts: (256,) cells per number.
        top: Share in per cent.

    Returns:
        The least number of a cell; 256 when there are no cells, or none above 0.
    """
    if not counts[1:].any():
        return STEPS
    present = np.flatnonzero(counts)[::-1]
    shares = np.cumsum(counts[present]) * (100 / counts.sum())
    return int(present[np.argmin(np.abs(shares - top))])


def _count_numbers(
    reader: RasterReader, band: int, progress: Callable[[float], None], is_cancelled: Callable[[], bool]
) -> NDArray[np.int64]:
    """Count the cells with data per number, (256,)."""
    counts = np.zeros(STEPS, np.int64)
    for window, values, valid in read_strips(reader, band, is_cancelled):
        # Counting in slices: numpy widens what it counts to 8 bytes each.
        for part in range(0, window.height, max(1, COUNTED_CELLS // window.width)):
            rows = slice(part, part + max(1, COUNTED_CELLS // window.width))
            chosen = values[rows] if valid is None else values[rows][valid[rows]]
            counts += np.bincount(chosen.ravel(), minlength=STEPS)
        progress(window.row_end / reader.info.height)
    return counts
