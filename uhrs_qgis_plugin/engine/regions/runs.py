"""Runs of flagged cells in rows, and which of them belong together: connected components without a loop over cells.

A run is (row, start, end): the cells start..end-1 of a row. Runs are always sorted by row, then start. How far apart
two cells of one component may be is given by `gap`, the cells that may lie between them along either axis:
-1 = they share a side, 0 = a side or a corner, 1 = one cell may lie between, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of a strip.

    Attributes:
        rows: (n,) row of each run.
        starts: (n,) its first column.
        ends: (n,) the column after its last one.
        sums: (n,) sum of the numbers of its cells.
        peaks: (n,) the largest of them.
    """

    rows: Ints
    starts: Ints
    ends: Ints
    sums: Ints
    peaks: Ints


def find_runs(values: NDArray[np.uint8], flags: NDArray[np.bool_], first_row: int) -> Runs:
    """Find the runs of flagged cells of a strip.

    Args:
        values: (h, w) numbers of the cells.
        flags: (h, w) which cells count.
        first_row: Row of the raster that the strip starts at.

    Returns:
        The runs.
    """
    height, width = flags.shape
    # A column of False on the right keeps the last cell of a row apart from the first one of the next.
    padded = np.zeros((height, width + 1), np.bool_)
    padded[:, :width] = flags
    flat = padded.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    if flat[:1].any():
        changes = np.concatenate(([0], changes))
    starts, ends = changes[0::2], changes[1::2]
    rows = starts // (width + 1)
    cells = values[flags]  # in the order of the runs
    offsets = np.cumsum(ends - starts) - (ends - starts)
    sums = np.add.reduceat(cells, offsets, dtype=np.int64) if len(offsets) else offsets
    peaks = np.maximum.reduceat(cells, offsets).astype(np.int64) if len(offsets) else offsets
    shift = rows * (width + 1)
    return Runs(rows + first_row, starts - shift, ends - shift, sums, peaks)


def reach_of(gap: int) -> int:
    """Return how many rows apart two cells may be that belong together."""
    return max(1, gap + 1)


def link_runs(rows: Ints, starts: Ints, ends: Ints, gap: int) -> tuple[Ints, Ints]:
    """Find the pairs of runs in different rows that belong together.

    Args:
        rows: (n,) row of each run.
        starts: (n,) its first column.
        ends: (n,) the column after its last one.
        gap: Cells that may lie between; see the module.

    Returns:
        (m,) indices of the lower runs and (m,) of the upper ones.
    """
    if not len(rows):
        return rows, rows
    # One number per edge of a run, ascending; rows are so far apart that a widened run never meets the next row.
    stride = int(ends.max()) + max(gap, 0) + 1
    base = (rows - rows[0]) * stride
    first_cells, last_ends = base + starts, base + ends
    lower, upper = [], []
    for step in range(1, reach_of(gap) + 1):
        above = base - step * stride
        low = np.searchsorted(last_ends, above + starts - gap, "left")
        count = np.searchsorted(first_cells, above + ends + gap, "right") - low
        owners = np.repeat(np.arange(len(rows)), count)
        lower.append(owners)
        upper.append(np.arange(len(owners)) + np.repeat(low - (np.cumsum(count) - count), count))
    return np.concatenate(lower), np.concatenate(upper)


def connect(count: int, left: Ints, right: Ints) -> tuple[Ints, int]:
    """Label the connected components of a graph: union-find on whole arrays.

    Args:
        left: (m,) one end of each link.
        right: (m,) its other end.

    Returns:
        (count,) component 0..c-1 of each node, in the order of their first nodes, and c.
    """
    roots = np.arange(count)
    downwards = True
    while True:
        one, other = roots[left], roots[right]
        apart = one != other
        if not apart.any():
            break
        # Links within a component have been used.
        left, right, one, other = left[apart], right[apart], one[apart], other[apart]
        low, high = np.minimum(one, other), np.maximum(one, other)
        # Always linking to the lower root joins a star with a high centre one leaf a round: so directions alternate.
        roots[high if downwards else low] = low if downwards else high
        downwards = not downwards
        _shorten(roots)
    _, first, labels = np.unique(roots, return_index=True, return_inverse=True)
    order = np.argsort(first)
    renamed = np.empty_like(order)
    renamed[order] = np.arange(len(order))
    return renamed[labels.reshape(-1)], len(order)


def label_runs(rows: Ints, starts: Ints, ends: Ints, gap: int) -> tuple[Ints, int]:
    """Label runs that are all in memory; for a gap of -1 or 0, with which runs of one row never touch.

    Args:
        rows: (n,) row of each run.
        starts: (n,) its first column.
        ends: (n,) the column after its last one.
        gap: -1 or 0.

    Returns:
        (n,) component of each run, in the order of their first cells, and the number of components.
    """
    return connect(len(rows), *link_runs(rows, starts, ends, gap))


def _shorten(roots: Ints) -> None:
    """Let every node point at its root, in place."""
    while True:
        further = roots[roots]
        if np.array_equal(further, roots):
            return
        roots[:] = further
