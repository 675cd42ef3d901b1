"""Which pixels lie in a polygon: those whose centre does.

Polygons are in pixels of a raster: x = columns from its left edge, y = rows from its upper edge. Rings are filled by
the even-odd rule, so neither their direction nor a crossing matters; the parts of a multipolygon are joined. A centre
that lies exactly on an edge belongs to one side only: polygons that share an edge share no pixel and leave none out.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window

Ring = NDArray[np.float64]  # (n, 2) x and y; the first point is repeated at the end

WKB_POLYGON, WKB_MULTIPOLYGON = 3, 6
POINT_BYTES = 16
CENTRE = 0.5
MOST_CROSSINGS = 1 << 18  # of edges and rows, computed at a time: bounds memory


@dataclass(frozen=True, eq=False)
class PixelPolygon:
    """A polygon with holes, or several.

    Attributes:
        edges: (4, n) rows of the upper and the lower end, column of the upper end, columns per row; horizontal edges
            are left out.
        parts: (n,) the polygon that an edge belongs to, ascending.
        box: Left, top, right, bottom; that of an empty polygon holds nothing.
    """

    edges: NDArray[np.float64]
    parts: NDArray[np.int64]
    box: tuple[float, float, float, float]

    @classmethod
    def of(cls, parts: Sequence[Sequence[Ring]]) -> PixelPolygon:
        """Make a polygon of rings; those that are not finite or hold no area are left out.

        Args:
            parts: For each polygon the outer ring and those of its holes.
        """
        kept = [(n, _closed(ring)) for n, part in enumerate(parts) for ring in part if len(ring) > 3]
        kept = [(n, ring) for n, ring in kept if np.isfinite(ring).all()]
        if not kept:
            return cls(np.zeros((4, 0)), np.zeros(0, np.int64), (1.0, 1.0, 0.0, 0.0))
        starts = np.concatenate([ring[:-1] for _, ring in kept])
        ends = np.concatenate([ring[1:] for _, ring in kept])
        owners = np.repeat([n for n, _ in kept], [len(ring) - 1 for _, ring in kept])
        (left, top), (right, bottom) = starts.min(axis=0), starts.max(axis=0)
        box = (float(left), float(top), float(right), float(bottom))
        # The upper end first, so that the direction of an edge does not change how a crossing is rounded.
        upwards = (starts[:, 1] > ends[:, 1])[:, None]
        (col, top_row), (end, bottom_row) = np.where(upwards, ends, starts).T, np.where(upwards, starts, ends).T
        steep = top_row < bottom_row
        col, top_row, end, bottom_row = (array[steep] for array in (col, top_row, end, bottom_row))
        with np.errstate(over="ignore"):  # edges that are all but horizontal
            slope = (end - col) / (bottom_row - top_row)
        return cls(np.stack((top_row, bottom_row, col, slope)), owners[steep], box)

    def window(self, inside: Window) -> Window | None:
        """Return the part of a window that the box touches; None when there is none."""
        left, top, right, bottom = self.box
        if not (left < inside.col_end and right > inside.col and top < inside.row_end and bottom > inside.row):
            return None
        row, col = max(inside.row, math.floor(top)), max(inside.col, math.floor(left))
        height, width = min(inside.row_end, math.ceil(bottom)) - row, min(inside.col_end, math.ceil(right)) - col
        return Window(row, col, height, width) if height > 0 and width > 0 else None

    def mask(self, window: Window) -> NDArray[np.bool_]:
        """Return which pixels lie inside: (h, w), True where the centre of the pixel does.

        All is computed at places on the raster, so that the window does not change how a crossing is rounded.
        """
        # The rows whose centre line lies in [upper end, lower end) of the edge: a corner belongs to one of its edges.
        lines = np.ceil(self.edges[:2] - CENTRE)
        first, end = np.minimum(np.maximum(lines, window.row), window.row_end).astype(np.int64)
        crossing = np.flatnonzero(end > first)
        edges = _Edges(self.edges[:, crossing], self.parts[crossing], first[crossing], (end - first)[crossing])
        if not len(crossing):
            return np.zeros((window.height, window.width), np.bool_)
        if edges.parts[0] == edges.parts[-1]:
            return _fill_part(edges, window)
        inside = np.zeros((window.height, window.width), np.bool_)
        for group in _groups(edges):
            inside |= _fill_part(group, window) if group.parts[0] == group.parts[-1] else _fill_parts(group, window)
        return inside


def read_wkb(wkb: bytes, to_pixels: Sequence[float]) -> PixelPolygon:
    """Read a polygon or multipolygon, and transform it to the pixels of a raster.

    Args:
        wkb: Well-known binary without Z and M.
        to_pixels: Transform from map to pixels, in the order of a geotransform: column = [0] + x [1] + y [2],
            row = [3] + x [4] + y [5].

    Returns:
        The polygon.

    Raises:
        ValueError: Another kind of geometry, or bytes that are cut off.
    """
    parts = rings_of_wkb(wkb)
    a, b, c, d, e, f = to_pixels

    def moved(ring: Ring) -> Ring:
        x, y = ring.T
        return np.stack((a + x * b + y * c, d + x * e + y * f), axis=1)

    with np.errstate(all="ignore"):  # coordinates may be anything; rings that are not finite are left out
        return PixelPolygon.of([[moved(ring) for ring in part] for part in parts])


def rings_of_wkb(wkb: bytes) -> list[list[Ring]]:
    """Read a polygon or multipolygon: for each polygon the outer ring and those of its holes.

    Args:
        wkb: Well-known binary without Z and M.

    Raises:
        ValueError: Another kind of geometry, or bytes that are cut off.
    """
    parts, end = _read_geometry(wkb, 0)
    if end != len(wkb):
        raise ValueError(f"The geometry has {len(wkb) - end} bytes too many.")
    return parts


def _read_geometry(wkb: bytes, at: int) -> tuple[list[list[Ring]], int]:
    """Read the polygons of a geometry, and where it ends."""
    try:
        order = "<" if wkb[at] == 1 else ">"
        kind, count = struct.unpack_from(f"{order}II", wkb, at + 1)
        if kind == WKB_POLYGON:
            rings = []
            at += 9
            for _ in range(count):
                (points,) = struct.unpack_from(f"{order}I", wkb, at)
                if at + 4 + POINT_BYTES * points > len(wkb):
                    raise ValueError("The geometry is cut off: its points end early.")
                ring = np.frombuffer(wkb, f"{order}f8", 2 * points, at + 4).astype(np.float64).reshape(-1, 2)
                rings.append(ring)
                at += 4 + ring.nbytes
            return [rings], at
        if kind != WKB_MULTIPOLYGON:
            raise ValueError(f"The geometry is of kind {kind}: expected a polygon (3) or a multipolygon (6).")
        polygons: list[list[Ring]] = []
        at += 9
        for _ in range(count):
            if wkb[at + 1 : at + 5] != struct.pack("<I" if wkb[at] == 1 else ">I", WKB_POLYGON):
                raise ValueError("A part of the multipolygon is no polygon.")
            some, at = _read_geometry(wkb, at)
            polygons += some
        return polygons, at
    except (struct.error, IndexError) as error:
        raise ValueError(f"The geometry is cut off: {error}.") from error


def boxes_of(polygons: Sequence[PixelPolygon]) -> NDArray[np.float64]:
    """Return the boxes of polygons, (n, 4), for `touching`."""
    return np.array([polygon.box for polygon in polygons], np.float64).reshape(-1, 4)


def touching(boxes: NDArray[np.float64], window: Window) -> NDArray[np.int64]:
    """Return the indices of the boxes that reach into a window, ascending."""
    left, top, right, bottom = boxes.T
    return np.flatnonzero(
        (left < window.col_end) & (right > window.col) & (top < window.row_end) & (bottom > window.row)
    )


def _closed(ring: Ring) -> Ring:
    """A ring whose last point is its first one: what is filled needs two sides in every row."""
    return ring if (ring[0] == ring[-1]).all() else np.vstack((ring, ring[:1]))


@dataclass(frozen=True, eq=False)
class _Edges:
    """Edges that cross rows of a window.

    Attributes:
        edges: (4, n) as in `PixelPolygon.edges`.
        parts: (n,) as in `PixelPolygon.parts`.
        first: (n,) the first row whose centre line they cross.
        rows: (n,) how many rows they cross, at least one.
    """

    edges: NDArray[np.float64]
    parts: NDArray[np.int64]
    first: NDArray[np.int64]
    rows: NDArray[np.int64]

    def take(self, some: slice) -> _Edges:
        """Return the edges at the given indices."""
        return _Edges(self.edges[:, some], self.parts[some], self.first[some], self.rows[some])

    def places(self, window: Window) -> NDArray[np.int64]:
        """Return for each row that each edge crosses the first pixel whose centre is not left of the edge.

        Places count along the rows of the window, which have one more column at the right for what lies beyond.
        """
        top, _, col, slope = self.edges
        after = np.cumsum(self.rows)
        rows = np.arange(after[-1]) + np.repeat(self.first - after + self.rows, self.rows)
        crossing = np.repeat(col, self.rows) + (rows + CENTRE - np.repeat(top, self.rows)) * np.repeat(slope, self.rows)
        cols = np.minimum(np.maximum(np.ceil(crossing - CENTRE) - window.col, 0), window.width).astype(np.int64)
        return np.asarray((rows - window.row) * (window.width + 1) + cols)


def _fill_part(edges: _Edges, window: Window) -> NDArray[np.bool_]:
    """Fill one polygon by the even-odd rule: along each row every edge that crosses it toggles what follows."""
    size = window.height * (window.width + 1)
    toggles = np.zeros(size, np.uint8)  # only odd or even matters, so that numbers may wrap
    for batch in _batches(edges):
        toggles += np.bincount(batch.places(window), minlength=size).astype(np.uint8)
    crossed = np.cumsum(toggles.reshape(window.height, -1), axis=1, dtype=np.uint8)
    return (crossed[:, :-1] & 1).view(np.bool_)


def _fill_parts(edges: _Edges, window: Window) -> NDArray[np.bool_]:
    """Fill many small polygons and join them: sorted by polygon and place, crossings begin and end spans in turns."""
    size = window.height * (window.width + 1)
    keys = np.sort(np.repeat(edges.parts, edges.rows) * size + edges.places(window)) % size
    steps = np.bincount(keys[::2], minlength=size) - np.bincount(keys[1::2], minlength=size)
    return np.asarray(np.cumsum(steps.reshape(window.height, -1), axis=1)[:, :-1] > 0)


def _groups(edges: _Edges) -> Iterator[_Edges]:
    """Cut edges into groups of whole polygons with at most `MOST_CROSSINGS` crossings; one with more stands alone."""
    begins = np.flatnonzero(np.diff(edges.parts, prepend=-1))
    start = crossings = 0
    for begin, count in zip(begins.tolist(), np.add.reduceat(edges.rows, begins).tolist()):
        if crossings and crossings + count > MOST_CROSSINGS:
            yield edges.take(slice(start, begin))
            start, crossings = begin, 0
        crossings += count
    yield edges.take(slice(start, None))


def _batches(edges: _Edges) -> Iterator[_Edges]:
    """Cut edges into batches with about `MOST_CROSSINGS` crossings."""
    crossings = np.cumsum(edges.rows)
    cuts = np.searchsorted(crossings, np.arange(MOST_CROSSINGS, int(crossings[-1]), MOST_CROSSINGS))
    for start, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(crossings)]):
        if end > start:
            yield edges.take(slice(start, end))
