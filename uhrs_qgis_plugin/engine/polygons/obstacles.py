"""What smoothed borders must not pass: corners of the raster's borders, and a pixel of each polygon."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.polygons.strips import Ints

HALF = 2  # positions are in half pixels
FOREIGN, NOT_A_POINT = -1, -2  # what is at a place: nothing of the arc; a corner of it that is no point of its line


class Finder(Protocol):
    """Finds the points of an arc by their places."""

    def find(self, places: Ints, arc: Ints) -> Ints:
        """Index of the point at each place; `FOREIGN` or `NOT_A_POINT` where the arc has none there."""


class Obstacles:
    """Points in the rows of arcs that are not smoothed yet, strip by strip."""

    def __init__(self, width: int) -> None:
        """Start without points.

        Args:
            width: Columns of the raster.
        """
        self._stride = HALF * (width + 1) + 2
        self._strips: list[tuple[int, int, NDArray[np.int64]]] = []  # first and last row in half pixels, sorted keys

    def add(self, points: Ints) -> None:
        """Add (n, 2) points of the next strip, in half pixels."""
        if not len(points):
            return
        keys = np.sort(points[:, 1] * self._stride + points[:, 0])
        self._strips.append((int(keys[0] // self._stride), int(keys[-1] // self._stride), keys))

    def forget_above(self, row: int) -> None:
        """Drop strips that lie above a row of pixels."""
        self._strips = [strip for strip in self._strips if strip[1] >= HALF * row]

    def within(self, low: Ints, high: Ints) -> Ints:
        """List the points in a box.

        Args:
            low: (2,) first column and row in half pixels.
            high: (2,) last ones.

        Returns:
            (n, 2).
        """
        found = []
        for first, last, keys in self._strips:
            rows = np.arange(max(first, int(low[1])), min(last, int(high[1])) + 1) * self._stride
            start = np.searchsorted(keys, rows + max(int(low[0]), 0))
            count = np.searchsorted(keys, rows + min(int(high[0]), self._stride - 1), "right") - start
            offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            found.append(keys[np.repeat(start, count) + offset])
        keys = np.concatenate([np.zeros(0, np.int64), *found])
        return np.stack((keys % self._stride, keys // self._stride), axis=1)

    def leave_free(
        self, u: Ints, v: Ints, w: Ints, arc: Ints, own: Finder, alive: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Tell which triangles hold no point, on their sides neither, apart from their own three.

        Args:
            u: (n, 2) corners of triangles, as v and w.
            arc: (n,) the arc that a triangle belongs to: of its own points only those that are left count.
            own: Finds points of arcs.
            alive: Which are left, by the index that `own` finds.
        """
        free = np.ones(len(u), np.bool_)
        triangle, row, low, high = _scan(u, v, w)
        # Most rows hold nothing but a corner of the triangle itself.
        known = np.zeros(len(row), np.bool_)
        for corner in (u, v, w):
            x, y = corner[triangle].T
            known |= (x == low) & (y == row)
        kept = np.flatnonzero((high > low) | ((high == low) & ~known))
        triangle, row, low, high = triangle[kept], row[kept], low[kept], high[kept]
        for first, last, keys in self._strips:
            there = np.flatnonzero((row >= first) & (row <= last))
            if not len(there):
                continue
            start = np.searchsorted(keys, row[there] * self._stride + low[there])
            count = np.searchsorted(keys, row[there] * self._stride + high[there], "right") - start
            which = np.repeat(there, count)
            offset = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
            found = keys[np.repeat(start, count) + offset]
            places = np.stack((found % self._stride, found // self._stride), axis=1)
            of = triangle[which]
            own_corner = np.zeros(len(of), np.bool_)
            for corner in (u, v, w):
                own_corner |= (places[:, 0] == corner[of, 0]) & (places[:, 1] == corner[of, 1])
            others = np.flatnonzero(~own_corner)
            index = own.find(places[others], arc[of[others]])
            matters = (index == FOREIGN) | ((index >= 0) & alive[index])
            free[of[others[matters]]] = False
        return free


def _scan(u: Ints, v: Ints, w: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Cut triangles into rows of half pixels.

    Returns:
        (m,) triangle, row, first and last column that lie in it, its sides included.
    """
    corners = np.stack((u, v, w), axis=1)  # (n, 3, 2)
    top, bottom = corners[:, :, 1].min(axis=1), corners[:, :, 1].max(axis=1)
    heights = bottom - top + 1
    triangle = np.repeat(np.arange(len(u)), heights)
    row = np.arange(len(triangle)) - np.repeat(np.cumsum(heights) - heights, heights) + top[triangle]
    low, high = np.full(len(row), np.inf), np.full(len(row), -np.inf)
    for one, other in ((u, v), (v, w), (w, u)):
        (x0, y0), (x1, y1) = one[triangle].T, other[triangle].T
        meets = (np.minimum(y0, y1) <= row) & (row <= np.maximum(y0, y1))
        flat = y0 == y1
        with np.errstate(divide="ignore", invalid="ignore"):
            x = x0 + (row - y0) * (x1 - x0) / (y1 - y0)
        first = np.where(flat, np.minimum(x0, x1), x)
        last = np.where(flat, np.maximum(x0, x1), x)
        low = np.where(meets, np.fmin(low, first), low)
        high = np.where(meets, np.fmax(high, last), high)
    # A point on a side must not be missed by rounding.
    return triangle, row, np.ceil(low - 1e-9).astype(np.int64), np.floor(high + 1e-9).astype(np.int64)
