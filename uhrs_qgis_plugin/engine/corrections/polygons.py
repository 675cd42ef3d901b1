"""Which pixels lie in a polygon: those whose centre does.

Polygons are in pixels of a raster: x = columns from its left edge, y = rows from its upper edge. Rings are filled by
the even-odd rule, so neither their direction nor a crossing matters; the parts of a multipolygon are joined. A centre
that lies exactly on an edge belongs to one side only: polygons that share an edge share no pixel and leave none out.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window

Ring = NDArray[np.float64]  # (n, 2) x and y; the first point is repeated at the end

WKB_POLYGON, WKB_MULTIPOLYGON = 3, 6
POINT_BYTES = 16
CENTRE = 0.5
COUNTED = 1 << 20  # crossings of edges and rows that are looked at together: bounds memory


@dataclass(frozen=True, eq=False)
class Shape:
    """A polygon with holes, or several.

    Attributes:
        parts: Of each polygon the outer ring and those of its holes.
        box: Left, top, right, bottom; empty shapes have a box that holds nothing.
    """

    parts: tuple[tuple[Ring, ...], ...]
    box: tuple[float, float, float, float]

    @classmethod
    def of(cls, parts: Sequence[Sequence[Ring]]) -> Shape:
        """Make a shape of rings.

        Args:
            parts: Of each polygon the outer ring and those of its holes, closed.

        Returns:
            The shape, without rings that are not finite or hold no area.
        """
        kept = tuple(tuple(ring for ring in part if len(ring) > 3 and np.isfinite(ring).all()) for part in parts)
        kept = tuple(part for part in kept if part)
        if not kept:
            return cls((), (1.0, 1.0, 0.0, 0.0))
        points = np.concatenate([ring for part in kept for ring in part])
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        return cls(kept, (float(left), float(top), float(right), float(bottom)))

    def window(self, inside: Window) -> Window | None:
        """Find the pixels that the shape may hold.

        Args:
            inside: Where to look.

        Returns:
            The part of `inside` that the box touches; None when there is none.
        """
        left, top, right, bottom = self.box
        if not (left < inside.col_end and right > inside.col and top < inside.row_end and bottom > inside.row):
            return None
        row, col = max(inside.row, math.floor(top)), max(inside.col, math.floor(left))
        height, width = min(inside.row_end, math.ceil(bottom)) - row, min(inside.col_end, math.ceil(right)) - col
        return Window(row, col, height, width) if height > 0 and width > 0 else None

    def mask(self, window: Window) -> NDArray[np.bool_]:
        """Tell which pixels lie inside.

        Args:
            window: The pixels, of any raster position.

        Returns:
            (h, w) True where the centre of the pixel is inside.
        """
        inside = np.zeros((window.height, window.width), np.bool_)
        for part in self.parts:
            inside |= _fill(part, window)
        return inside


def read_wkb(wkb: bytes, to_pixels: Sequence[float]) -> Shape:
    """Read a polygon or multipolygon, and take it to the pixels of a raster.

    Args:
        wkb: Well-known binary without Z and M.
        to_pixels: Transform from map to pixels, in the order of a geotransform: column = [0] + x [1] + y [2],
            row = [3] + x [4] + y [5].

    Returns:
        The shape.

    Raises:
        ValueError: Another kind of geometry, or bytes that are cut off.
    """
    parts, end = _read_geometry(wkb, 0)
    if end != len(wkb):
        raise ValueError(f"The geometry has {len(wkb) - end} bytes too many.")
    a, b, c, d, e, f = to_pixels

    def moved(ring: Ring) -> Ring:
        x, y = ring.T
        return np.stack((a + x * b + y * c, d + x * e + y * f), axis=1)

    with np.errstate(all="ignore"):  # coordinates may be anything; rings that are not finite are left out
        return Shape.of([[moved(ring) for ring in part] for part in parts])


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


def _fill(rings: Sequence[Ring], window: Window) -> NDArray[np.bool_]:
    """Fill rings by the even-odd rule: along each row every edge that crosses it toggles what follows.

    All is computed at places on the raster and with the upper end first, so that neither the window nor the direction
    of an edge changes how a crossing is rounded.
    """
    starts, ends = np.concatenate([ring[:-1] for ring in rings]), np.concatenate([ring[1:] for ring in rings])
    upwards = (starts[:, 1] > ends[:, 1])[:, None]
    starts, ends = np.where(upwards, ends, starts), np.where(upwards, starts, ends)
    # The rows whose centre line lies in [upper end, lower end) of the edge: a corner belongs to one of its two edges.
    first = np.clip(np.ceil(starts[:, 1] - CENTRE), window.row, window.row_end).astype(np.int64)
    counts = np.clip(np.ceil(ends[:, 1] - CENTRE), window.row, window.row_end).astype(np.int64) - first
    width = window.width + 1
    toggles = np.zeros(window.height * width, np.int64)
    for some in _batches(np.flatnonzero(counts), counts):
        which = np.repeat(some, counts[some])
        begun = np.cumsum(counts[some]) - counts[some]
        rows = np.arange(len(which)) + np.repeat(first[some] - begun, counts[some])
        (x, y), (x_end, y_end) = starts[which].T, ends[which].T
        crossing = x + (rows + CENTRE - y) * ((x_end - x) / (y_end - y))
        cols = np.clip(np.ceil(crossing - CENTRE) - window.col, 0, window.width).astype(np.int64)
        toggles += np.bincount((rows - window.row) * width + cols, minlength=len(toggles))
    crossed = np.cumsum(toggles.reshape(window.height, width), axis=1)
    return np.asarray(crossed[:, :-1] % 2 == 1)


def _batches(edges: NDArray[np.int64], counts: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Cut edges into parts that cross about `COUNTED` rows."""
    if not len(edges):
        return []
    crossed = np.cumsum(counts[edges])
    cuts = np.searchsorted(crossed, np.arange(COUNTED, int(crossed[-1]), COUNTED))
    return [part for part in np.split(edges, cuts) if len(part)]
