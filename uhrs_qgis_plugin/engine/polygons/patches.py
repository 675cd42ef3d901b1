"""Patches: pixels of one class that hang together by their sides, over a whole raster, and what is known of each.

The raster is read once. Patches get numbers in the order of their first pixels, so neither the height of strips nor
the number of threads shows in a result. Memory holds a row of numbers for each patch, and the lengths of the borders
of those that may be too small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.polygons.cells import CellGrid
from uhrs_qgis_plugin.engine.polygons.strips import NOTHING, Ints, Runs, find_runs, touching_runs
from uhrs_qgis_plugin.engine.regions import connect

MOST_PATCHES = 5_000_000  # in memory at once, of about 100 bytes each
PLACE_BITS = 40  # of the place of a run in a raster, in a number that also holds its length
LONGEST = (1 << (62 - PLACE_BITS)) - 1  # above this the length of a run does not count
NO_PATCH = 0  # number of all that holds no data


@dataclass(frozen=True, eq=False)
class Patches:
    """The patches of a raster; number 0 is what holds no data.

    Attributes:
        of_strip: For each strip its patches by the labels that `label_strip` gives them.
        values: (n,) class.
        pixels: (n,).
        bottom: (n,) last row.
        longest: (n,) length of the longest run, and its place; see `witnesses`.
        is_open: (n,) whether it touches the edge of the raster or what holds no data.
        sums: (k, n) sums over its pixels of the grids that were given.
        borders: (3, m) for borders of patches that may be small: patch, patch, length in pixels; once for each pair.
    """

    of_strip: list[NDArray[np.int32]]
    values: NDArray[np.int16]
    pixels: Ints
    bottom: Ints
    longest: Ints
    is_open: NDArray[np.bool_]
    sums: NDArray[np.float64]
    borders: Ints

    def witnesses(self) -> Ints:
        """(n,) place of a pixel well inside each patch: the middle of its longest run, of which the first counts."""
        length = self.longest >> PLACE_BITS
        return np.asarray(((1 << PLACE_BITS) - 1 - (self.longest & ((1 << PLACE_BITS) - 1))) + length // 2)


def label_strip(runs: Runs, pairs: tuple[Ints, Ints, Ints]) -> tuple[Ints, int]:
    """Label the patches of some rows, those of the row above included.

    Args:
        runs: Runs of the rows.
        pairs: From `touching_runs`.

    Returns:
        (n,) label 0..c-1 of each run, in the order of their first runs, and c; runs without data stay alone.
    """
    low, high, _ = pairs
    same = (runs.values[low] == runs.values[high]) & (runs.values[low] != NOTHING)
    return connect(len(runs.starts), low[same], high[same])


class PatchFinder:
    """Finds patches strip by strip."""

    def __init__(self, width: int, height: int, sums: int, small: int) -> None:
        """Start above the first row.

        Args:
            sums: How many grids are summed.
            small: Patches of fewer pixels may have to go: their borders are measured.
        """
        self._width, self._height, self._small = width, height, small
        self._above = np.zeros((0, width), np.int16)
        self._above_patch = np.zeros(0, np.int64)  # of the runs of the row above
        self._of_strip: list[NDArray[np.int32]] = []
        self._table = _Table(sums)
        self._joins: list[Ints] = []
        self._borders: list[Ints] = []

    def add(self, row: int, labels: NDArray[np.int16], grids: Sequence[CellGrid]) -> None:
        """Add the next strip.

        Args:
            row: Its first row.
            labels: (h, w) numbers.
            grids: Numbers to sum.

        Raises:
            OptionsError: More patches than memory should hold.
        """
        runs = find_runs(np.concatenate((self._above, labels)))
        pairs = touching_runs(runs)
        local, count = label_strip(runs, pairs)
        patch = self._number(runs, local, count)
        self._of_strip.append(patch.astype(np.int32))
        of_run = patch[local]
        known = len(self._above_patch)
        self._measure(row - len(self._above), runs, of_run, known, grids)
        if self._small > 1:
            self._note_borders(row - len(self._above), runs, pairs, of_run)
        self._above = labels[-1:]
        self._above_patch = of_run[np.searchsorted(runs.starts, runs.starts[-1] // self._width * self._width) :]

    def finish(self) -> Patches:
        """Join what turned out to hang together, and renumber."""
        table = self._table
        joins = np.concatenate([np.zeros((2, 0), np.int64), *self._joins], axis=1)
        final, count = connect(table.count, joins[0], joins[1])
        first = np.unique(final, return_index=True)[1]
        borders = np.concatenate([np.zeros((3, 0), np.int64), *self._borders], axis=1)
        borders[:2] = final[borders[:2]]
        known = slice(table.count)
        sums = np.stack([np.bincount(final, row[known], count).astype(np.float64) for row in table.sums])
        pixels = np.bincount(final, table.pixels[known], count).astype(np.int64)
        bottom, longest = np.zeros(count, np.int64), np.zeros(count, np.int64)
        np.maximum.at(bottom, final, table.bottom[known])
        np.maximum.at(longest, final, table.longest[known])
        is_open = np.zeros(count, np.bool_)
        np.logical_or.at(is_open, final, table.is_open[known])
        of_strip = [final[patch].astype(np.int32) for patch in self._of_strip]
        values, borders = table.values[first], add_up(borders, pixels, self._small)
        return Patches(of_strip, values, pixels, bottom, longest, is_open, sums, borders)

    def _number(self, runs: Runs, local: Ints, count: int) -> Ints:
        """Give each label the number of a patch: one of the row above, or a new one."""
        known = len(self._above_patch)
        patch = np.full(count, np.iinfo(np.int64).max)
        np.minimum.at(patch, local[:known], self._above_patch)
        patch[local[runs.values == NOTHING]] = NO_PATCH
        fresh = np.flatnonzero(patch == np.iinfo(np.int64).max)
        first = np.unique(local, return_index=True)[1]
        patch[fresh] = self._table.extend(runs.values[first[fresh]])
        met = np.stack((self._above_patch, patch[local[:known]]))
        self._joins.append(met[:, met[0] != met[1]])
        return patch

    def _measure(self, row: int, runs: Runs, of_run: Ints, known: int, grids: Sequence[CellGrid]) -> None:
        """Add up what is known of the runs below the first `known` ones."""
        chosen = np.flatnonzero(runs.values[known:] != NOTHING) + known
        rows, starts = np.divmod(runs.starts[chosen], runs.width)
        lengths = runs.ends[chosen] - runs.starts[chosen]
        rows = rows + row
        patch = of_run[chosen]
        sums = [grid.over_runs(rows, starts, starts + lengths) for grid in grids]
        place = (1 << PLACE_BITS) - 1 - (rows * runs.width + starts)
        self._table.add(patch, lengths, rows, (np.minimum(lengths, LONGEST) << PLACE_BITS) | place, sums)

    def _note_borders(self, row: int, runs: Runs, pairs: tuple[Ints, Ints, Ints], of_run: Ints) -> None:
        """Keep the borders between different patches of which one may be small, and which touch something else."""
        low, high, length = pairs
        beside = np.flatnonzero(runs.ends[:-1] % runs.width != 0)  # runs with another one on their right
        beside = beside[beside >= len(self._above_patch)]
        one = np.concatenate((of_run[low], of_run[beside]))
        other = np.concatenate((of_run[high], of_run[beside + 1]))
        length = np.concatenate((length, np.ones(len(beside), np.int64)))
        differs = one != other
        one, other, length = one[differs], other[differs], length[differs]
        table = self._table
        empty = (one == NO_PATCH) | (other == NO_PATCH)
        table.is_open[one[empty]] = table.is_open[other[empty]] = True
        cols, rows = runs.starts % runs.width, runs.rows + row
        at_edge = (cols == 0) | (runs.ends % runs.width == 0) | (rows == 0) | (rows == self._height - 1)
        table.is_open[of_run[at_edge]] = True
        small = ~empty & ((table.pixels[one] < self._small) | (table.pixels[other] < self._small))
        found = np.stack((np.minimum(one, other)[small], np.maximum(one, other)[small], length[small]))
        self._borders.append(add_up(found, table.pixels, self._small))


def add_up(borders: Ints, pixels: Ints, small: int) -> Ints:
    """Add the lengths of borders of the same two patches, and drop those of two large ones.

    Args:
        borders: (3, n) patch, patch, length.
        pixels: Pixels of each patch.
        small: A patch with as many is large.

    Returns:
        (3, m), the lower number first.
    """
    low, high = np.minimum(borders[0], borders[1]), np.maximum(borders[0], borders[1])
    kept = (low != high) & ((pixels[low] < small) | (pixels[high] < small))
    keys, group = np.unique(low[kept] * len(pixels) + high[kept], return_inverse=True)
    lengths = np.bincount(group.ravel(), borders[2][kept], len(keys)).astype(np.int64)
    return np.stack((keys // len(pixels), keys % len(pixels), lengths))


class _Table:
    """What is known of each patch, in arrays that grow."""

    def __init__(self, sums: int) -> None:
        """Begin with what holds no data."""
        self.count = 1
        self.values = np.full(1024, NOTHING, np.int16)
        self.pixels, self.bottom, self.longest = (np.zeros(1024, np.int64) for _ in range(3))
        self.is_open = np.zeros(1024, np.bool_)
        self.sums = np.zeros((sums, 1024))

    def extend(self, values: NDArray[np.int16]) -> Ints:
        """Add patches of the given classes, and return their numbers."""
        count = self.count + len(values)
        if count > MOST_PATCHES:
            raise OptionsError(
                f"The class raster is too scattered: it has more than {MOST_PATCHES:,} patches of one class. Clean it "
                "first ('Clean classes' by majority), or take a part of it."
            )
        size = len(self.values)
        if count > size:
            more = max(count, 2 * size) - size
            self.values = np.pad(self.values, (0, more))
            self.pixels, self.bottom, self.longest = (
                np.pad(array, (0, more)) for array in (self.pixels, self.bottom, self.longest)
            )
            self.is_open = np.pad(self.is_open, (0, more))
            self.sums = np.pad(self.sums, ((0, 0), (0, more)))
        self.values[self.count : count] = values
        numbers = np.arange(self.count, count)
        self.count = count
        return numbers

    def add(self, patch: Ints, lengths: Ints, rows: Ints, longest: Ints, sums: Sequence[NDArray[np.float64]]) -> None:
        """Add runs to their patches."""
        touched, group = np.unique(patch, return_inverse=True)
        group = group.ravel()
        self.pixels[touched] += np.bincount(group, lengths, len(touched)).astype(np.int64)
        for total, more in zip(self.sums, sums):
            total[touched] += np.bincount(group, more, len(touched))
        for kept, numbers in ((self.bottom, rows), (self.longest, longest)):
            most = np.zeros(len(touched), np.int64)
            np.maximum.at(most, group, numbers)
            kept[touched] = np.maximum(kept[touched], most)
