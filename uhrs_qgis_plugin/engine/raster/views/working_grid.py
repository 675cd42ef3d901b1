"""A raster seen at another pixel size: the reader's contract on a working grid that covers the same extent.

The working grid has a whole number of pixels along the raster's sides, so that its extent is exactly the raster's: its
pixel size differs from the one asked for by less than half a pixel along a whole side. Cells of the working grid are
averages of the pixels under them by the area that they share, or, where the raster's pixels are larger, are
interpolated between the four around them.

Every cell is the same number whatever window it is read with: weights come from positions counted from the raster's
corner (`axis_weights`), and where pixels are first averaged by whole steps, which uses overviews, this happens in
pieces of a fixed grid.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Geotransform, Window
from uhrs_qgis_plugin.engine.raster.requests import check_request, check_resampling
from uhrs_qgis_plugin.engine.raster.types import RasterInfo, RasterReader
from uhrs_qgis_plugin.engine.raster.views.axis_weights import AxisCells, AxisWeights, weighted_mean
from uhrs_qgis_plugin.engine.raster.views.view import RasterView

NEAR = 1.4  # pixels that differ by less from those that a model was made for are read as they are
MOST_REDUCED, MOST_ENLARGED = 64, 16  # pixels of the raster along a working pixel, and the other way round
PIECE = 256  # steps along the side of a piece that is averaged at once
PIECE_PIXELS = 4096  # pixels of the file along the side of a piece where no overview helps
CACHE_BYTES = 48 << 20  # of pieces that are kept: what blocks that follow each other share
BAND_BYTES = 16 << 20  # of pixels that are weighed at once
FINE = 4  # steps along a cell where no overview saves decoding finer ones
ALMOST = 1.02  # an overview that is coarser than a cell by less is not too coarse

Steps = tuple[int, int]


def working_shape(info: RasterInfo, pixel: tuple[float, float], wanted: float) -> tuple[int, int]:
    """Rows and columns of the grid on which a raster has pixels of about the wanted size.

    Args:
        info: The raster.
        pixel: Size of its pixels along a column and along a row.
        wanted: In the same unit.
    """
    height, width = (
        max(1, math.floor(length * side / wanted + 0.5)) for length, side in zip((info.height, info.width), pixel)
    )
    return height, width


def working_info(info: RasterInfo, height: int, width: int) -> RasterInfo:
    """Describe a raster on a working grid.

    Args:
        info: The raster.
        height: Rows of the grid; together as long as the raster's.
        width: Columns.

    Returns:
        The raster's own description, but for size, transform and how it is stored.
    """
    rows, cols = info.height / height, info.width / width
    x, x_col, x_row, y, y_col, y_row = info.transform
    transform = Geotransform(x, x_col * cols, x_row * rows, y, y_col * cols, y_row * rows)
    return replace(
        info,
        height=height,
        width=width,
        transform=transform if info.has_transform else info.transform,
        block_shape=(
            _block_side(info.block_shape[0], info.height, height),
            _block_side(info.block_shape[1], info.width, width),
        ),
        overviews=(),
        decoded=max(1.0, _decoded(info, rows, cols)),
    )


def _block_side(side: int, size: int, working_size: int) -> int:
    """A block's side on the working grid: a power of two, which goes with patches; strips stay as wide as the grid."""
    if side >= size:
        return working_size
    return 1 << max(0, min(11, round(math.log2(side * working_size / size))))


def _decoded(info: RasterInfo, rows: float, cols: float) -> float:
    """Pixels that the file decodes for one of the working grid, when that is read at 1/4 scale."""
    overview = _best_overview(info, 4 * min(rows, cols))
    return rows * cols / overview**2


def reductions(raster: RasterInfo, working: RasterInfo) -> tuple[int, ...]:
    """Tell how many pixels along a side of a raster GDAL reads as one, for its working grid in full and at 1/4."""
    sizes = (raster.height / working.height, raster.width / working.width)
    found = {_step(raster, scale * size) for scale in (1, 4) for size in sizes}
    return tuple(sorted(found - {1}))


def _step(info: RasterInfo, reduction: float) -> int:
    """Pixels that are averaged first for cells of some pixels: those of an overview, else a few to a cell."""
    overview = _best_overview(info, reduction)
    if overview == 1:
        return max(1, math.floor(reduction / FINE))
    return max(1, math.floor(reduction * ALMOST / overview)) * overview


def decodes_all(raster: RasterInfo, working: RasterInfo) -> bool:
    """Whether all pixels of a raster are decoded for a look at its working grid at 1/4 scale."""
    return _best_overview(raster, 4 * min(raster.height / working.height, raster.width / working.width)) == 1


def _best_overview(info: RasterInfo, reduction: float) -> int:
    """Decimation of the coarsest overview that is no coarser than cells of some pixels; 1 = the raster itself."""
    return max((level for level in info.overviews if level <= reduction * ALMOST), default=1)


class WorkingReader(RasterView):
    """`RasterReader` that presents another reader's raster on a working grid."""

    def __init__(self, reader: RasterReader, height: int, width: int) -> None:
        """Take the raster.

        Args:
            reader: The open raster; closed with this.
            height: Rows of the working grid.
            width: Columns.
        """
        super().__init__(reader, working_info(reader.info, height, width))
        self._pieces: OrderedDict[tuple[Any, ...], NDArray[Any]] = OrderedDict()
        self._bytes = 0

    def expect(self, bands: Sequence[int], windows: Sequence[Window]) -> None:
        """Tell that windows will be read soon; where pixels are averaged first, that is of no use."""
        raster, wanted = self._reader.info, []
        for window in windows:
            rows, cols = self._cells(window, (window.height, window.width))
            if self._steps(rows, cols) == (1, 1):
                row, row_end = _outer(window.row, window.row_end, raster.height, self.info.height)
                col, col_end = _outer(window.col, window.col_end, raster.width, self.info.width)
                wanted.append(Window(row, col, row_end - row, col_end - col))
        if wanted:
            self._reader.expect(bands, wanted)

    def read(
        self,
        bands: Sequence[int],
        window: Window,
        shape: tuple[int, int] | None = None,
        resampling: str = "average",
    ) -> NDArray[Any]:
        """Read pixels; see `RasterReader.read`. Cells whose middle holds no data may hold any number."""
        shape = check_request(self.info, bands, window, shape)
        check_resampling(resampling)
        rows, cols = self._cells(window, shape)
        steps = self._steps(rows, cols)
        row_weights, col_weights = rows.weights(steps[0]), cols.weights(steps[1])
        dtype = np.result_type(*(self.info.dtypes[band - 1] for band in bands))
        result = np.empty((len(bands), *shape), dtype)
        for start, end in self._bands_of_rows(row_weights, col_weights, len(bands) * dtype.itemsize):
            part = row_weights.part(start, end)
            needed = Window(part.first, col_weights.first, part.end - part.first, col_weights.end - col_weights.first)
            pixels = self._stepped("pixels", bands, needed, steps)
            if resampling == "nearest":
                middle = np.ix_(part.middle - part.first, col_weights.middle - col_weights.first)
                result[:, start:end] = pixels[:, middle[0], middle[1]]
                continue
            valid = self._stepped("valid", bands, needed, steps)[0] if self.info.has_mask else None
            result[:, start:end] = weighted_mean(pixels, valid, part, col_weights)
        return result

    def read_valid(
        self, bands: Sequence[int], window: Window, shape: tuple[int, int] | None = None
    ) -> NDArray[np.bool_]:
        """Tell which cells hold data in their middle; see `RasterReader.read_valid`."""
        shape = check_request(self.info, bands, window, shape)
        if not self.info.has_mask:
            return np.ones(shape, np.bool_)
        rows, cols = self._cells(window, shape)
        steps = self._steps(rows, cols)
        row_weights, col_weights = rows.weights(steps[0]), cols.weights(steps[1])
        result = np.empty(shape, np.bool_)
        for start, end in self._bands_of_rows(row_weights, col_weights, len(bands)):
            part = row_weights.part(start, end)
            needed = Window(part.first, col_weights.first, part.end - part.first, col_weights.end - col_weights.first)
            valid = self._stepped("valid", bands, needed, steps)[0]
            result[start:end] = valid[np.ix_(part.middle - part.first, col_weights.middle - col_weights.first)]
        return result

    def may_hold_data(self, window: Window, bands: Sequence[int] | None = None) -> bool:
        """Ask cheaply whether a window is worth reading; see `RasterReader.may_hold_data`."""
        raster = self._reader.info
        row, row_end = _outer(window.row, window.row_end, raster.height, self.info.height)
        col, col_end = _outer(window.col, window.col_end, raster.width, self.info.width)
        return self._reader.may_hold_data(Window(row, col, row_end - row, col_end - col), bands)

    def close(self) -> None:
        """Close the raster."""
        self._pieces.clear()
        super().close()

    def _cells(self, window: Window, shape: tuple[int, int]) -> tuple[AxisCells, AxisCells]:
        """The cells to make, of the rows and of the columns."""
        raster = self._reader.info
        return (
            AxisCells(raster.height, self.info.height, window.row, window.height, shape[0]),
            AxisCells(raster.width, self.info.width, window.col, window.width, shape[1]),
        )

    def _steps(self, rows: AxisCells, cols: AxisCells) -> Steps:
        """Pixels of the raster that are averaged first, along rows and columns of cells."""
        info = self._reader.info
        return _step(info, rows.reduction), _step(info, cols.reduction)

    def _bands_of_rows(self, rows: AxisWeights, cols: AxisWeights, pixel_bytes: int) -> Iterator[tuple[int, int]]:
        """Cut the rows of cells so that few pixels are weighed at once."""
        count = rows.index.shape[1]
        per_cell = max(1.0, (rows.end - rows.first) / count)
        height = max(1, int(BAND_BYTES / (per_cell * (cols.end - cols.first) * pixel_bytes)))
        for start in range(0, count, height):
            yield start, min(count, start + height)

    def _stepped(self, kind: str, bands: Sequence[int], window: Window, steps: Steps) -> NDArray[Any]:
        """Read "pixels" (B, h, w) or "valid" (1, h, w) of a window in steps of the raster's pixels."""
        if steps == (1, 1):
            return self._read(kind, bands, window, None)
        height, width = self._piece_shape(steps)
        parts = []
        for row in range(window.row // height, -(-window.row_end // height)):
            line = []
            for col in range(window.col // width, -(-window.col_end // width)):
                piece = Window(row * height, col * width, height, width)
                inside = piece.overlap(window)
                line.append(self._piece(kind, bands, piece, steps)[(slice(None), *inside.slices(1, piece))])
            parts.append(np.concatenate(line, axis=2))
        return np.concatenate(parts, axis=1)

    def _piece_shape(self, steps: Steps) -> tuple[int, int]:
        """Rows and columns of a piece in steps; of files in strips as wide as the raster."""
        info = self._reader.info
        decoded = max(steps) / _best_overview(info, min(steps))  # pixels along a step
        side = max(16, min(PIECE, int(PIECE_PIXELS / decoded)))
        if info.block_shape[1] < info.width:
            return side, side
        width = -(-info.width // steps[1])
        return max(1, min(side, side * side // width)), width

    def _piece(self, kind: str, bands: Sequence[int], piece: Window, steps: Steps) -> NDArray[Any]:
        """Average the raster's pixels by steps in a piece; the last pieces, those of the last time, are kept."""
        key = kind, tuple(bands), piece, steps
        if key in self._pieces:
            self._pieces.move_to_end(key)
            return self._pieces[key]
        # A step that the raster's edge cuts is averaged apart: it would stretch the others.
        lines = [
            np.concatenate([self._read(kind, bands, *self._cut(row, col, steps)) for col in cols], axis=2)
            for rows, cols in [self._whole_and_cut(piece, steps)]
            for row in rows
        ]
        found = np.concatenate(lines, axis=1)
        self._pieces[key] = found
        self._bytes += found.nbytes
        while self._bytes > CACHE_BYTES and len(self._pieces) > 1:
            self._bytes -= self._pieces.popitem(last=False)[1].nbytes
        return found

    def _whole_and_cut(self, piece: Window, steps: Steps) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Ranges of steps, of the rows and of the columns of a piece: the whole ones, and the one at the edge."""
        info = self._reader.info
        return (
            _ranges(piece.row, piece.row_end, info.height, steps[0]),
            _ranges(piece.col, piece.col_end, info.width, steps[1]),
        )

    def _cut(self, rows: tuple[int, int], cols: tuple[int, int], steps: Steps) -> tuple[Window, tuple[int, int]]:
        """The pixels of ranges of steps, and how many steps they make."""
        info = self._reader.info
        row, row_end = rows[0] * steps[0], min(rows[1] * steps[0], info.height)
        col, col_end = cols[0] * steps[1], min(cols[1] * steps[1], info.width)
        return Window(row, col, row_end - row, col_end - col), (rows[1] - rows[0], cols[1] - cols[0])

    def _read(self, kind: str, bands: Sequence[int], window: Window, shape: tuple[int, int] | None) -> NDArray[Any]:
        """Read "pixels" or "valid" of the raster itself."""
        if kind == "pixels":
            return self._reader.read(bands, window, shape, "average")
        return self._reader.read_valid(bands, window, shape)[None]


def _ranges(start: int, end: int, size: int, step: int) -> list[tuple[int, int]]:
    """The steps of start..end that a side of `size` pixels has: the whole ones, and the last one if it is cut."""
    whole, total = size // step, -(-size // step)
    ranges = [(start, min(end, whole)), (max(start, whole), min(end, total))]
    return [(first, last) for first, last in ranges if first < last]


def _outer(start: int, end: int, size: int, working_size: int) -> tuple[int, int]:
    """The pixels of the raster that pixels of the working grid touch, and those beside them."""
    first = max(0, start * size // working_size - 1)
    return first, min(size, -(-end * size // working_size) + 1)
