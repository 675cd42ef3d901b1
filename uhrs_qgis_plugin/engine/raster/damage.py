"""Reading around blocks that do not read: finding them by halving, and putting the rest together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.metadata import valid_values
from uhrs_qgis_plugin.engine.raster.read_errors import ReadFailedError, cannot_read, check_still_there
from uhrs_qgis_plugin.engine.raster.requests import Request, Shape
from uhrs_qgis_plugin.engine.raster.resampling import average, nearest
from uhrs_qgis_plugin.engine.raster.servers import shown
from uhrs_qgis_plugin.engine.raster.types import RasterInfo

LEAF_PIXELS = 512 * 512  # windows of a decimated read that are smaller are read in full scale
LARGEST_SEARCH = 4096 * 4096  # pixels: larger windows that cannot be halved are not searched for the block at fault
MOST_NAMES = 3  # files of a mosaic that an error text names


class ReadGuard:
    """Carries out requests: stops with a text that names the block at fault, or reads around it."""

    def __init__(self, info: RasterInfo, hiding: Sequence[Request], mend: bool) -> None:
        """Take the raster.

        Args:
            info: The raster.
            hiding: Its mask and alpha bands: pixels that are 0 in one of them do not count in averages.
            mend: Whether to read around unreadable blocks.
        """
        self._info = info
        self._hiding = hiding
        self._mend = mend
        self._damaged: set[tuple[int, int]] = set()  # row and column in the grid of blocks

    def unreadable(self) -> list[Window]:
        """Pixels of the blocks that were read around, row-major."""
        return [block_window(self._info, row, col) for row, col in sorted(self._damaged)]

    def get(self, request: Request, window: Window, shape: Shape) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """Carry out a request.

        Args:
            request: What to read.
            window: Pixels.
            shape: (rows, columns) to reduce to.

        Returns:
            (B, h, w), and which numbers stand for readable pixels (h, w), None when all do.

        Raises:
            RasterError: A block does not read and must, or a file is gone.
        """
        # Without overviews what is reduced is made here of the pixels.
        reads = self._info.source.overviews or shape == (window.height, window.width)
        if reads and not self._touches_damage(window):
            try:
                return _read(request, window, shape), None
            except ReadFailedError as error:
                check_still_there(self._info)
                if not self._mend:
                    raise self._worded(request, window, shape, error) from error
        parts = halves(window, shape, self._info.block_shape)
        if parts:
            return self._joined(request, parts, shape)
        if shape != (window.height, window.width):
            return self._reduced(request, window, shape)
        rows, cols = self._info.block_shape
        self._damaged.add((window.row // rows, window.col // cols))
        blank = np.broadcast_to(request.fill[:, None, None], (len(request.bands), *shape))
        return blank, np.zeros(shape, np.bool_)

    def _joined(
        self, request: Request, parts: Sequence[tuple[Window, Shape]], shape: Shape
    ) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """Carry out a request in two halves."""
        axis = -2 if parts[0][1][1] == shape[1] else -1
        images, flags = zip(*(self.get(request, window, size) for window, size in parts))
        image = np.concatenate(images, axis=axis)
        if flags[0] is None and flags[1] is None:
            return image, None
        known = [np.ones(size, np.bool_) if flag is None else flag for flag, (_, size) in zip(flags, parts)]
        return image, np.concatenate(known, axis=axis)

    def _reduced(self, request: Request, window: Window, shape: Shape) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """Read in full scale and reduce here."""
        pixels, flags = self.get(request, window, (window.height, window.width))
        readable = np.ones(pixels.shape[1:], np.bool_) if flags is None else flags
        if request.resampling == "nearest":
            return nearest(pixels, shape), nearest(readable, shape)
        counting = readable & self._opaque(window)
        nodata = request.nodata
        valid = np.stack([counting & valid_values(band[None], [number]) for band, number in zip(pixels, nodata)])
        return average(pixels, valid, shape, nodata), nearest(readable, shape)

    def _opaque(self, window: Window) -> NDArray[np.bool_]:
        """Which pixels (H, W) neither mask nor alpha hide; these count in averages."""
        shape = window.height, window.width
        opaque = np.ones(shape, np.bool_)
        for request in self._hiding:
            opaque &= (self.get(request, window, shape)[0] > 0).any(axis=0)
        return opaque

    def _worded(self, request: Request, window: Window, shape: Shape, error: ReadFailedError) -> RasterError:
        """Word a failure so that it names the block and the file."""
        block = _first_unreadable(request, self._info, window, shape)
        advice, reason = "", str(error)
        if block is None:
            block = window
            advice = self._advice(window)
        coverage = self._info.source.coverage
        # A .vrt file of sources on servers has no names of them.
        names = [name for name in coverage.names_in(block) if name] if coverage is not None else []
        if names:
            seen = [repr(shown(name)) for name in names[:MOST_NAMES]]
            more = ", ..." if len(names) > MOST_NAMES else ""
            reason = f"made there of {', '.join(seen)}{more}: {reason}"
        return cannot_read(self._info.path, block, reason, advice)

    def _advice(self, window: Window) -> str:
        """What to do about a raster whose pixels all read: its overviews or its mask are at fault."""
        try:
            self._opaque(window)
        except RasterError:
            return "its mask is damaged though its pixels are not, leave it away (gdal_translate -mask none)"
        return "its overviews are damaged though its pixels are not, remove or rebuild them with gdaladdo"

    def _touches_damage(self, window: Window) -> bool:
        """Whether a block that is known not to read reaches into a window."""
        if not self._damaged:
            return False
        (row, col), (row_end, col_end) = block_range(window, self._info.block_shape)
        return any((r, c) in self._damaged for r in range(row, row_end) for c in range(col, col_end))


def _read(request: Request, window: Window, shape: Shape) -> NDArray[Any]:
    """Carry out a request; averages are finite wherever the nearest pixel is."""
    source, bands = request.source, request.bands
    image = source.pixels(bands, window, shape, request.resampling)
    reduced = request.resampling == "average" and shape != (window.height, window.width)
    if reduced and image.dtype.kind == "f" and not np.isfinite(image).all():
        image = np.where(np.isfinite(image), image, source.pixels(bands, window, shape, "nearest"))
    return image


def _first_unreadable(request: Request, info: RasterInfo, window: Window, shape: Shape) -> Window | None:
    """Find the first block that makes a request fail.

    Args:
        request: What failed.
        info: The raster.
        window: The window that failed.
        shape: (rows, columns) that it was reduced to.

    Returns:
        The block, or as small a window as could be found; None when every pixel reads in full scale, so that an
        overview is damaged.
    """
    full = window.height, window.width
    parts = halves(window, shape, info.block_shape)
    for part, size in parts:
        try:
            _read(request, part, size)
        except ReadFailedError:
            return _first_unreadable(request, info, part, size)
    if parts or (shape != full and window.height * window.width > LARGEST_SEARCH):
        return window
    if shape == full:
        (row, col), _ = block_range(window, info.block_shape)
        return block_window(info, row, col)
    try:
        _read(request, window, full)
    except ReadFailedError:
        return _first_unreadable(request, info, window, full)
    return None


def block_window(info: RasterInfo, row: int, col: int) -> Window:
    """The pixels of a block, by its row and column in the grid of blocks."""
    rows, cols = info.block_shape
    return Window(row * rows, col * cols, rows, cols).clipped(info.height, info.width)


def block_range(window: Window, block_shape: Shape) -> tuple[Shape, Shape]:
    """Row and column of the first block that a window touches, and those after the last."""
    rows, cols = block_shape
    return (window.row // rows, window.col // cols), (-(-window.row_end // rows), -(-window.col_end // cols))


def halves(window: Window, shape: Shape, block_shape: Shape) -> tuple[tuple[Window, Shape], ...]:
    """Cut a read in two.

    Args:
        window: Pixels.
        shape: (rows, columns) to reduce to.
        block_shape: Rows and columns of a block.

    Returns:
        Two windows with their shapes, cut between blocks in full scale and where no number is cut in a decimated
        one; none for one block, or a decimated window that is small or cannot be cut so.
    """
    sides = window.height, window.width
    if shape == sides:
        first, last = block_range(window, block_shape)
        counts = last[0] - first[0], last[1] - first[1]
        if max(counts) == 1:
            return ()
        axis = 0 if counts[0] >= counts[1] else 1
        at = (first[axis] + counts[axis] // 2) * block_shape[axis] - (window.row, window.col)[axis]
        return _cut(window, shape, axis, (at, at))
    if window.height * window.width <= LEAF_PIXELS:
        return ()
    for axis in (0, 1) if shape[0] >= shape[1] else (1, 0):
        step = shape[axis] // math.gcd(shape[axis], sides[axis])  # numbers between cuts that fall on a pixel edge
        number = shape[axis] // 2 // step * step or step
        if number < shape[axis]:
            return _cut(window, shape, axis, (number * sides[axis] // shape[axis], number))
    return ()


def _cut(window: Window, shape: Shape, axis: int, place: Shape) -> tuple[tuple[Window, Shape], tuple[Window, Shape]]:
    """Cut a window along an axis, after so many pixels that are so many reduced ones."""
    (at, number), (row, col), (height, width) = place, (window.row, window.col), (window.height, window.width)
    if axis == 0:
        return (
            (Window(row, col, at, width), (number, shape[1])),
            (Window(row + at, col, height - at, width), (shape[0] - number, shape[1])),
        )
    return (
        (Window(row, col, height, at), (shape[0], number)),
        (Window(row, col + at, height, width - at), (shape[0], shape[1] - number)),
    )
