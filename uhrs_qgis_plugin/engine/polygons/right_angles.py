"""Outlines with right angles, for buildings: along one main direction, within a distance of what the raster has.

A closed border is turned into its main direction. Its edges become level or upright, neighbours of one kind become one
line at their mean place, and corners lie where lines meet. Then jogs go, the shortest first, as long as the outline
stays within the distance; of all outlines that do, the simplest is taken. Where none does (round and slanting walls),
where the area would change too much, or where another border is too near, the border is smoothed like others.

Reference: the main direction is that of the mean of fourfold angles, weighted by squared lengths; compare Duchene et
al., Quantitative measures of the orientation of buildings (2003), "wall statistical weighting".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.polygons.arcs import Arc
from uhrs_qgis_plugin.engine.polygons.obstacles import Obstacles
from uhrs_qgis_plugin.engine.polygons.simplify import HALF, simplified_rings
from uhrs_qgis_plugin.engine.polygons.strips import Ints

Floats = NDArray[np.float64]

EDGES_FROM = 1.2  # pixels: how far the edges that directions are taken from may be from the border
DIRECTED = 0.5  # of 1: how much the edges must agree in their directions; the bodies of trees have about 0.3
MOST_AREA = 0.12  # share of the area that an outline may gain or lose
MOST_LINES = 200  # that an outline begins with
MOST_WALLS = 24  # that it ends with: more is no building
LONGEST = 3000  # points at which a border is measured, alike
STEP = 0.5  # pixels between the points at which distances are measured
COARSE = 2.0  # alike along an outline, whose edges are straight
APART = 0.75  # pixels that must be left between borders beyond what both may move


@dataclass
class RightAngles:
    """Gives borders right angles.

    Attributes:
        shift: How far an outline may be from its border, in pixels, either way.
        smoothing: How far other borders may move.
        aspect: Length of a pixel down, per length along a row, on the ground.
        done: Borders that got right angles.
        tried: Borders that were to get them.
        largest: The largest distance between a border and its outline.
    """

    shift: float
    smoothing: float
    aspect: float = 1.0
    done: int = 0
    tried: int = 0
    largest: float = 0.0
    _outlines: list[Floats] = field(default_factory=list)

    def apply(self, arcs: Sequence[Arc], dense: Obstacles, obstacles: Obstacles) -> list[Arc]:
        """Give closed arcs right angles, in place, in the order of their last rows.

        Args:
            arcs: Borders that are to get right angles.
            dense: All points along borders in their rows.
            obstacles: What smoothed borders must not pass; gets the new outlines, as `dense` does.

        Returns:
            Those that cannot have them.
        """
        arcs = sorted(arcs, key=lambda arc: (int(arc.points[:, 1].max()), *arc.points[0].tolist()))
        closed = [arc for arc in arcs if arc.start < 0]
        left = [arc for arc in arcs if arc.start >= 0]
        self.tried += len(arcs)
        self._outlines = []
        for arc, edges in zip(closed, simplified_rings(closed, EDGES_FROM)):
            found = self._outline(arc, edges)
            if found is None or not self._is_free(arc, found[0], dense):
                left.append(arc)
                continue
            arc.points, distance = found
            self._outlines.append(arc.points)
            self.done += 1
            self.largest = max(self.largest, distance)
        if self._outlines:
            samples = np.concatenate([_samples(outline, STEP) for outline in self._outlines])
            places = np.unique(np.round(samples * HALF).astype(np.int64), axis=0)
            dense.add(places)
            obstacles.add(places)
        return left

    def _outline(self, arc: Arc, edges: Floats) -> tuple[Floats, float] | None:
        """Find the simplest outline within the distance, and that distance; None where there is none."""
        scale = np.array([1.0, self.aspect])
        ring = edges * scale
        border = arc.points * scale
        step = np.roll(ring, -1, axis=0) - ring
        angle, weight = np.arctan2(step[:, 1], step[:, 0]), (step**2).sum(axis=1)
        mean = (weight * np.exp(4j * angle)).sum() / weight.sum()
        if abs(mean) < DIRECTED:
            return None
        turn = np.angle(mean) / 4
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])  # onto the axes
        lines = _lines(ring @ rotation)
        if lines is None:
            return None
        dense, area = _samples(border, STEP), abs(_area(border))
        best = None
        while len(dense) <= LONGEST:
            outline = _corners(*lines) @ rotation.T
            if len(outline) <= MOST_WALLS and abs(abs(_area(outline)) - area) <= MOST_AREA * area:
                distance = _apart(border, dense, outline, self.shift)
                if distance <= self.shift and _is_simple(outline):
                    best = outline / scale, distance
                elif best is not None:
                    return best
            # What moves lines further than this cannot come near again.
            if len(lines[0]) <= 4 or _jogs(lines[1]).min() > 2 * self.shift:
                return best
            lines = _without_shortest(*lines)
        return None

    def _is_free(self, arc: Arc, outline: Floats, obstacles: Obstacles) -> bool:
        """Whether no other border is near an outline, or between it and its border."""
        margin = self.smoothing + APART
        low, high = outline.min(axis=0) - margin - 1, outline.max(axis=0) + margin + 1
        places = obstacles.within(np.floor(low * HALF).astype(np.int64), np.ceil(high * HALF).astype(np.int64))
        foreign = places[~_among(places, _half_points(arc.points))] / HALF
        border = np.concatenate((arc.points, arc.points[:1])).astype(np.float64)
        closed = np.concatenate((outline, outline[:1]))
        witness = (foreign % 1 != 0).all(axis=1)
        if (_inside(foreign, border) != _inside(foreign, closed)).any():
            return False
        near = foreign[~witness]
        if len(near) and _distances(near, outline).min() < margin:
            return False
        for other in self._outlines:
            beside = (other.min(axis=0) <= high).all() and (other.max(axis=0) >= low).all()
            if beside and _distances(_samples(other, STEP), outline).min() < APART:
                return False
        return True


def _lines(ring: Floats) -> tuple[NDArray[np.bool_], Floats, Floats] | None:
    """Join the edges of a ring to level and upright lines in turns.

    Returns:
        Of each line whether it is level, its place across, and how long its edges are; None where there are too few.
    """
    step = np.roll(ring, -1, axis=0) - ring
    level = np.abs(step[:, 0]) >= np.abs(step[:, 1])
    changes = np.flatnonzero(level != np.roll(level, 1))
    if not 4 <= len(changes) <= MOST_LINES:
        return None
    # Begin where the kind changes, so that no line is cut by the end of the arrays.
    step, level = np.roll(step, -changes[0], axis=0), np.roll(level, -changes[0])
    middle = np.roll(ring, -changes[0], axis=0) + step / 2
    line = np.cumsum(level != np.concatenate((level[:1], level[:-1])))
    along = np.where(level, np.abs(step[:, 0]), np.abs(step[:, 1]))
    across = np.where(level, middle[:, 1], middle[:, 0])
    length = np.bincount(line, along).astype(np.float64)
    place = np.bincount(line, across * along) / np.maximum(length, 1e-12)
    return level[np.flatnonzero(np.diff(line, prepend=-1))], place, length


def _corners(level: NDArray[np.bool_], place: Floats, length: Floats) -> Floats:
    """The corners where each line meets the one before it."""
    before = np.roll(place, 1)
    return np.stack((np.where(level, before, place), np.where(level, place, before)), axis=1)


def _without_shortest(
    level: NDArray[np.bool_], place: Floats, length: Floats
) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Take the shortest line away: its two neighbours become one."""
    shortest = int(np.argmin(_jogs(place)))
    order = np.roll(np.arange(len(place)), -shortest + 1)  # its neighbours come first and third
    level, place, length = level[order], place[order].copy(), length[order].copy()
    total = length[0] + length[2]
    place[0] = (place[0] * length[0] + place[2] * length[2]) / max(total, 1e-12)
    length[0] = total
    kept = np.r_[0, 3 : len(place)]
    return level[kept], place[kept], length[kept]


def _jogs(place: Floats) -> Floats:
    """How long each line is: as far as its neighbours are apart."""
    return np.asarray(np.abs(np.roll(place, -1) - np.roll(place, 1)))


def _area(ring: Floats) -> float:
    x, y = ring.T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def _samples(ring: NDArray[np.generic], step: float) -> Floats:
    """Points along a closed ring, at most `step` apart, its corners among them."""
    ring = ring.astype(np.float64)
    along = np.roll(ring, -1, axis=0) - ring
    counts = np.maximum(1, np.ceil(np.hypot(*along.T) / step)).astype(np.int64)
    which = np.repeat(np.arange(len(ring)), counts)
    share = (np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[which]
    return np.asarray(ring[which] + along[which] * share[:, None])


def _distances(points: Floats, ring: Floats) -> Floats:
    """Distance of each point from a closed ring."""
    one, along = ring[None], (np.roll(ring, -1, axis=0) - ring)[None]
    offset = points[:, None] - one
    length = np.maximum((along**2).sum(axis=2), 1e-12)
    share = np.clip((offset * along).sum(axis=2) / length, 0, 1)
    return np.asarray(np.sqrt((((offset - along * share[..., None]) ** 2).sum(axis=2)).min(axis=1)))


def _apart(border: Floats, dense: Floats, outline: Floats, most: float) -> float:
    """The largest distance between a border and an outline, measured from both (Hausdorff); more than `most` is inf."""
    there = float(_distances(dense, outline).max())
    if there > most:
        return np.inf
    return max(there, float(_distances(_samples(outline, COARSE), border).max()))


def _is_simple(ring: Floats) -> bool:
    """Whether no two edges of a ring meet that are no neighbours."""
    count = len(ring)
    one, other = np.triu_indices(count, 2)
    kept = (other + 1) % count != one
    one, other = one[kept], other[kept]
    a, b, c, d = ring[one], ring[(one + 1) % count], ring[other], ring[(other + 1) % count]

    def side(p: Floats, q: Floats, r: Floats) -> Floats:
        return np.asarray((q[:, 0] - p[:, 0]) * (r[:, 1] - p[:, 1]) - (q[:, 1] - p[:, 1]) * (r[:, 0] - p[:, 0]))

    cross = (side(a, b, c) * side(a, b, d) <= 1e-9) & (side(c, d, a) * side(c, d, b) <= 1e-9)
    low = np.maximum(np.minimum(a, b), np.minimum(c, d))
    high = np.minimum(np.maximum(a, b), np.maximum(c, d))
    return not (cross & (low <= high + 1e-9).all(axis=1)).any()


def _inside(points: Floats, ring: Floats) -> NDArray[np.bool_]:
    """Whether points lie inside of a ring whose last point is its first, by the even-odd rule."""
    x, y = points[:, :1], points[:, 1:]
    x0, y0, x1, y1 = ring[:-1, 0], ring[:-1, 1], ring[1:, 0], ring[1:, 1]
    spans = (y0 <= y) != (y1 <= y)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = x < x0 + (y - y0) * (x1 - x0) / (y1 - y0)
    return np.asarray((spans & left).sum(axis=1) % 2 == 1)


def _half_points(corners: Ints) -> Ints:
    """All grid corners along a closed border and the points between them, in half pixels."""
    return np.round(_samples(corners, 1 / HALF) * HALF).astype(np.int64)


def _among(places: Ints, others: Ints) -> NDArray[np.bool_]:
    """Which places are among others."""
    stride = 1 << 32
    return np.isin(places[:, 1] * stride + places[:, 0], others[:, 1] * stride + others[:, 0])
