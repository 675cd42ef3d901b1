"""Scenes, patches and blocks of a canvas: pure integers.

The canvas is the processed window padded at the right and the bottom; its origin is the window's upper left
corner. Worked example: a 5000x3000 window (width x height) with patches of 128 pixels lies on a 5120x3072 canvas
of 24x40 patches; two scenes of 2816 that share 512 start at columns 0 and 2304, blocks of 2048 at 0, 2048 and 4096.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from uhrs_qgis_plugin.engine.errors import OptionsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CELL8 = 8  # pixels: the grid of high features and of the uncertainty that the fuse graph returns
CELL32 = 32  # pixels: the grid of low features
DOWN_RATIO = 4  # the low stream sees one number for 4x4 pixels
TILE = 512  # pixels: output files are tiled so; blocks that are multiples of it never rewrite a tile


@dataclass(frozen=True)
class Window:
    """A rectangle of pixels.

    Attributes:
        row: First row, 0 = top.
        col: First column, 0 = left.
        height: Rows.
        width: Columns.
    """

    row: int
    col: int
    height: int
    width: int

    @property
    def row_end(self) -> int:
        """The row after the last one."""
        return self.row + self.height

    @property
    def col_end(self) -> int:
        """The column after the last one."""
        return self.col + self.width

    def slices(self, cell: int = 1, within: Window | None = None) -> tuple[slice, slice]:
        """Index arrays that hold one number for `cell` x `cell` pixels.

        Args:
            cell: Pixels per array element; row, col, height and width must be multiples of it.
            within: The pixels that the array stands for; None = they begin at row 0, column 0.

        Returns:
            Row slice and column slice.
        """
        row, col = (self.row, self.col) if within is None else (self.row - within.row, self.col - within.col)
        return slice(row // cell, (row + self.height) // cell), slice(col // cell, (col + self.width) // cell)

    def relative_to(self, origin: Window) -> Window:
        """Shift this window so that the first row and column of another become 0, 0."""
        return Window(self.row - origin.row, self.col - origin.col, self.height, self.width)

    def overlap(self, other: Window) -> Window:
        """The part that two windows share; height or width 0 when they share none."""
        row, col = max(self.row, other.row), max(self.col, other.col)
        row_end, col_end = min(self.row_end, other.row_end), min(self.col_end, other.col_end)
        return Window(row, col, max(0, row_end - row), max(0, col_end - col))

    def clipped(self, height: int, width: int) -> Window:
        """Cut this window at a lower and a right limit.

        Returns:
            The part of this window inside; height or width 0 when nothing is.
        """
        return Window(
            self.row,
            self.col,
            max(0, min(self.row_end, height) - self.row),
            max(0, min(self.col_end, width) - self.col),
        )


class Geotransform(NamedTuple):
    """Where pixels lie on the map, in GDAL's order; any six numbers, so also rotated and south-up rasters.

    Attributes:
        x: Of the upper left corner of the raster.
        x_col: Step of x per column.
        x_row: Step of x per row; 0 unless rotated.
        y: Of the upper left corner of the raster.
        y_col: Step of y per column; 0 unless rotated.
        y_row: Step of y per row; negative when north is up.
    """

    x: float
    x_col: float
    x_row: float
    y: float
    y_col: float
    y_row: float

    @property
    def is_rotated(self) -> bool:
        """Whether rows and columns do not run along the axes of the map."""
        return bool(self.x_row or self.y_col)

    @property
    def pixel_area(self) -> float:
        """Area of a pixel in square units of the map; negative when rows going down turn the map round, as usual."""
        return self.x_col * self.y_row - self.x_row * self.y_col

    def place(self, col: Any, row: Any) -> tuple[Any, Any]:  # noqa: ANN401 (numbers or arrays of them)
        """Find map coordinates.

        Args:
            col: Columns, numbers or an array; 0 = left edge of the raster, parts of pixels are fine.
            row: Rows alike; 0 = upper edge.

        Returns:
            x and y.
        """
        return self.x + col * self.x_col + row * self.x_row, self.y + col * self.y_col + row * self.y_row

    def of_window(self, window: Window, scale: float = 1) -> Geotransform:
        """Compute the geotransform of a part of the raster.

        Args:
            window: The part, in pixels of the raster.
            scale: Side of the new pixels in old ones: 8 makes a grid of 8x8 pixels.

        Returns:
            Geotransform of a raster whose upper left corner is the window's.
        """
        x, y = self.place(window.col, window.row)
        return Geotransform(x, self.x_col * scale, self.x_row * scale, y, self.y_col * scale, self.y_row * scale)


@dataclass(frozen=True)
class Canvas:
    """The processed window with its padding.

    Attributes:
        data_height: Rows of the processed window.
        data_width: Columns of the processed window.
        patch_side: Side of a patch in pixels, a multiple of 16.
    """

    data_height: int
    data_width: int
    patch_side: int

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            OptionsError: Empty window, or a patch side that is no multiple of 16.
        """
        if self.data_height < 1 or self.data_width < 1:
            raise OptionsError(
                f"The window to process is {self.data_width} x {self.data_height} pixels: "
                "choose bounds that hold at least one pixel."
            )
        if self.patch_side < 16 or self.patch_side % 16:
            raise OptionsError(f"Patch side {self.patch_side} is not allowed: use a multiple of 16.")

    @property
    def unit(self) -> int:
        """Pixels that the canvas' sides are multiples of: lcm(patch side, 32)."""
        return math.lcm(self.patch_side, CELL32)

    @property
    def height(self) -> int:
        """Rows with padding."""
        return -(-self.data_height // self.unit) * self.unit

    @property
    def width(self) -> int:
        """Columns with padding."""
        return -(-self.data_width // self.unit) * self.unit

    @property
    def patch_shape(self) -> tuple[int, int]:
        """Rows and columns of the patch grid."""
        return self.height // self.patch_side, self.width // self.patch_side

    def cells(self, cell: int) -> tuple[int, int]:
        """Rows and columns of the grid with one cell for `cell` x `cell` pixels."""
        return self.height // cell, self.width // cell


def fit_side(requested: int, patch_side: int) -> int:
    """Round a scene or block side down to what the grids allow.

    Args:
        requested: Requested pixels, at least 1.

    Returns:
        The largest multiple of lcm(patch side, 32, 512) that is not above `requested`; below one such multiple,
        the largest multiple of lcm(patch side, 32); at least one. 2048 stays 2048 for patches of 128.
    """
    unit = math.lcm(patch_side, CELL32)
    tiled = math.lcm(unit, TILE)
    step = tiled if requested >= tiled else unit
    return max(step, requested // step * step)


def scene_side(length: int, most: int, overlap: int) -> int:
    """Choose the side of the scenes along one axis: as few scenes as `most` allows, and no larger than they need be.

    Worked example: 4480 pixels in scenes of at most 4096 that share 512 take two scenes; of 2496 pixels each, not
    4096, so that nearly half of the work is saved.

    Args:
        length: Canvas pixels along the axis, a multiple of 32.
        most: Largest side in pixels, a multiple of 32.
        overlap: Least pixels that neighbours share, a multiple of 32 below `most`.

    Returns:
        Side in pixels, a multiple of 32.
    """
    if length <= most:
        return length
    count = -(-(length - overlap) // (most - overlap))
    return -(-(length + (count - 1) * overlap) // (count * CELL32)) * CELL32


def scene_starts(length: int, side: int, overlap: int) -> tuple[int, ...]:
    """Place scenes along one axis.

    Args:
        length: Canvas pixels along the axis, a multiple of 32.
        side: Scene side in pixels, a multiple of 32.
        overlap: Least pixels that neighbours share, a multiple of 32 below `side`.

    Returns:
        First pixel of each scene, multiples of 32: ceil((length - overlap) / (side - overlap)) scenes, evenly
        spaced, the first at 0 and the last ending at `length`; one scene when length <= side.
    """
    if length <= side:
        return (0,)
    count = -(-(length - overlap) // (side - overlap))
    last = (length - side) // CELL32
    # Floor division spaces starts by at most ceil(last / (count - 1)) cells, which never exceeds side - overlap.
    return tuple(index * last // (count - 1) * CELL32 for index in range(count))


def scenes(canvas: Canvas, side: int, overlap: int) -> list[tuple[Window, tuple[int, int]]]:
    """List the scenes of a canvas, row-major.

    Returns:
        Window on the canvas and (row index, column index) into the scenes along each axis; all of one size.

    Raises:
        OptionsError: The overlap is not a multiple of 32 in 0..side-32.
    """
    if overlap < 0 or overlap > side - CELL32 or overlap % CELL32:
        raise OptionsError(
            f"Scene overlap {overlap} does not fit scenes of {side} pixels: use a multiple of 32 in 0..{side - 32}."
        )
    height, width = (scene_side(length, side, overlap) for length in (canvas.height, canvas.width))
    rows = scene_starts(canvas.height, height, overlap)
    cols = scene_starts(canvas.width, width, overlap)
    return [(Window(row, col, height, width), (i, j)) for i, row in enumerate(rows) for j, col in enumerate(cols)]


def blocks(canvas: Canvas, shape: tuple[int, int]) -> list[Window]:
    """List the blocks of a canvas, row-major.

    Args:
        shape: Rows and columns of a block in pixels, multiples of the canvas' unit.

    Returns:
        Windows on the canvas that cover it once; those at the right and the bottom may be smaller.
    """
    return [
        Window(row, col, min(shape[0], canvas.height - row), min(shape[1], canvas.width - col))
        for row in range(0, canvas.height, shape[0])
        for col in range(0, canvas.width, shape[1])
    ]


def with_margin(window: Window, canvas: Canvas, margin: int = CELL32) -> Window:
    """Widen a window by a margin where the canvas goes on, and not where it ends.

    Args:
        margin: Pixels, a multiple of 32.

    Returns:
        The wider window.
    """
    row, col = max(0, window.row - margin), max(0, window.col - margin)
    return Window(
        row,
        col,
        min(canvas.height, window.row_end + margin) - row,
        min(canvas.width, window.col_end + margin) - col,
    )


def window_around(patch: Window, side: int, margin: int, height: int, width: int) -> Window:
    """Place the window in which a network sees a patch: around it, and inside the raster where that is large enough.

    Worked example: in a raster of 1000 x 1000 pixels the patch of 384 at (0, 384) is seen by the window of 512 at
    (0, 320), and that at (768, 768), of which the raster holds 232 x 232, by the one at (512, 512): the raster counts
    as 1024 x 1024, so that windows begin at multiples of 32 where their sides are such.

    Args:
        patch: Inside the canvas; it begins inside the raster.
        side: Of the window, pixels.
        margin: Pixels of the window above the patch and left of it.
        height: Rows of the raster.
        width: Columns of the raster.

    Returns:
        The window; it begins inside the raster and may end beyond it.
    """
    last = tuple(max(0, -(-length // CELL32) * CELL32 - side) for length in (height, width))
    row, col = (max(0, min(start - margin, end)) for start, end in zip((patch.row, patch.col), last))
    return Window(row, col, side, side)


def touched_cells(window: Window, side: int) -> Window:
    """Find the cells of a grid, such as patches, that a window touches.

    Returns:
        Window in cells.
    """
    row, col = window.row // side, window.col // side
    return Window(row, col, -(-window.row_end // side) - row, -(-window.col_end // side) - col)


def nearest_pixels(size: int, reduced: int) -> NDArray[np.int64]:
    """Tell which pixels stand for the cells when a side is reduced.

    Args:
        size: Pixels.
        reduced: Cells.

    Returns:
        (reduced,) the pixel in the middle of each cell: 1, 3, 5, 7 for 8 pixels in 4 cells.
    """
    import numpy as np

    return (np.arange(reduced, dtype=np.int64) * 2 + 1) * size // (2 * reduced)


def runs(flags: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Find the contiguous runs of true flags.

    Args:
        flags: (n,) bool.

    Yields:
        First index and index after the last of each run.
    """
    import numpy as np  # here only: windows and the convention of results are known without it

    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    for first, end in edges.reshape(-1, 2):
        yield int(first), int(end)
