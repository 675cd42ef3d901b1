"""Follows regions down a raster, strip by strip: memory holds what is still growing and the best that is finished."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.regions.runs import Ints, Runs, connect, link_runs, reach_of

# Runs in memory at once, of 16 bytes each. Outlines of this many would open in no program anyway.
MOST_RUNS = 10_000_000

# Rows of the array in which regions that still grow keep their numbers.
CELLS, SUM, PEAK, FIRST = range(4)


@dataclass(frozen=True, eq=False)
class Region:
    """Flagged cells that belong together.

    Attributes:
        runs: (n, 3) int32: row, first column and column after the last of each run of cells, sorted by row, column.
        cells: How many cells.
        total: Sum of their numbers.
        peak: The largest of them.
    """

    runs: NDArray[np.int32]
    cells: int
    total: int
    peak: int


class TopRegions:
    """Keeps the most important regions.

    Attributes:
        found: Regions offered so far.
        small: Those that were too small.
        runs: Runs of the kept ones.
    """

    def __init__(self, limit: int, min_cells: int) -> None:
        self.found = self.small = self.runs = 0
        self._limit, self._min_cells = limit, min_cells
        self._bar = 0  # sum that a region needs to be among the best
        self._kept: list[tuple[int, int, Region]] = []

    def offer(self, stats: Ints, runs: NDArray[np.int32]) -> None:
        """Keep finished regions that are important enough.

        Args:
            stats: (4, c) cells, sum, peak and number of the first cell of each.
            runs: (4, n) row, start, end and region 0..c-1 of each run, sorted by row, start.
        """
        large = stats[CELLS] >= self._min_cells
        self.found += stats.shape[1]
        self.small += int(np.count_nonzero(~large))
        chosen = np.flatnonzero(large & (stats[SUM] >= self._bar))
        chosen = chosen[np.lexsort((stats[FIRST, chosen], -stats[SUM, chosen]))][: self._limit]
        place = np.full(stats.shape[1], -1)
        place[chosen] = np.arange(len(chosen))
        owners = place[runs[3]]
        order = np.argsort(owners, kind="stable")[np.count_nonzero(owners < 0) :]
        ends = np.cumsum(np.bincount(owners[order], minlength=len(chosen)))
        for region, members in zip(chosen, np.split(runs[:3, order].T, ends[:-1])):
            cells, total, peak, first = (int(number) for number in stats[:, region])
            self._kept.append((-total, first, Region(np.ascontiguousarray(members), cells, total, peak)))
        if len(self._kept) > 2 * self._limit:
            self._drop_rest()
        self.runs = sum(len(region.runs) for _, _, region in self._kept)

    def ranked(self) -> tuple[Region, ...]:
        """Return the best, the most important first; on a tie the one that starts further up, or left."""
        self._drop_rest()
        return tuple(region for _, _, region in self._kept)

    def _drop_rest(self) -> None:
        """Drop what is not among the best."""
        self._kept.sort(key=lambda item: item[:2])
        del self._kept[self._limit :]
        if len(self._kept) == self._limit:
            self._bar = -self._kept[-1][0]


class Tracker:
    """Joins runs to regions across strips, and passes each region on as soon as nothing below can join it."""

    def __init__(self, width: int, gap: int, best: TopRegions) -> None:
        """Start above the first row.

        Args:
            gap: Cells that may lie between two of one region; see `runs`, here at least 0.
        """
        self._width, self._gap, self._best = width, gap, best
        self._stats = np.zeros((4, 0), np.int64)  # of the regions that still grow
        self._runs = np.zeros((4, 0), np.int32)  # row, start, end, region
        self._tail = np.zeros((4, 0), np.int64)  # the same of joined runs, in the last rows only

    def add(self, runs: Runs, next_row: int) -> None:
        """Add the runs of the next strip.

        Args:
            next_row: The row after the strip.

        Raises:
            OptionsError: More runs than memory should hold.
        """
        growing = self._stats.shape[1]
        joined, joined_of_run = self._join_in_rows(runs)
        nodes = np.concatenate((self._tail[3], growing + np.arange(joined.shape[1])))
        bars = np.concatenate((self._tail[:3], joined), axis=1)
        lower, upper = link_runs(bars[0], bars[1], bars[2], self._gap)
        labels, count = connect(growing + joined.shape[1], nodes[lower], nodes[upper])
        of_run = labels[growing + joined_of_run]
        stats = self._gather(runs, np.concatenate((labels[:growing], of_run)), count)
        new_runs = np.stack((runs.rows, runs.starts, runs.ends, of_run)).astype(np.int32)
        self._runs[3] = labels[self._runs[3]]
        all_runs = np.concatenate((self._runs, new_runs), axis=1)
        recent = bars[0] >= next_row - reach_of(self._gap)
        tail = np.concatenate((bars, labels[nodes][None]))[:, recent]
        self._hand_over(stats, all_runs, tail)

    def finish(self) -> None:
        """Pass on the regions that still grow at the last row."""
        nothing = np.zeros(0, np.int64)
        self.add(Runs(nothing, nothing, nothing, nothing, nothing), np.iinfo(np.int64).max)

    def _join_in_rows(self, runs: Runs) -> tuple[Ints, Ints]:
        """Join runs of one row that are near each other.

        What lies inside the joined run is then at most `gap` away from a cell of it, so links between joined runs
        are those between cells.

        Returns:
            (3, m) row, start and end of the joined runs, and (n,) the joined run of each run.
        """
        begins = np.ones(len(runs.rows), np.bool_)
        begins[1:] = (np.diff(runs.rows) > 0) | (runs.starts[1:] - runs.ends[:-1] > self._gap)
        ends = np.append(begins[1:], True)[: len(begins)]
        return np.stack((runs.rows[begins], runs.starts[begins], runs.ends[ends])), np.cumsum(begins) - 1

    def _gather(self, runs: Runs, labels: Ints, count: int) -> Ints:
        """Add up the numbers of regions and of new runs, (4, count), by their new labels."""
        numbers = (runs.ends - runs.starts, runs.sums, runs.peaks, runs.rows * self._width + runs.starts)
        if not count:
            return np.zeros((4, 0), np.int64)
        order = np.argsort(labels, kind="stable")
        firsts = np.searchsorted(labels[order], np.arange(count))
        both = np.concatenate((self._stats, np.stack(numbers)), axis=1)[:, order]
        ways = (np.add, np.add, np.maximum, np.minimum)
        return np.stack([way.reduceat(row, firsts) for way, row in zip(ways, both)])

    def _hand_over(self, stats: Ints, runs: NDArray[np.int32], tail: Ints) -> None:
        """Separate finished regions from those that still grow."""
        grows = np.zeros(stats.shape[1], np.bool_)
        grows[tail[3]] = True
        renamed = np.where(grows, np.cumsum(grows), np.cumsum(~grows)) - 1
        run_grows = grows[runs[3]]
        runs[3] = renamed[runs[3]]
        tail[3] = renamed[tail[3]]
        self._stats, self._runs, self._tail = stats[:, grows], runs[:, run_grows], tail
        if not grows.all():
            self._best.offer(stats[:, ~grows], runs[:, ~run_grows])
        held = self._runs.shape[1] + self._best.runs
        if held > MOST_RUNS:
            raise OptionsError(
                f"The uncertain cells are too scattered: their outlines have more than {2 * MOST_RUNS:,} sides. Take a "
                "smaller top share or a higher threshold, or limit the number of regions."
            )
