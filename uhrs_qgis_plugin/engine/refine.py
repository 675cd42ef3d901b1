"""The refine pass: block by block, high stream on the selected patches, both streams fused into labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.coarse import CoarseMap
from uhrs_qgis_plugin.engine.grid import CELL8, CELL32, Canvas, Window, blocks, runs, touched_patches, with_margin
from uhrs_qgis_plugin.engine.source import CanvasSource
from uhrs_qgis_plugin.engine.streams import Streams

NODATA = 255  # in labels and in both uncertainties, which use 0..254


@dataclass(frozen=True)
class RefinedBlock:
    """A finished piece of the outputs, cut to where the raster has pixels.

    Attributes:
        row: First pixel row on the canvas.
        col: First pixel column on the canvas.
        labels: (h, w) uint8, 255 = no data.
        uncertainty: (2, ceil(h / cell), ceil(w / cell)) uint8: 254 * U and 254 * final uncertainty, 255 = no data.
    """

    row: int
    col: int
    labels: NDArray[np.uint8]
    uncertainty: NDArray[np.uint8]


@dataclass(frozen=True)
class RefinePlan:
    """How to refine a canvas.

    Attributes:
        selected: (patch rows, patch cols) bool, the patches that get the high stream; each must hold data.
        block_side: Side of a block in pixels, a multiple of lcm(patch side, 32).
        batch_size: Patches per run of the high stream.
        cell: Pixels per cell of the uncertainty that is returned: 1, 2, 4 or 8.
        channels: Channels F of the high features.
    """

    selected: NDArray[np.bool_]
    block_side: int
    batch_size: int
    cell: int
    channels: int


def refine(
    source: CanvasSource,
    streams: Streams,
    coarse: CoarseMap,
    plan: RefinePlan,
    proceed: Callable[[float], None],
) -> Iterator[RefinedBlock]:
    """Refine a canvas block by block, row-major.

    Every selected patch runs through the high stream once. A block is fused with a margin of 32 pixels of its
    neighbours, so that the result does not depend on how the canvas is cut into blocks.

    Args:
        source: The canvas.
        streams: The model.
        coarse: The coarse map of the canvas.
        plan: What to refine, and how.
        proceed: Called with 0..1 before every block and batch; raises to stop.

    Yields:
        The blocks that hold pixels of the raster; they cover it once.
    """
    windows = blocks(source.canvas, plan.block_side)
    store = PatchStore(source, streams, plan)
    for index, block in enumerate(windows):

        def proceed_in_block(share: float, done: int = index) -> None:
            proceed((done + share) / len(windows))

        proceed_in_block(0)
        inside = block.clipped(source.canvas.data_height, source.canvas.data_width)
        context = with_margin(block, source.canvas)
        reach = _patch_window(context, source.canvas)
        valid = source.read_valid(reach) if source.has_mask else None
        block_valid = None if valid is None else _cut(valid, reach, inside)
        if block_valid is not None and not block_valid.any():
            yield _empty_block(inside, plan.cell)
            continue
        high_features, selected = store.features_of(context, index, (reach, valid), proceed_in_block)
        labels, uncertainty8 = streams.fuse(
            coarse.features[(slice(None), *context.slices(CELL32))][np.newaxis],
            coarse.uncertainty[context.slices(coarse.stride)][np.newaxis, np.newaxis],
            high_features[np.newaxis],
            selected[np.newaxis, np.newaxis],
        )
        yield _cropped(labels[0], uncertainty8[0], (context, inside), block_valid, plan.cell)


class PatchStore:
    """Runs patches through the high stream once, and keeps what the margins of later blocks still need."""

    def __init__(self, source: CanvasSource, streams: Streams, plan: RefinePlan) -> None:
        """Note for every selected patch which block needs it last.

        Args:
            source: The canvas.
            streams: The model.
            plan: What to refine, and how.
        """
        self._source = source
        self._streams = streams
        self._plan = plan
        self._kept: dict[tuple[int, int], NDArray[np.float32]] = {}
        self._last_block = np.full(plan.selected.shape, -1, np.int32)
        for index, block in enumerate(blocks(source.canvas, plan.block_side)):
            patches = touched_patches(with_margin(block, source.canvas), source.canvas.patch_side)
            self._last_block[patches.slices()] = index

    def __len__(self) -> int:
        """Patches that are kept."""
        return len(self._kept)

    def features_of(
        self,
        context: Window,
        block: int,
        valid: tuple[Window, NDArray[np.bool_] | None],
        proceed: Callable[[float], None],
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Lay the high features of a block and its margin on the grid.

        Args:
            context: The block with its margin, on the canvas in pixels.
            block: Number of the block.
            valid: Window on the canvas that covers all patches of the context, and which of its pixels hold data
                (None: all).
            proceed: Called with 0..1 before every batch; raises to stop.

        Returns:
            high features (F, rows, cols) on cells of 8 pixels, zeros where not selected; and the selected cells.
        """
        side = self._source.canvas.patch_side
        rows, cols = context.height // CELL8, context.width // CELL8
        features = np.zeros((self._plan.channels, rows, cols), np.float32)
        selected = np.zeros((rows, cols), np.bool_)
        patches = touched_patches(context, side)
        todo = self._plan.selected[patches.slices()].copy()
        for row, col in np.argwhere(todo):
            place = patches.row + row, patches.col + col
            if place in self._kept:
                todo[row, col] = False
                self._lay(place, self._kept[place], context, (features, selected))
        for places, batch in self._batches(todo, patches, valid):
            proceed(0.9 * (places[0][0] - patches.row) / patches.height)
            for place, values in zip(places, self._streams.high(batch)):
                self._lay(place, values, context, (features, selected))
                if self._last_block[place] > block:
                    self._kept[place] = values.copy()  # not a view that would keep the whole batch alive
        for place in [place for place in self._kept if self._last_block[place] <= block]:
            del self._kept[place]
        return features, selected

    def _batches(
        self,
        todo: NDArray[np.bool_],
        patches: Window,
        valid: tuple[Window, NDArray[np.bool_] | None],
    ) -> Iterator[tuple[list[tuple[int, int]], NDArray[Any]]]:
        """Read the pixels of patches, contiguous runs at once, and yield them in batches with their places."""
        side, size = self._source.canvas.patch_side, self._plan.batch_size
        places: list[tuple[int, int]] = []
        images: list[NDArray[Any]] = []
        for row in range(patches.height):
            for first, end in runs(todo[row]):
                run = Window((patches.row + row) * side, (patches.col + first) * side, side, (end - first) * side)
                pixels = self._source.read_full(run, self._valid_of(run, valid))
                images.extend(pixels[:, :, start : start + side] for start in range(0, run.width, side))
                places.extend((patches.row + row, patches.col + col) for col in range(first, end))
                while len(places) >= size:
                    yield places[:size], np.stack(images[:size])
                    del places[:size], images[:size]
        if places:
            yield places, np.stack(images)

    def _valid_of(self, run: Window, valid: tuple[Window, NDArray[np.bool_] | None]) -> NDArray[np.bool_] | None:
        """Cut the valid mask of a run out of that of the block."""
        window, flags = valid
        canvas = self._source.canvas
        return None if flags is None else _cut(flags, window, run.clipped(canvas.data_height, canvas.data_width))

    def _lay(
        self,
        place: tuple[int, int],
        values: NDArray[np.float32],
        context: Window,
        grids: tuple[NDArray[np.float32], NDArray[np.bool_]],
    ) -> None:
        """Write one patch's features into the part of the context that it covers."""
        side = self._source.canvas.patch_side
        row, col = place[0] * side - context.row, place[1] * side - context.col
        top, left = max(0, row), max(0, col)
        bottom, right = min(row + side, context.height), min(col + side, context.width)
        features, selected = grids
        part = Window(top, left, bottom - top, right - left).slices(CELL8)
        inner = Window(top - row, left - col, bottom - top, right - left).slices(CELL8)
        features[(slice(None), *part)] = values[(slice(None), *inner)]
        selected[part] = True


def _patch_window(context: Window, canvas: Canvas) -> Window:
    """The pixels of all patches that a context touches."""
    side = canvas.patch_side
    patches = touched_patches(context, side)
    return Window(patches.row * side, patches.col * side, patches.height * side, patches.width * side)


def _cut(flags: NDArray[np.bool_], window: Window, part: Window) -> NDArray[np.bool_]:
    """Cut a part of the canvas out of the flags of a window."""
    row, col = part.row - window.row, part.col - window.col
    return flags[row : row + part.height, col : col + part.width]


def _cropped(
    labels: NDArray[np.uint8],
    uncertainty8: NDArray[np.uint8],
    windows: tuple[Window, Window],
    valid: NDArray[np.bool_] | None,
    cell: int,
) -> RefinedBlock:
    """Cut margin and padding off a fused context, and mark what holds no data.

    Args:
        labels: (h, w) of the context.
        uncertainty8: (2, h/8, w/8) of the context.
        windows: The context, and the block cut to where the raster has pixels.
        valid: (h, w) of the block, None when every pixel holds data.
        cell: Pixels per cell of the uncertainty to return.

    Returns:
        The finished block.
    """
    context, inside = windows
    top, left = inside.row - context.row, inside.col - context.col
    labels = labels[top : top + inside.height, left : left + inside.width]
    factor = CELL8 // cell
    rows, cols = -(-inside.height // cell), -(-inside.width // cell)
    cells = uncertainty8[:, top // CELL8 :, left // CELL8 :][:, : -(-rows // factor), : -(-cols // factor)]
    if factor > 1:
        cells = cells.repeat(factor, axis=1).repeat(factor, axis=2)[:, :rows, :cols]
    if valid is None:
        return RefinedBlock(inside.row, inside.col, labels, cells)
    labels = np.where(valid, labels, np.uint8(NODATA))
    padded = np.pad(valid, ((0, rows * cell - inside.height), (0, cols * cell - inside.width)))
    by_row = padded.reshape(rows, cell, cols * cell).any(axis=1)
    cells = np.where(by_row.reshape(rows, cols, cell).any(axis=2), cells, np.uint8(NODATA))
    return RefinedBlock(inside.row, inside.col, labels, cells)


def _empty_block(inside: Window, cell: int) -> RefinedBlock:
    """A block that holds no data."""
    cells = 2, -(-inside.height // cell), -(-inside.width // cell)
    labels = np.full((inside.height, inside.width), NODATA, np.uint8)
    return RefinedBlock(inside.row, inside.col, labels, np.full(cells, NODATA, np.uint8))
