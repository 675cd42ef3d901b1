"""From patches to polygons: which are joined, which are wanted, and the polygon of every pixel in a second reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.flow import ReadAhead, Watch
from uhrs_qgis_plugin.engine.polygons.absorb import absorb
from uhrs_qgis_plugin.engine.polygons.arcs import NO_DATA
from uhrs_qgis_plugin.engine.polygons.majority import Strip
from uhrs_qgis_plugin.engine.polygons.patches import NO_PATCH, Patches, PatchFinder, label_strip
from uhrs_qgis_plugin.engine.polygons.sources import GroundAreas, Uncertainties, sums_grids
from uhrs_qgis_plugin.engine.polygons.strips import Ints, find_runs, read_strips, touching_runs
from uhrs_qgis_plugin.engine.raster import RasterInfo, open_raster

STRIPS_AHEAD = 2


@dataclass(frozen=True)
class ClassSource:
    """A class raster that is read from top to bottom, twice.

    Attributes:
        info: Describes it.
        rows: Rows of a strip.
        backend: As in `open_raster`.
    """

    info: RasterInfo
    rows: int
    backend: str = "auto"

    def strips(self, watch: Watch) -> Iterator[Strip]:
        """Read the strips in a thread of its own, a few ahead; see `read_strips`."""

        def produce() -> Iterator[Strip]:
            with open_raster(self.info.source, self.backend) as reader:
                yield from read_strips(reader, self.rows, watch)

        with ReadAhead(produce, STRIPS_AHEAD, watch.check) as ahead:
            for row, labels in ahead:
                yield row, labels
                watch.report((row + len(labels)) / self.info.height)

    def values(
        self, of_strip: Iterable[NDArray[np.int32]], table: NDArray[np.int32], watch: Watch
    ) -> Iterator[tuple[int, NDArray[np.int32], NDArray[np.int16]]]:
        """Read the raster once more, and give each pixel what belongs to its patch.

        Args:
            of_strip: From `Patches`.
            table: (n,) number of each patch.

        Yields:
            First row, (h, w) numbers, and (h, w) classes.
        """
        above: NDArray[np.int16] = np.zeros((0, self.info.width), np.int16)
        for (row, labels), patch in zip(self.strips(watch), of_strip):
            runs = find_runs(np.concatenate((above, labels)))
            local, _ = label_strip(runs, touching_runs(runs))
            numbers = np.repeat(table[patch[local]], runs.ends - runs.starts)
            yield row, numbers.reshape(-1, self.info.width)[len(above) :], labels
            above = labels[-1:]


def find_patches(
    source: ClassSource, ground: GroundAreas, uncertainties: Uncertainties | None, small: int, watch: Watch
) -> Patches:
    """Find the patches of a class raster.

    Args:
        ground: Measures its pixels: the first row of sums.
        uncertainties: Summed too, see `UNCERTAINTY_SUMS`; None for none.
        small: Patches of fewer pixels may have to go.

    Raises:
        UhrsError: A raster cannot be read, there are too many patches, or the caller cancelled.
    """
    sums = len(sums_grids(0, 1, ground, uncertainties))
    finder = PatchFinder(source.info.width, source.info.height, sums, small)
    for row, labels in source.strips(watch):
        finder.add(row, labels, sums_grids(row, row + len(labels), ground, uncertainties))
    return finder.finish()


@dataclass(frozen=True, eq=False)
class Plan:
    """The polygons of a raster, numbered from 1 in the order of their first pixels.

    Attributes:
        of_patch: (patches,) polygon of each patch; 0 = none that is wanted, -1 = no data.
        values: (n + 1,) class of each polygon; that of 0 means nothing, as in what follows.
        pixels: (n + 1,).
        bottom: (n + 1,) last row.
        witnesses: (n + 1,) place of a pixel inside.
        sums: (k, n + 1).
        absorbed: Patches that became part of another one.
    """

    of_patch: NDArray[np.int32]
    values: Ints
    pixels: Ints
    bottom: Ints
    witnesses: Ints
    sums: NDArray[np.float64]
    absorbed: int

    def finished(self) -> Iterator[tuple[int, Sequence[int]]]:
        """List polygons by their last rows: row, and the polygons that end there, ascending."""
        order = np.argsort(self.bottom[1:], kind="stable") + 1
        rows, first = np.unique(self.bottom[order], return_index=True)
        for row, some in zip(rows.tolist(), np.split(order, first[1:])):
            yield row, some.tolist()


def make_plan(patches: Patches, classes: Sequence[int], min_pixels: int, min_hole: int) -> Plan:
    """Decide what becomes of each patch.

    Args:
        classes: Numbers of the classes that are wanted.
        min_pixels: Smallest polygon.
        min_hole: Smallest hole.
    """
    owners = absorb(patches, min_pixels, min_hole)
    wanted = np.isin(patches.values[owners], classes)
    wanted[NO_PATCH] = False
    chosen = np.flatnonzero(wanted)
    roots, first, group = np.unique(owners[chosen], return_index=True, return_inverse=True)
    number = np.empty(len(roots), np.int64)
    number[np.argsort(first)] = np.arange(1, len(roots) + 1)
    of_patch = np.zeros(len(owners), np.int32)
    of_patch[chosen] = number[group.ravel()]
    count = len(roots) + 1
    values = np.zeros(count, np.int64)
    values[number] = patches.values[roots]
    pixels = np.bincount(of_patch, patches.pixels, count).astype(np.int64)
    bottom = np.zeros(count, np.int64)
    np.maximum.at(bottom, of_patch, patches.bottom)
    sums = np.stack([np.bincount(of_patch, row, count).astype(np.float64) for row in patches.sums])
    of_patch[NO_PATCH] = NO_DATA
    best = np.lexsort((patches.longest, of_patch))
    last = best[np.searchsorted(of_patch[best], np.arange(count), "right") - 1]
    witnesses = patches.witnesses()[last]
    absorbed = int(np.count_nonzero(owners != np.arange(len(owners))))
    return Plan(of_patch, values, pixels, bottom, witnesses, sums, absorbed)
