"""Draws the sample: options, checks, strata, allocation, pixels.

The raster is streamed twice, so that memory does not grow with it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.areas import measure, uncertainty_cell
from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.raster import ClassTable, RasterReader, open_raster, read_class_table
from uhrs_qgis_plugin.engine.results import LEVELS, NODATA, check_classes, map_transform
from uhrs_qgis_plugin.engine.sampling.allocation import ALLOCATIONS, allocate
from uhrs_qgis_plugin.engine.sampling.strata import PixelCodes, PixelCounts, by_class, by_uncertainty, count, pick

STRATA = ("class", "uncertainty", "none")
MOST_POINTS = 1_000_000
COUNTED = 0.5  # share of the work that is done when the strata are counted


@dataclass(frozen=True)
class SampleOptions:
    """What a run may be told.

    Attributes:
        points: How many.
        strata: One of `STRATA`.
        allocation: One of `ALLOCATIONS`.
        least: Points in each stratum at least.
        expected: Expected accuracy by class for the optimal allocation: 'road=0.7; building=0.9'.
        seed: Of the generator: the same one gives the same points of the same raster.
        band: Of the uncertainty raster: 1 = U, 2 = the final uncertainty.
        planimetric: Measure strata in the plane of the map instead of on the ellipsoid.
        crs_wkt: Of the class raster, in place of what its file says; None = the file's.
        backend: As in `open_raster`.
    """

    points: int = 200
    strata: str = "class"
    allocation: str = "proportional"
    least: int = 20
    expected: str = ""
    seed: int = 1
    band: int = 1
    planimetric: bool = False
    crs_wkt: str | None = None
    backend: str = "auto"

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            OptionsError: Something is not allowed.
        """
        if not 1 <= self.points <= MOST_POINTS:
            raise OptionsError(f"{self.points:,} points are not allowed: choose 1 to {MOST_POINTS:,}.")
        if self.least < 0 or self.seed < 0:
            raise OptionsError(f"Least number {self.least} and seed {self.seed} must be 0 or more.")
        for value, allowed in ((self.strata, STRATA), (self.allocation, ALLOCATIONS)):
            if value not in allowed:
                raise OptionsError(f"'{value}' is unknown: choose one of {allowed}.")
        parse_expected(self.expected)


@dataclass(frozen=True)
class Stratum:
    """A stratum.

    Attributes:
        name: Of the class, or the range of the uncertainty.
        pixels: How many it has.
        area_m2: Its area; None where it is not known.
        points: How many were drawn.
    """

    name: str
    pixels: int
    area_m2: float | None
    points: int


@dataclass(frozen=True, eq=False)
class Sample:
    """A sample, in random order, so that any first part of it is a sample as well.

    Attributes:
        x: (n,) in the CRS of the raster; points lie in the centres of pixels.
        y: (n,) alike.
        strata: What was drawn from.
        stratum: (n,) index into them.
        classes: (n,) class of the map.
        uncertainty: (n,) 0..1, NaN = unknown.
        table: Names of the classes.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    strata: Sequence[Stratum]
    stratum: NDArray[np.int64]
    classes: NDArray[np.int64]
    uncertainty: NDArray[np.float64]
    table: ClassTable


def parse_expected(text: str) -> dict[str, float]:
    """Read 'road=0.7; building=0.9': expected accuracies by folded name.

    Raises:
        OptionsError: It is not understood.
    """
    found = {}
    for entry in (part.strip() for part in text.split(";")):
        if not entry:
            continue
        name, _, number = entry.rpartition("=")
        try:
            accuracy = float(number)
        except ValueError:
            accuracy = -1.0
        if not name.strip() or not 0 <= accuracy <= 1:
            raise OptionsError(
                f"The expected accuracy '{entry}' is not understood: write name=accuracy, from 0 to 1, separated by "
                "semicolons, such as 'road=0.7; building=0.9'."
            )
        found[name.strip().casefold()] = accuracy
    return found


def check_sample(classes: RasterReader, uncertainty: RasterReader | None, options: SampleOptions) -> int:
    """Check rasters and options against each other.

    Returns:
        Class pixels along a side of an uncertainty cell; 1 without an uncertainty.

    Raises:
        UhrsError: They do not fit.
    """
    check_classes(classes.info)
    if uncertainty is None:
        if options.strata == "uncertainty":
            raise OptionsError("Strata of uncertainty need an uncertainty raster: give the one of the same run.")
        return 1
    return uncertainty_cell(classes.info, uncertainty.info, options.band)


def draw_sample(
    classes: str, uncertainty: str | None, options: SampleOptions | None = None, watch: Watch = UNWATCHED
) -> Sample:
    """Draw pixels of a class raster at random, without replacement, only where it has a class.

    Args:
        classes: Class raster of any size.
        uncertainty: Uncertainty raster of the same run, None for none.

    Raises:
        UhrsError: Something cannot be read, or does not fit.
        CancelledError: The caller cancelled.
    """
    options = options or SampleOptions()
    with contextlib.ExitStack() as stack:
        reader = stack.enter_context(open_raster(classes, options.backend))
        other = None if uncertainty is None else stack.enter_context(open_raster(uncertainty, options.backend))
        cell = check_sample(reader, other, options)
        info = reader.info
        crs = info.crs_wkt if options.crs_wkt is None else options.crs_wkt
        areas, _ = measure(crs if info.has_transform else "", info.transform, options.planimetric)
        codes = PixelCodes(reader, other, options.band, cell, areas)
        counts = count(codes, watch.part(0, COUNTED))
        if not counts.pixels.any():
            raise RasterError(f"'{info.path}' holds no pixel with a class: choose another class raster.")
        table = read_class_table(info.path, info.nodata[0], options.backend)
        indices, names = _strata(counts, table, options.strata)
        pixels, sizes = _by_stratum(counts, indices, len(names))
        numbers = allocate(
            options.points,
            sizes,
            pixels,
            options.allocation,
            options.least,
            _accuracies(counts, indices, names, options),
        )
        generator = np.random.default_rng(options.seed)
        ranks = [np.sort(generator.choice(int(all_), int(some), replace=False)) for all_, some in zip(pixels, numbers)]
        picked = list(pick(codes, indices, ranks, watch.part(COUNTED, 1)))
    stratum = np.concatenate([np.full(len(rows), index) for index, rows, *_ in picked])
    rows, cols, values, levels = (np.concatenate(parts) for parts in list(zip(*picked))[1:])
    order = generator.permutation(len(rows))
    x, y = map_transform(info).place(cols[order] + 0.5, rows[order] + 0.5)
    doubt = np.where(levels[order] == NODATA, np.nan, levels[order] / LEVELS)
    strata = [
        Stratum(name, int(all_), float(size) if areas is not None else None, int(some))
        for name, all_, size, some in zip(names, pixels, sizes, numbers)
    ]
    return Sample(x, y, strata, stratum[order], values[order].astype(np.int64), doubt, table)


def _strata(counts: PixelCounts, table: ClassTable, kind: str) -> tuple[NDArray[np.int64], list[str]]:
    """Choose strata: index by class and level, and their names."""
    if kind == "uncertainty":
        return by_uncertainty(counts)
    if kind == "class":
        return by_class(counts), [table.name(value) for value in np.flatnonzero(counts.pixels.sum(axis=1)).tolist()]
    return np.zeros(counts.pixels.shape, np.int64), ["whole map"]


def _by_stratum(
    counts: PixelCounts, indices: NDArray[np.int64], strata: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pixels and areas of the strata."""
    there = counts.pixels > 0
    pixels = np.bincount(indices[there], counts.pixels[there], strata).astype(np.int64)
    return pixels, np.bincount(indices[there], counts.areas[there], strata).astype(np.float64)


def _accuracies(
    counts: PixelCounts, indices: NDArray[np.int64], names: list[str], options: SampleOptions
) -> NDArray[np.float64] | None:
    """Expected accuracies of the strata: as given, else from the mean uncertainty; None where nothing is known."""
    given = parse_expected(options.expected)
    unknown = [name for name in given if name not in {item.casefold() for item in names}]
    if unknown:
        raise OptionsError(
            f"Expected accuracies name '{unknown[0]}', which is no stratum: there are {', '.join(names)}."
        )
    there = counts.pixels > 0
    known = there.copy()
    known[:, NODATA] = False
    if not known.any() and not given:
        return None
    doubts = np.broadcast_to(np.arange(counts.pixels.shape[1]) / LEVELS, counts.pixels.shape)
    sums = np.bincount(indices[known], (doubts * counts.pixels)[known], len(names))
    found = 1 - sums / np.maximum(np.bincount(indices[known], counts.pixels[known], len(names)), 1)
    if not known.any():
        found = np.full(len(names), np.mean(list(given.values())))
    return np.array([given.get(name.casefold(), value) for name, value in zip(names, found.tolist())])
