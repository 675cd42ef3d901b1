"""Outlines of regions along the edges of their cells, valid by construction.

A region becomes one polygon for each part whose cells hang together by their sides, so parts that touch at a corner
only are polygons of their own, and so are holes that touch at a corner.

How it works, without following any cell: only corners matter. The left and the right side of each run are vertical
edges one cell high; where an edge goes on in the next row its two ends cancel, and what is left are the corners.
Sorted along each row line, corners are the ends of horizontal edges two by two; sorted along each column line, of
vertical edges. Following vertical and horizontal edges alternately gives the rings.

Where two cells of one part meet at a corner only, two corners lie on each other. Each ring must then stay with the
empty cell that it goes around: a ring never touches itself so, because both empty cells cannot be of one hole when the
two cells are joined elsewhere.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Geotransform
from uhrs_qgis_plugin.engine.regions.runs import Ints, label_runs

Ring = NDArray[np.int64]  # (n, 2) column and row of grid corners; the first is repeated at the end

Polygon = list[Ring]  # the outer ring, then those of holes

WKB_LITTLE_ENDIAN, WKB_POLYGON, WKB_MULTIPOLYGON = 1, 3, 6

POINT_BYTES = 16

LEFT, RIGHT = 0, 1  # the side of a run that a vertical edge is


@dataclass(frozen=True, eq=False)
class Corners:
    """Corners of outlines, sorted by part, row, column; so that 0 and 1, 2 and 3, ... are horizontal edges.

    Attributes:
        rows: (n,) row line, 0 = upper edge of the raster.
        cols: (n,) column line.
        sides: (n,) LEFT or RIGHT: which side of its cells the vertical edge is.
        upper: (n,) whether the vertical edge begins here and goes down.
        parts: (n,) part.
    """

    rows: Ints
    cols: Ints
    sides: Ints
    upper: NDArray[np.bool_]
    parts: Ints


def trace(runs: NDArray[np.int32]) -> list[Polygon]:
    """Trace the outlines of a region.

    Args:
        runs: (n, 3) row, first column and column after the last of each run of cells, at least one, sorted by row,
            column; runs of one row do not touch.

    Returns:
        A polygon for each part, in the order of their first cells. Seen with rows going down, outer rings go
        anticlockwise, and holes clockwise; every point is a corner.
    """
    rows, starts, ends = runs.astype(np.int64).T
    parts, count = label_runs(rows, starts, ends, -1)
    corners = _find_corners(rows, starts, ends, parts)
    points = np.stack((corners.cols, corners.rows), axis=1)
    other_end = _vertical_edges(corners)
    # The part is on the left all the way: down along its left sides, up along its right ones.
    departs = corners.upper == (corners.sides == LEFT)
    walk, ring_ends = _walk_rings(other_end.tolist(), bytearray(departs.tobytes()))
    placed = points[walk]
    polygons: list[Polygon] = [[] for _ in range(count)]
    start = 0
    for part, end in zip(corners.parts[walk[[0, *ring_ends[:-1]]]].tolist(), ring_ends):
        polygons[part].append(placed[start:end])
        start = end
    return polygons


def to_wkb(polygons: Sequence[Polygon], transform: Sequence[float]) -> bytes:
    """Place outlines on the map.

    Args:
        transform: Geotransform of the raster in GDAL's order; rotated and south-up are fine.

    Returns:
        A multi-polygon as well-known binary. Outer rings go anticlockwise on the map, holes clockwise.
    """
    to_map = Geotransform(*transform)
    # `trace` goes anticlockwise for an eye that sees rows going down, as they do on a map when this is negative.
    step = 1 if to_map.pixel_area < 0 else -1
    col, row = np.concatenate([ring[::step] for polygon in polygons for ring in polygon]).T
    places = np.stack(to_map.place(col, row), axis=1).astype("<f8").tobytes()
    pieces = [struct.pack("<BII", WKB_LITTLE_ENDIAN, WKB_MULTIPOLYGON, len(polygons))]
    start = 0
    for polygon in polygons:
        pieces.append(struct.pack("<BII", WKB_LITTLE_ENDIAN, WKB_POLYGON, len(polygon)))
        for ring in polygon:
            end = start + POINT_BYTES * len(ring)
            pieces += [struct.pack("<I", len(ring)), places[start:end]]
            start = end
    return b"".join(pieces)


def _find_corners(rows: Ints, starts: Ints, ends: Ints, parts: Ints) -> Corners:
    """Find where vertical edges end, and do not go on in the row above or below."""
    edge_cols = np.concatenate((starts, ends))
    edge_sides = np.repeat([LEFT, RIGHT], len(rows))
    top, left = rows[0], starts.min()
    width = ends.max() - left + 1
    # One number per end of an edge: row line, column, side. An edge that continues in the next row gives one twice.
    upper = ((np.tile(rows, 2) - top) * width + edge_cols - left) * 2 + edge_sides
    keys = np.concatenate((upper, upper + 2 * width))
    order = np.argsort(keys, kind="stable")
    same = np.diff(keys[order]) == 0
    single = np.ones(len(keys), np.bool_)
    single[1:] &= ~same
    single[:-1] &= ~same
    order = order[single]
    part = np.tile(parts, 4)[order]
    by_part = np.argsort(part, kind="stable")
    order, part = order[by_part], part[by_part]
    places = keys[order] // 2
    return Corners(places // width + top, places % width + left, keys[order] % 2, order < len(upper), part)


def _vertical_edges(corners: Corners) -> Ints:
    """Find the other end of each corner's vertical edge, (n,) indices."""
    order = np.lexsort((corners.rows, corners.sides, corners.cols))
    other_end = np.empty_like(order)
    other_end[order[0::2]], other_end[order[1::2]] = order[1::2], order[0::2]
    return other_end


def _walk_rings(other_end: list[int], departs: bytearray) -> tuple[Ints, list[int]]:
    """Follow vertical and horizontal edges alternately, from corner to corner.

    Args:
        other_end: Of each corner's vertical edge; that of a horizontal edge is the neighbour in a pair of numbers.
        departs: 1 for corners from which a ring goes along the vertical edge; used up.

    Returns:
        Corners of all rings, each with its first one again at the end; and where in them each ring ends.
    """
    walk: list[int] = []
    ends = []
    first = departs.find(1)
    while first >= 0:
        step = first
        while departs[step]:
            departs[step] = 0
            arrival = other_end[step]
            walk.append(step)
            walk.append(arrival)
            step = arrival ^ 1
        walk.append(first)
        ends.append(len(walk))
        first = departs.find(1, first)
    return np.array(walk), ends
