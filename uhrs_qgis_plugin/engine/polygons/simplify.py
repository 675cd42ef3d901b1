"""Smooth borders with fewer points: each arc once, so that what two polygons share stays shared.

Stairs of pixels are cut at half a pixel from their corners; then points are taken away in rounds, those that change
least first, as long as every point that was there stays within the tolerance of the new line (the deviation is
bounded, other than by areas alone). Corners between longer edges stay sharp.

Borders never cross, whatever the tolerance: a point may go only when the triangle with its neighbours holds no corner
of another border, as the raster had it, no point that its own border still has, and no witness, one pixel for each
polygon. Asking for the corners of the raster, and not for what is left of them, makes each arc independent of all
others: it comes out the same however the raster is cut into strips.

References: Visvalingam and Whyatt, Line generalisation by repeated elimination of points (1993): order by area.
Saalfeld, Topologically consistent line simplification (1999): the triangle test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.polygons.arcs import Arc
from uhrs_qgis_plugin.engine.polygons.obstacles import FOREIGN, NOT_A_POINT, Obstacles
from uhrs_qgis_plugin.engine.polygons.strips import Ints

SHARP = 3  # pixels: corners between edges of so many stay where they are
SURE = 0.45  # pixels: less than half of what lies between two borders, so that none can be met
HALF = 2  # all positions here are in half pixels: integers


@dataclass(frozen=True, eq=False)
class _Lines:
    """The points of arcs, one after the other; closed arcs end with their first point.

    Attributes:
        points: (n, 2) in half pixels.
        arc: (n,) which arc.
        is_end: (n,) first or last of its arc.
        corner: (n,) which corner of the arcs' own points it comes from, in the order of all.
    """

    points: Ints
    arc: Ints
    is_end: NDArray[np.bool_]
    corner: Ints


def simplify(arcs: Sequence[Arc], tolerance: float, obstacles: Obstacles) -> float:
    """Replace the points of arcs, in place.

    Args:
        tolerance: In pixels.
        obstacles: All corners and witnesses in the rows of the arcs.

    Returns:
        How far a corner of the raster's borders is from the new ones at most, in pixels.
    """
    arcs = [arc for arc in arcs if arc.left >= 0 and arc.right >= 0]  # where data end, they end exactly
    if not arcs:
        return 0.0
    corners = [_with_end(arc) for arc in arcs]
    lines = _cut(corners)
    alive = np.ones(len(lines.points), np.bool_)
    interior = np.bincount(lines.arc, minlength=len(arcs)) - 2
    least = np.array([2 if arc.start < 0 else 0 for arc in arcs])
    near = lines.is_end.copy()
    near[1:] |= lines.is_end[:-1]
    near[:-1] |= lines.is_end[1:]
    _thin(lines, alive, interior, least, near, min(SURE, tolerance), None)
    if tolerance > SURE:
        own = _Own(lines, np.concatenate(corners))
        _thin(lines, alive, interior, least, lines.is_end, tolerance, (obstacles, own))
    left = np.flatnonzero(alive)
    bounds = np.searchsorted(lines.arc[left], np.arange(len(arcs) + 1))
    placed = lines.points[left] / HALF
    for arc, first, after in zip(arcs, bounds[:-1].tolist(), bounds[1:].tolist()):
        arc.points = placed[first : after - 1 if arc.start < 0 else after]
    return _deviation(corners, lines, left)


def simplified_rings(arcs: Sequence[Arc], tolerance: float) -> list[NDArray[np.float64]]:
    """Simplify closed arcs without looking at others: (n, 2) points of each in pixels; the arcs stay as they are."""
    if not arcs:
        return []
    lines = _cut([_with_end(arc) for arc in arcs])
    alive = np.ones(len(lines.points), np.bool_)
    interior = np.bincount(lines.arc, minlength=len(arcs)) - 2
    _thin(lines, alive, interior, np.full(len(arcs), 2), lines.is_end, tolerance, None)
    left = np.flatnonzero(alive)
    bounds = np.searchsorted(lines.arc[left], np.arange(len(arcs) + 1))
    placed = lines.points[left] / HALF
    return [placed[first : after - 1] for first, after in zip(bounds[:-1].tolist(), bounds[1:].tolist())]


def _with_end(arc: Arc) -> Ints:
    """The corners of an arc in half pixels, with the first one again where it is closed."""
    points = arc.points.astype(np.int64) * HALF
    return np.concatenate((points, points[:1])) if arc.start < 0 else points


def _cut(corners: Sequence[Ints]) -> _Lines:
    """Cut corners at half a pixel, but for the ends of arcs and those between longer edges."""
    points = np.concatenate(corners)
    arc = np.repeat(np.arange(len(corners)), [len(part) for part in corners])
    is_end = np.ones(len(points), np.bool_)
    is_end[1:-1] = (arc[1:-1] != arc[:-2]) | (arc[1:-1] != arc[2:])
    edges = np.diff(points, axis=0, prepend=points[:1])
    before = np.abs(edges).max(axis=1)
    after = np.append(before[1:], 0)
    way_in = np.sign(edges)
    way_out = np.concatenate((way_in[1:], way_in[:1]))
    sharp = is_end | (np.minimum(before, after) >= SHARP * HALF)
    cut = np.stack((points - way_in, points + way_out), axis=1)
    cut[sharp] = points[sharp][:, None]
    cut = cut.reshape(-1, 2)
    corner = np.repeat(np.arange(len(points)), 2)
    kept = np.ones(len(cut), np.bool_)
    kept[1::2] = ~sharp
    # The steps of stairs are one pixel long: the cuts at both of their ends are one point.
    kept[2::2] &= (cut[2::2] != cut[1:-1:2]).any(axis=1) | sharp[1:]
    kept[0::2] |= is_end
    return _Lines(cut[kept], arc[corner[kept]], is_end[corner[kept]], corner[kept])


def _thin(
    lines: _Lines,
    alive: NDArray[np.bool_],
    interior: Ints,
    least: Ints,
    fixed: NDArray[np.bool_],
    tolerance: float,
    check: tuple[Obstacles, _Own] | None,
) -> None:
    """Take points away in rounds, in place.

    Args:
        lines: All points.
        alive: (n,) which are left.
        interior: (arcs,) how many are left between the ends.
        least: (arcs,) how many must be left there.
        fixed: (n,) which have to stay.
        tolerance: In pixels.
        check: What must not be passed; None where nothing can be.
    """
    blocked = fixed.copy()
    limit = (tolerance * HALF) ** 2
    points = lines.points
    here = np.flatnonzero(alive)
    x, y = points[:, 0].astype(np.float64), points[:, 1].astype(np.float64)  # products are exact far beyond any raster
    while len(here) > 2:
        middle = here[1:-1]
        dx, dy = np.diff(x[here]), np.diff(y[here])
        area = np.abs(dx[:-1] * dy[1:] - dy[:-1] * dx[1:])
        area[blocked[middle] | (interior <= least)[lines.arc[middle]]] = np.inf
        padded = np.pad(area, 1, constant_values=np.inf)
        # Of equals the first; no two neighbours go in one round.
        chosen = np.flatnonzero((area < padded[:-2]) & (area <= padded[2:]) & np.isfinite(area))
        if not len(chosen):
            return
        # Where an arc may lose few points only, it loses one a round.
        arc = lines.arc[middle[chosen]]
        tight = (interior - least < np.bincount(arc, minlength=len(interior)))[arc]
        if tight.any():
            order = np.lexsort((area[chosen], arc))
            first = order[np.flatnonzero(np.diff(arc[order], prepend=-1))]
            single = np.zeros(len(chosen), np.bool_)
            single[first] = True
            chosen = chosen[~tight | single]
        before, at, after = here[chosen], middle[chosen], here[chosen + 2]
        fine = _within(points, before, after, limit)
        if check is not None and fine.any():
            obstacles, own = check
            some = np.flatnonzero(fine)
            fine[some] = obstacles.leave_free(
                points[before[some]], points[at[some]], points[after[some]], lines.arc[at[some]], own, alive
            )
        gone = at[fine]
        alive[gone] = False
        blocked[at[~fine]] = True
        interior -= np.bincount(lines.arc[gone], minlength=len(interior))
        for beside in (before[fine], after[fine]):
            blocked[beside] = fixed[beside]
        # An arc of which nothing was chosen is done.
        busy = np.zeros(len(interior), np.bool_)
        busy[arc] = True
        here = here[alive[here] & busy[lines.arc[here]]]


def _within(points: Ints, before: Ints, after: Ints, limit: float) -> NDArray[np.bool_]:
    """Tell for lines between points of an arc whether all that was between them is within a distance of them."""
    counts = after - before - 1
    starts = np.cumsum(counts) - counts
    which = np.arange(counts.sum()) + np.repeat(before + 1 - starts, counts)
    one, other = np.repeat(points[before], counts, axis=0), np.repeat(points[after], counts, axis=0)
    distance = squared_distance(points[which], one, other)
    return np.asarray(np.maximum.reduceat(distance, starts) <= limit)


def squared_distance(at: Ints, one: Ints, other: Ints) -> NDArray[np.float64]:
    """Squared distances of points from lines between two points, (n,)."""
    # By columns: numpy is slow along an axis of two.
    (along_x, along_y), (x, y) = (other - one).T, (at - one).T
    length = along_x * along_x + along_y * along_y
    share = np.clip((along_x * x + along_y * y) / np.maximum(length, 1), 0, 1)
    x, y = x - along_x * share, y - along_y * share
    return np.asarray(x * x + y * y)


def _deviation(corners: Sequence[Ints], lines: _Lines, left: Ints) -> float:
    """The largest distance of a corner from the line that stands for it, in pixels."""
    points = np.concatenate(corners)
    first = np.searchsorted(lines.corner, np.arange(len(points)))
    first = np.minimum(first, len(lines.corner) - 1)
    segment = np.clip(np.searchsorted(left, first, "right") - 1, 0, len(left) - 2)
    # The last point of an arc begins no line.
    segment -= lines.arc[left[segment]] != lines.arc[left[segment + 1]]
    one, other = lines.points[left[segment]], lines.points[left[segment + 1]]
    return float(np.sqrt(squared_distance(points, one, other).max()) / HALF)


class _Own:
    """Finds the points of lines by their places."""

    def __init__(self, lines: _Lines, corners: Ints) -> None:
        inside = np.flatnonzero(~lines.is_end)
        self._stride = int(corners[:, 0].max()) + 3
        # What `corner_points` gives of corners, but lines do not have: there is nothing of their own.
        way = np.sign(np.diff(corners, axis=0))
        arc, middle = lines.arc[np.searchsorted(lines.corner, np.arange(len(corners)))], np.arange(1, len(corners) - 1)
        middle = middle[(arc[:-2] == arc[1:-1]) & (arc[1:-1] == arc[2:])]
        bare = np.concatenate((corners[middle], corners[middle] - way[middle - 1], corners[middle] + way[middle]))
        keys = np.concatenate((self._key(lines.points[inside]), self._key(bare)))
        index = np.concatenate((inside, np.full(len(bare), NOT_A_POINT)))
        arc = np.concatenate((lines.arc[inside], np.tile(arc[middle], 3)))
        order = np.argsort(keys, kind="stable")
        first = order[np.flatnonzero(np.diff(keys[order], prepend=-1))]
        self._keys, self._index, self._arc = keys[first], index[first], arc[first]

    def _key(self, places: Ints) -> Ints:
        return np.asarray(places[:, 1] * self._stride + places[:, 0] + 1)

    def find(self, places: Ints, arc: Ints) -> Ints:
        """See `Finder.find`."""
        if not len(self._keys):
            return np.full(len(places), FOREIGN)
        keys = np.where(places[:, 0] < self._stride - 1, self._key(places), -1)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where((self._keys[at] == keys) & (self._arc[at] == arc), self._index[at], FOREIGN)
