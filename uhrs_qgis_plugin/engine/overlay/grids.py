"""Class rasters read on the grid of another raster: at the centre of each of its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.overlay.points import place_in, whole_pixels
from uhrs_qgis_plugin.engine.raster import RasterInfo, RasterReader, same_crs, transform_points
from uhrs_qgis_plugin.engine.results import map_transform

# Pixels between places that are transformed exactly from one CRS to another; in between they are interpolated. The
# curvature of a projection over so short a way is far below a pixel.
STEP = 16
MOST_PIXELS = 1 << 24  # of the other raster, read at a time: bounds memory where it is much finer

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Labels:
    """Classes of pixels.

    Attributes:
        values: (h, w) uint8; anything where not valid.
        valid: (h, w) where there is a class.
    """

    values: NDArray[np.uint8]
    valid: NDArray[np.bool_]


def read_valid_labels(reader: RasterReader, window: Window, band: int = 1) -> Labels:
    """Read a band of uint8 and where it has data.

    Raises:
        RasterError: It cannot be read.
    """
    if reader.info.has_mask and not reader.may_hold_data(window):
        shape = (window.height, window.width)
        return Labels(np.zeros(shape, np.uint8), np.zeros(shape, np.bool_))
    values = reader.read([band], window)[0]
    valid = reader.read_valid([band], window) if reader.info.has_mask else np.ones(values.shape, np.bool_)
    return Labels(values, valid)


class GridLink:
    """Reads rasters on the grid of another one: each of its pixels gets what lies at its centre."""

    def __init__(self, grid: RasterInfo, other: RasterInfo, crs: tuple[str, str] | None = None) -> None:
        """Compare both.

        Args:
            grid: The raster whose pixels are asked for.
            other: The one that is read.
            crs: WKT of both, None = as the files say; users may have set others.

        Raises:
            RasterError: One of them has no place on the map, or no CRS to bring both together.
        """
        self._grid, self._other = grid, other
        ours, theirs = (grid.crs_wkt, other.crs_wkt) if crs is None else crs
        if grid.has_transform != other.has_transform or bool(ours) != bool(theirs):
            lacking, having = (grid, other) if not (grid.has_transform and ours) else (other, grid)
            raise RasterError(
                f"'{lacking.path}' has no place on the map or no coordinate reference system, but '{having.path}' has "
                "one: set it (Raster > Projections > Assign Projection), so that both can be brought together."
            )
        self._crs = None if same_crs(ours, theirs) else (ours, theirs)
        self.is_same_grid = (
            self._crs is None
            and (grid.height, grid.width) == (other.height, other.width)
            and bool(np.allclose(self._corners(grid), self._corners(other), rtol=0, atol=self._tolerance()))
        )

    def read(self, reader: RasterReader, window: Window, band: int = 1) -> Labels:
        """Read the other raster at the centres of the pixels of a window of the grid.

        Raises:
            RasterError: It cannot be read.
        """
        if self.is_same_grid:
            return read_valid_labels(reader, window, band)
        if self._crs is None and not (self._grid.transform.is_rotated or self._other.transform.is_rotated):
            return self._read_along_axes(reader, window, band)
        rows, cols = self._places(window)
        places = whole_pixels(rows, cols, self._other)
        inside = places.inside
        labels = Labels(np.zeros(inside.shape, np.uint8), np.zeros(inside.shape, np.bool_))
        if not inside.any():
            return labels
        row, col = int(places.rows[inside].min()), int(places.cols[inside].min())
        height, width = int(places.rows.max()) - row + 1, int(places.cols.max()) - col + 1
        if height * width > MOST_PIXELS and window.height * window.width > 1:
            return self._in_halves(reader, window, band)
        there = read_valid_labels(reader, Window(row, col, height, width), band)
        at = places.rows[inside] - row, places.cols[inside] - col
        labels.values[inside], labels.valid[inside] = there.values[at], there.valid[at]
        return labels

    def _read_along_axes(self, reader: RasterReader, window: Window, band: int) -> Labels:
        """Read where rows lie along rows: each row and each column is looked up once."""
        rows = self._places(Window(window.row, window.col, window.height, 1))[0][:, 0]
        cols = self._places(Window(window.row, window.col, 1, window.width))[1][0]
        there_rows, there_cols = np.floor(rows).astype(np.int64), np.floor(cols).astype(np.int64)
        row_there = np.flatnonzero((there_rows >= 0) & (there_rows < self._other.height))
        col_there = np.flatnonzero((there_cols >= 0) & (there_cols < self._other.width))
        labels = Labels(
            np.zeros((window.height, window.width), np.uint8), np.zeros((window.height, window.width), np.bool_)
        )
        if not (len(row_there) and len(col_there)):
            return labels
        there_rows, there_cols = there_rows[row_there], there_cols[col_there]
        row, col = int(there_rows.min()), int(there_cols.min())
        height, width = int(there_rows.max()) - row + 1, int(there_cols.max()) - col + 1
        if height * width > MOST_PIXELS and window.height * window.width > 1:
            return self._in_halves(reader, window, band)
        there = read_valid_labels(reader, Window(row, col, height, width), band)
        ours, theirs = np.ix_(row_there, col_there), np.ix_(there_rows - row, there_cols - col)
        labels.values[ours], labels.valid[ours] = there.values[theirs], there.valid[theirs]
        return labels

    def _in_halves(self, reader: RasterReader, window: Window, band: int) -> Labels:
        """Read a window in two steps, cut along its longer side."""
        if window.height >= window.width:
            half, axis = window.height // 2, 0
            first = Window(window.row, window.col, half, window.width)
            second = Window(window.row + half, window.col, window.height - half, window.width)
        else:
            half, axis = window.width // 2, 1
            first = Window(window.row, window.col, window.height, half)
            second = Window(window.row, window.col + half, window.height, window.width - half)
        one, other = self.read(reader, first, band), self.read(reader, second, band)
        return Labels(np.concatenate((one.values, other.values), axis), np.concatenate((one.valid, other.valid), axis))

    def _places(self, window: Window) -> tuple[Floats, Floats]:
        """Rows and columns of the other raster, parts of pixels included, at the centres of pixels: (h, w) each."""
        cols = np.arange(window.col, window.col_end, dtype=np.float64) + 0.5
        rows = np.arange(window.row, window.row_end, dtype=np.float64) + 0.5
        if self._crs is None:
            there = self._exactly(rows, cols)
        else:
            few = _every(STEP, rows), _every(STEP, cols)
            there_rows, there_cols = self._exactly(*few)
            there = _between(there_rows, *few, rows, cols), _between(there_cols, *few, rows, cols)
        # Centres that lie on an edge of the other grid belong to one side, however they are rounded.
        return np.round(there[0], 6), np.round(there[1], 6)

    def _exactly(self, rows: Floats, cols: Floats) -> tuple[Floats, Floats]:
        """Rows and columns of the other raster at crossings of lines of ours: (R, C) each."""
        shape = len(rows), len(cols)
        row, col = (lines.ravel() for lines in np.meshgrid(rows, cols, indexing="ij"))
        x, y = map_transform(self._grid).place(col, row)
        if self._crs is not None:
            x, y = transform_points(*self._crs, x, y)
        there_col, there_row = place_in(map_transform(self._other), x, y)
        return there_row.reshape(shape), there_col.reshape(shape)

    def _tolerance(self) -> float:
        """A thousandth of a pixel of the grid, in units of the map."""
        transform = map_transform(self._grid)
        return 1e-3 * float(abs(transform.pixel_area)) ** 0.5

    @staticmethod
    def _corners(info: RasterInfo) -> Floats:
        """Where three corners of a raster lie."""
        cols, rows = np.array([0, info.width, 0]), np.array([0, 0, info.height])
        return np.asarray(map_transform(info).place(cols, rows))


def _every(step: int, places: Floats) -> Floats:
    """Some of the places: the first, every `step`th, and the last."""
    return places if len(places) < 3 else np.append(places[:-1:step], places[-1])


def _between(field: Floats, few_rows: Floats, few_cols: Floats, rows: Floats, cols: Floats) -> Floats:
    """Interpolate linearly along both axes: (R, C) at few places -> (h, w)."""

    def along(values: Floats, few: Floats, wanted: Floats) -> Floats:
        """Interpolate along the first axis."""
        if len(few) < 2:
            return values
        at = np.clip(np.searchsorted(few, wanted, side="right") - 1, 0, len(few) - 2)
        share = ((wanted - few[at]) / (few[at + 1] - few[at]))[:, None]
        with np.errstate(invalid="ignore"):  # places that do not exist in the other CRS
            return np.asarray(values[at] * (1 - share) + values[at + 1] * share)

    return along(along(field, few_rows, rows).T, few_cols, cols).T
