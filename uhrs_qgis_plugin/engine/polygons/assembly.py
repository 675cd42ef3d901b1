"""From arcs to polygons: rings, valid by construction.

Where a polygon meets itself at a corner, its two pixels lie across from each other. Its rings must then stay with the
other pixel, so that no ring touches itself: they turn right. See `regions.outline`.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.grid import Geotransform
from uhrs_qgis_plugin.engine.polygons.arcs import Arc

Ring = NDArray[np.float64]  # (n, 2) column and row; the first point is repeated at the end

WKB_LITTLE_ENDIAN, WKB_POLYGON = 1, 3
MOST_CORNERS = 20_000_000  # of one polygon: some 500 MB


class Assembler:
    """Keeps arcs until the polygons on both of their sides are taken."""

    def __init__(self) -> None:
        """Start without arcs."""
        self._arcs: dict[int, list[Arc]] = {}
        self._corners: Counter[int] = Counter()

    def add(self, arc: Arc) -> None:
        """Keep an arc.

        Raises:
            OptionsError: One of its polygons gets larger than memory should hold.
        """
        for polygon in (arc.left, arc.right):
            if polygon > 0:
                self._arcs.setdefault(polygon, []).append(arc)
                self._corners[polygon] += len(arc.points)
                if self._corners[polygon] > MOST_CORNERS:
                    raise OptionsError(
                        f"A polygon would have more than {MOST_CORNERS:,} corners, which no program draws: take a "
                        "larger smallest area and hole, smooth more, or leave the class out that covers most."
                    )

    def take(self, polygon: int) -> list[Ring]:
        """Put a polygon together whose arcs are all there.

        Returns:
            The outer ring, then those of holes. Seen with rows going down the outer ring goes anticlockwise.
        """
        rings: list[Ring] = []
        leaving: dict[int, dict[int, tuple[Arc, bool]]] = {}
        del self._corners[polygon]
        for arc in self._arcs.pop(polygon):
            forwards = arc.left == polygon
            if arc.start < 0:
                rings.append(_closed(arc.points if forwards else arc.points[::-1]))
            else:
                node, way = (arc.start, arc.start_way) if forwards else (arc.end, arc.end_way)
                leaving.setdefault(node, {})[way] = (arc, forwards)
        for node in sorted(leaving):  # so that the order in which arcs came does not show
            while node in leaving:
                rings.append(_follow(leaving, node))
        rings.sort(key=lambda ring: (signed_area(ring), *ring[0]))
        return rings


def _follow(leaving: dict[int, dict[int, tuple[Arc, bool]]], first: int) -> Ring:
    """Follow arcs from a node until they return to it; takes them out of `leaving`."""
    node = first
    first_way = way = min(leaving[node])
    parts = []
    while True:
        arc, forwards = leaving[node].pop(way)
        if not leaving[node]:
            del leaving[node]
        parts.append(arc.points[:-1] if forwards else arc.points[:0:-1])
        node, back = (arc.end, arc.end_way) if forwards else (arc.start, arc.start_way)
        # To the right of the direction in which the arc arrives, which is opposite to the way back.
        right = (back + 3) % 4
        if node == first and (first_way == right or node not in leaving):
            return _closed(np.concatenate(parts))
        ways = leaving[node]
        way = right if right in ways else next(iter(ways))


def _closed(points: NDArray[np.generic]) -> Ring:
    return np.concatenate((points, points[:1])).astype(np.float64)


def signed_area(ring: Ring) -> float:
    """Area in pixels; negative for rings that go anticlockwise, seen with rows going down."""
    x, y = (ring - ring[0]).T
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2


def to_wkb(rings: Sequence[Ring], transform: Geotransform) -> tuple[bytes, tuple[float, float, float, float]]:
    """Place a polygon on the map.

    Args:
        rings: From `Assembler.take`.
        transform: Of the raster; rotated and south-up are fine.

    Returns:
        A polygon as well-known binary, whose outer ring goes anticlockwise on the map; and left, right, bottom, top.
    """
    step = 1 if transform.pixel_area < 0 else -1  # rows go down on the map, or up
    places = np.stack(transform.place(*np.concatenate([ring[::step] for ring in rings]).T), axis=1)
    (left, bottom), (right, top) = places.min(axis=0), places.max(axis=0)
    raw = places.astype("<f8").tobytes()
    pieces, start = [struct.pack("<BII", WKB_LITTLE_ENDIAN, WKB_POLYGON, len(rings))], 0
    for ring in rings:
        end = start + 16 * len(ring)
        pieces += [struct.pack("<I", len(ring)), raw[start:end]]
        start = end
    return b"".join(pieces), (float(left), float(right), float(bottom), float(top))
