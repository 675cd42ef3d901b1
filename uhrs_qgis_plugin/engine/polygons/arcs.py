"""Borders of polygons as arcs: from node to node, or closed. Both neighbours of a border share its arc.

Borders run along the sides of pixels. A node is a grid corner where three or four borders meet; between nodes the
polygons on both sides stay the same, so an arc belongs to two polygons, and who changes it changes both. Points are
(column, row) of grid corners, and only those where a border turns or branches are kept.

How it works, without a loop over pixels: the points of a strip are found at once. In the order of rows neighbours are
joined by horizontal edges, in the order of columns by vertical ones; following both in turns gives the pieces of a
strip. Pieces that leave it at the bottom are continued in the next one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.polygons.strips import Ints

EAST, SOUTH, WEST, NORTH = range(4)  # + 1 is a turn to the right, seen with rows going down

NO_DATA = -1  # what lies outside of the raster, too

Points = NDArray[Any]  # (n, 2) column and row of grid corners: int32, and float64 when smoothed


@dataclass(eq=False)
class Arc:
    """A border between two polygons.

    Attributes:
        left: Polygon on the left, seen with rows going down; 0 = none that is wanted, -1 = no data.
        right: Polygon on the right.
        points: (n, 2) corners with both nodes; of a closed arc each once.
        start: Node that it begins at, row * (width + 1) + column; -1 when it is closed.
        end: Node that it ends at.
        start_way: Direction in which it leaves `start`.
        end_way: Direction in which it leaves `end` when it is followed backwards.
    """

    left: int
    right: int
    points: Points
    start: int = -1
    end: int = -1
    start_way: int = -1
    end_way: int = -1


class ArcTracer:
    """Follows borders down a raster, strip by strip."""

    def __init__(self, width: int) -> None:
        """Start above the first row.

        Args:
            width: Columns of the raster.
        """
        self._width = width
        self._above = np.full(width + 2, NO_DATA, np.int32)
        self._row, self._strip = 0, 1
        self._points: Ints = np.zeros((0, 2), np.int64)
        self._open: dict[_End, tuple[_Chain, int]] = {}  # ends that are to be continued

    def add(self, ids: NDArray[np.int32]) -> list[Arc]:
        """Add the next strip.

        Args:
            ids: (h, w) polygon of each pixel, 0 = none that is wanted, -1 = no data.

        Returns:
            The arcs that are complete now, each in the same form however the raster is cut into strips.
        """
        height = len(ids)
        padded = np.full((height + 1, self._width + 2), NO_DATA, np.int32)
        padded[0], padded[1:, 1:-1] = self._above, ids
        done = []
        borders = _StripBorders(padded)
        self._points = borders.corner_points(self._row)
        self._borders = borders
        for piece in _pieces(borders, padded.shape[1] - 1, self._row, self._strip):
            whole = piece if piece.is_closed else self._attach(piece)
            if whole is not None:
                done.append(_arc_of(whole))
        self._above = padded[-1].copy()
        self._row += height
        self._strip += 1
        return done

    def all_points(self) -> Ints:
        """List all grid corners along the borders of the last strip, too."""
        row = self._row - len(self._borders.padded) + 1
        return np.concatenate((self._points, self._borders.border_points(row)))

    def points(self) -> Ints:
        """List where the borders of the last strip may have points: see `corner_points`."""
        return self._points

    def finish(self) -> list[Arc]:
        """Add what lies below the last row: nothing."""
        return self.add(np.full((1, self._width), NO_DATA, np.int32))

    @property
    def first_open_row(self) -> int:
        """Row of the uppermost point of arcs that are not complete; the next row when there are none."""
        return min((chain.top for chain, _ in self._open.values()), default=self._row)

    def _attach(self, piece: _Chain) -> _Chain | None:
        """Join a piece of this strip with the chains that it continues, and return them when they are complete."""
        near, far = piece.ends
        chain, side = piece, 1
        if near.strip == self._strip - 1:
            chain, side = self._open.pop(near)
            chain.extend(side, piece, 0)
        if far.strip == self._strip - 1:
            other, other_side = self._open.pop(far)
            if other is chain:
                chain.is_closed = True
                return chain
            if len(other.parts) > len(chain.parts):
                chain, side, other, other_side = other, other_side, chain, side
            chain.extend(side, other, other_side)
        for which, end in enumerate(chain.ends):
            if end.strip >= 0:
                self._open[end] = (chain, which)
        return None if any(end.strip >= 0 for end in chain.ends) else chain


class _End(NamedTuple):
    """An end of a chain: a node, or where it leaves its strip at the bottom.

    Attributes:
        place: Node, or column.
        way: Direction in which the chain leaves it.
        strip: Number of the strip at whose lower edge the chain is open; -1 at a node.
    """

    place: int
    way: int
    strip: int = -1


class _Chain:
    """A part of an arc, or all of it.

    Attributes:
        parts: Points, in pieces.
        ends: Where it begins and ends.
        left: Polygon on the left.
        right: Polygon on the right.
        top: Row of its uppermost point.
        is_closed: Whether it returns to its first point.
    """

    __slots__ = ("ends", "is_closed", "left", "parts", "right", "top")

    def __init__(self, points: Points, ends: list[_End], sides: tuple[int, int], top: int, is_closed: bool) -> None:
        self.parts = deque([points])
        self.ends = ends
        self.left, self.right = sides
        self.top, self.is_closed = top, is_closed

    def extend(self, side: int, other: _Chain, other_side: int) -> None:
        """Join a side of another chain to a side of this one; the points of a strip's edge belong to neither."""
        turned = side == other_side  # the other one is then followed backwards
        parts = (part[::-1] for part in reversed(other.parts)) if turned else other.parts
        if side == 1:
            self.parts.extend(parts)
        else:
            self.parts.extendleft(reversed(list(parts)))
        self.ends[side] = other.ends[1 - other_side]
        self.top = min(self.top, other.top)


def _arc_of(chain: _Chain) -> Arc:
    """Make an arc, in a form that does not depend on strips: from the lower node, or from the uppermost point."""
    points = np.concatenate(chain.parts)
    left, right = chain.left, chain.right
    start, end = chain.ends
    if chain.is_closed:
        first = int(np.lexsort((points[:, 0], points[:, 1]))[0])
        points = np.roll(points, -first, axis=0)
        if points[1, 1] == points[0, 1]:  # go down from there
            points, left, right = np.roll(points[::-1], 1, axis=0), right, left
        return Arc(left, right, np.ascontiguousarray(points))
    if end[:2] < start[:2]:
        points, left, right, start, end = points[::-1], right, left, end, start
    return Arc(left, right, np.ascontiguousarray(points), start.place, end.place, start.way, end.way)


def _pieces(borders: _StripBorders, columns: int, row: int, strip: int) -> Iterator[_Chain]:
    """Follow the borders in a strip.

    Args:
        borders: Its borders.
        columns: Grid corners in a row.
        row: Row of the raster that the strip begins at.
        strip: Its number.
    """
    walks = _Walks(borders)
    followed = np.array(walks.points, np.int64)
    points = np.stack((borders.cols[followed], borders.rows[followed] + row), axis=1).astype(np.int32)
    sides = borders.sides(walks.starts, walks.ways)
    begin, count = 0, len(borders.rows) - borders.crossings
    places = ((borders.rows + row) * columns + borders.cols).tolist()
    cols = borders.cols.tolist()
    top_end = count + borders.tops

    def end_at(entity: int, way: int) -> _End:
        if entity < count:
            return _End(places[entity], way)
        return _End(cols[entity], -1, strip - 1 if entity < top_end else strip)

    for number, stop in enumerate(walks.stops):
        piece = points[begin:stop]
        ends = [end_at(walks.starts[number], walks.ways[number]), end_at(walks.ends[number], walks.end_ways[number])]
        top = int(piece[:, 1].min()) if len(piece) else row
        yield _Chain(piece, ends, sides[number], top, number >= walks.closed_from)
        begin = stop


class _StripBorders:
    """The points of a strip where borders turn or branch, and those where they cross its upper and lower edge.

    Attributes:
        rows: (n,) row of the strip; -1 of points on the upper edge, the number of rows of those on the lower one.
        cols: (n,) column of grid corners.
        next: For each direction (n,) the next point, -1 where there is no border.
        is_end: (n,) whether it is no simple turn.
        tops: How many are on the upper edge; they come after the points inside.
        crossings: How many are on both edges.
        padded: Polygons of the pixels.
    """

    def __init__(self, padded: NDArray[np.int32]) -> None:
        """Find them.

        Args:
            padded: (h + 1, w + 2) polygon of each pixel, with the row above and a column of no data on either side.
        """
        height, columns = padded.shape[0] - 1, padded.shape[1] - 1
        upright = padded[:, 1:] != padded[:, :-1]  # (h + 1, w + 1)
        level = padded[1:] != padded[:-1]  # (h, w + 2)
        turning = (upright[:-1] | upright[1:]) & (level[:, :-1] | level[:, 1:])
        inside = np.flatnonzero(turning)
        rows, cols = np.divmod(inside, columns)
        # By direction: east, south, west, north.
        flags = np.stack((level[rows, cols + 1], upright[rows + 1, cols], level[rows, cols], upright[rows, cols]))
        top, bottom = np.flatnonzero(upright[0]), np.flatnonzero(upright[-1])
        count = len(inside)
        self.tops, self.crossings = len(top), len(top) + len(bottom)
        self.rows = np.concatenate((rows, np.full(len(top), -1), np.full(len(bottom), height)))
        self.cols = np.concatenate((cols, top, bottom))
        total = len(self.rows)
        self.next = np.full((4, total), -1)
        east = np.flatnonzero(flags[EAST])
        self.next[EAST, east], self.next[WEST, east + 1] = east + 1, east
        order = np.argsort(self.cols * (height + 2) + self.rows + 1)
        goes_down = np.concatenate((flags[SOUTH], np.ones(len(top), np.bool_), np.zeros(len(bottom), np.bool_)))
        down = np.flatnonzero(goes_down[order])
        self.next[SOUTH, order[down]], self.next[NORTH, order[down + 1]] = order[down + 1], order[down]
        self.is_end = np.ones(total, np.bool_)
        self.is_end[:count] = flags.sum(axis=0) > 2
        self.padded = padded

    def corner_points(self, row: int) -> Ints:
        """List where lines may go that are made of corners: each point, and half a pixel along both edges of turns.

        Args:
            row: Row of the raster that the strip begins at.

        Returns:
            (n, 2) column and row in half pixels.
        """
        count = len(self.rows) - self.crossings
        points = 2 * np.stack((self.cols[:count], self.rows[:count] + row), axis=1)
        turns = ~self.is_end[:count]
        level, upright = points[turns], points[turns]
        level[:, 0] += np.where(self.next[EAST, :count] >= 0, 1, -1)[turns]
        upright[:, 1] += np.where(self.next[SOUTH, :count] >= 0, 1, -1)[turns]
        return np.concatenate((points, level, upright))

    def border_points(self, row: int) -> Ints:
        """List all grid corners along borders, (n, 2) column and row in half pixels."""
        upright = self.padded[:, 1:] != self.padded[:, :-1]
        level = self.padded[1:] != self.padded[:-1]
        rows, cols = np.nonzero(upright[:-1] | upright[1:] | level[:, :-1] | level[:, 1:])
        return 2 * np.stack((cols, rows + row), axis=1)

    def sides(self, points: list[int], ways: list[int]) -> list[tuple[int, int]]:
        """Find the polygons on the left and on the right of edges that leave points in given directions."""
        rows, cols = self.rows[points], self.cols[points]
        way = np.array(ways, np.int64)
        # By direction: whether the pixel on the left, and the one on the right, is below and to the east.
        down = np.array([0, 1, 1, 0]), np.array([1, 1, 0, 0])
        along = np.array([1, 1, 0, 0]), np.array([1, 0, 0, 1])
        left, right = (self.padded[rows + down[side][way], cols + along[side][way]] for side in (0, 1))
        return list(zip(left.tolist(), right.tolist()))


class _Walks:
    """Follows borders from end to end, then those that are closed.

    Attributes:
        points: All points that were passed, ends included where they are nodes.
        stops: Where in them each walk ends.
        starts: The point that each walk begins at.
        ways: In which direction.
        ends: The point that it ends at.
        end_ways: The direction back from there.
        closed_from: Number of the first walk that is closed.
    """

    def __init__(self, borders: _StripBorders) -> None:
        self.points: list[int] = []
        self.stops: list[int] = []
        self.starts: list[int] = []
        self.ways: list[int] = []
        self.ends: list[int] = []
        self.end_ways: list[int] = []
        nexts = borders.next.tolist()
        # A simple turn has one horizontal and one vertical edge.
        level = np.maximum(borders.next[EAST], borders.next[WEST]).tolist()
        upright = np.maximum(borders.next[SOUTH], borders.next[NORTH]).tolist()
        is_end = bytearray(borders.is_end.tobytes())
        count = len(is_end) - borders.crossings
        used = bytearray(4 * len(is_end))
        ends = np.flatnonzero(borders.is_end)
        which, leaving_ways = np.nonzero((borders.next[:, ends] >= 0).T)
        walk = self.points
        for start, leaving in zip(ends[which].tolist(), leaving_ways.tolist()):
            if used[4 * start + leaving]:
                continue
            if start < count:
                walk.append(start)
            last, step, is_upright = start, nexts[leaving][start], leaving % 2 == 1
            while not is_end[step]:
                walk.append(step)
                last = step
                is_upright = not is_upright
                step = upright[step] if is_upright else level[step]
            if step < count:
                walk.append(step)
            ways = (SOUTH, NORTH) if is_upright else (EAST, WEST)
            back = next(way for way in ways if nexts[way][step] == last)
            used[4 * step + back] = 1
            self._note(start, leaving, step, back)
        self.closed_from = len(self.stops)
        left = ~borders.is_end
        left[walk] = False
        remaining = bytearray(left.tobytes())
        first = remaining.find(1)
        while first >= 0:
            step, is_upright = first, True
            while remaining[step]:
                remaining[step] = 0
                walk.append(step)
                step = upright[step] if is_upright else level[step]
                is_upright = not is_upright
            way = SOUTH if nexts[SOUTH][first] >= 0 else NORTH
            self._note(first, way, first, way)
            first = remaining.find(1, first)

    def _note(self, start: int, way: int, end: int, end_way: int) -> None:
        self.stops.append(len(self.points))
        self.starts.append(start)
        self.ways.append(way)
        self.ends.append(end)
        self.end_ways.append(end_way)
