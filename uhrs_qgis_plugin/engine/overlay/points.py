"""Points of a map as pixels of a raster, and what the raster holds there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.grid import TILE, Geotransform, Window
from uhrs_qgis_plugin.engine.raster import RasterInfo, RasterReader
from uhrs_qgis_plugin.engine.results import map_transform

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PixelPlaces:
    """Pixels that hold points.

    Attributes:
        rows: (N,) int64, -1 outside of the raster.
        cols: (N,) int64, -1 outside of the raster.
    """

    rows: NDArray[np.int64]
    cols: NDArray[np.int64]

    @property
    def inside(self) -> NDArray[np.bool_]:
        """(N,) whether the raster has such a pixel."""
        return self.rows >= 0


def to_pixels(info: RasterInfo, x: Floats, y: Floats) -> PixelPlaces:
    """Find the pixels that hold points; a point on the edge of two belongs to the one further down or right.

    Args:
        info: The raster; rotated and south-up ones are fine.
        x: (N,) in its CRS; anything that is not finite lies outside.
        y: (N,) alike.
    """
    cols, rows = place_in(map_transform(info), x, y)
    return whole_pixels(rows, cols, info)


def place_in(transform: Geotransform, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Find columns and rows, parts of pixels included, of places on the map: the inverse of `Geotransform.place`."""
    area = transform.pixel_area
    dx, dy = x - transform.x, y - transform.y
    with np.errstate(invalid="ignore", over="ignore"):
        return (dx * transform.y_row - dy * transform.x_row) / area, (
            dy * transform.x_col - dx * transform.y_col
        ) / area


def whole_pixels(rows: Floats, cols: Floats, info: RasterInfo) -> PixelPlaces:
    """Round rows and columns, parts of pixels included, to pixels of a raster."""
    with np.errstate(invalid="ignore"):
        inside = (rows >= 0) & (rows < info.height) & (cols >= 0) & (cols < info.width)
    found = [np.where(inside, places, -1).astype(np.int64) for places in (rows, cols)]
    return PixelPlaces(*found)


def read_at(
    reader: RasterReader, places: PixelPlaces, band: int = 1, watch: Watch = UNWATCHED
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Read what a raster of whole numbers holds at pixels; tile by tile, so that memory does not grow with it.

    Returns:
        (N,) numbers, and (N,) whether there is one: False outside and where the raster has no data.

    Raises:
        RasterError: It cannot be read.
        CancelledError: The caller cancelled.
    """
    values, valid = np.zeros(len(places.rows), np.int64), np.zeros(len(places.rows), np.bool_)
    inside = np.flatnonzero(places.inside)
    done = 0
    for some in _by_tile(places, inside):
        watch.check()
        rows, cols = places.rows[some], places.cols[some]
        row, col = int(rows.min()), int(cols.min())
        window = Window(row, col, int(rows.max()) - row + 1, int(cols.max()) - col + 1)
        values[some] = reader.read([band], window)[0][rows - row, cols - col]
        valid[some] = reader.read_valid([band], window)[rows - row, cols - col] if reader.info.has_mask else True
        done += len(some)
        watch.report(done / len(inside))
    return values, valid


def _by_tile(places: PixelPlaces, indices: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Group points by the tile that holds them, row-major."""
    if not len(indices):
        return
    tiles = np.stack((places.rows[indices] // TILE, places.cols[indices] // TILE))
    order = np.lexsort((tiles[1], tiles[0]))
    changes = np.flatnonzero((np.diff(tiles[:, order]) != 0).any(axis=0)) + 1
    yield from np.split(indices[order], changes)
