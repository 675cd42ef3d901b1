"""The patches of the refine pass: which block reads which, and their features until no block needs them any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Union

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Windows
from uhrs_qgis_plugin.engine.familiarity import UnfamiliarMap
from uhrs_qgis_plugin.engine.flow import ArrayStore
from uhrs_qgis_plugin.engine.grid import CELL8, Canvas, Window, blocks, runs, touched_cells, window_around, with_margin
from uhrs_qgis_plugin.engine.inference import Arrays, Layout, ResidentFeatures
from uhrs_qgis_plugin.engine.segmentation.passes.canvas_source import CanvasSource
from uhrs_qgis_plugin.engine.segmentation.passes.selection import Selection

Place = tuple[int, int]  # row and column on the patch grid
Features = Union[NDArray[np.float32], ResidentFeatures]  # (N, F, p/8, p/8) of a batch
BAND = 16384  # pixels: the columns that blocks fill from top to bottom before they go on; see `plan_blocks`


@dataclass(frozen=True)
class RefinePlan:
    """How to refine a canvas.

    Attributes:
        blocks: The blocks with their numbers, which rise.
        batch_size: Patches per run of the high stream.
        cell: Pixels per cell of the uncertainty that is returned: 1, 2, 4 or 8.
        channels: Channels F of the high features.
        unfamiliar: What is unfamiliar, for a third band of the uncertainty; None without one.
        windows: In what surroundings a network sees a patch; None where it sees the patch alone.
    """

    blocks: tuple[tuple[int, Window], ...]
    batch_size: int
    cell: int
    channels: int
    unfamiliar: UnfamiliarMap | None = None
    windows: Windows | None = None

    def around(self, patch: Window, canvas: Canvas) -> Window:
        """Find the window in which a patch is seen; it begins inside the raster."""
        if self.windows is None:
            return patch
        return window_around(patch, self.windows.side, self.windows.margin, canvas.data_height, canvas.data_width)

    def patches(self, canvas: Canvas) -> Window:
        """Find the smallest window, in patches, that holds all that the blocks and their margins touch."""
        return patches_of(self.blocks, canvas)


@dataclass(frozen=True)
class PatchBatch:
    """Patches that a block is the first to need.

    Attributes:
        places: Where they lie on the patch grid.
        pixels: (N, B, p, p) numbers of the raster, or of windows around the patches.
        corners: (N, 2) first row and column of each patch in its window; None where patches are seen alone.
    """

    places: list[Place]
    pixels: NDArray[Any]
    corners: NDArray[np.int64] | None = None

    @property
    def inputs(self) -> Arrays:
        """What the high stream takes."""
        return (self.pixels,) if self.corners is None else (self.pixels, self.corners)


@dataclass(frozen=True)
class ReadBlock:
    """A block of which everything has been read; its batches came before.

    Attributes:
        index: Number of the block.
        block: Its window on the canvas.
        valid: (h, w) bool, which pixels of the raster in it hold data; None when all do.
        patches: The patches that the block and its margin touch, in patches.
        selected: (height, width) bool, which of them have high features.
        empty: Whether it holds no data; then nothing was read for it.
    """

    index: int
    block: Window
    valid: NDArray[np.bool_] | None
    patches: Window
    selected: NDArray[np.bool_]
    empty: bool = False


def plan_blocks(canvas: Canvas, shape: tuple[int, int]) -> tuple[tuple[int, Window], ...]:
    """Number the blocks of a canvas.

    Neighbours share blocks of the file at their borders. In bands of columns the row above is so near that these have
    not left GDAL's cache. Flat blocks are for files in strips, which are as wide as the raster: they make one band.

    Args:
        shape: Rows and columns of a block.

    Returns:
        (number, window), band by band, row-major in a band.
    """
    height, width = shape
    band = canvas.width if height < width else max(width, BAND // width * width)
    return tuple(enumerate(sorted(blocks(canvas, shape), key=lambda block: (block.col // band, block.row, block.col))))


def patches_of(blocks: Sequence[tuple[int, Window]], canvas: Canvas) -> Window:
    """Find the patches that blocks, by number and window, and their margins touch.

    Returns:
        The smallest window that holds them, in patches; an empty one where there are no blocks.
    """
    windows = [touched_cells(with_margin(window, canvas), canvas.patch_side) for _, window in blocks]
    if not windows:
        return Window(0, 0, 0, 0)
    row, col = min(window.row for window in windows), min(window.col for window in windows)
    end, col_end = max(window.row_end for window in windows), max(window.col_end for window in windows)
    return Window(row, col, end - row, col_end - col)


def read_patches(source: CanvasSource, plan: RefinePlan, selection: Selection) -> Iterator[PatchBatch | ReadBlock]:
    """Read what the blocks need: every selected patch once, by the first block that touches it.

    Args:
        plan: The blocks that are to be done.

    Yields:
        Per block its batches, then the block.
    """
    canvas, side = source.canvas, source.canvas.patch_side
    place = plan.patches(canvas)  # of all blocks: those of one task are few
    seen = np.zeros((place.height, place.width), np.bool_)
    has_first_look = plan.windows is None or plan.windows.has_first_look
    for index, block in plan.blocks:
        patches = touched_cells(with_margin(block, canvas), side)
        corners = (patches.row, patches.col), (patches.row_end - 1, patches.col_end - 1)
        reach = _spanning(*(plan.around(_pixels_of(row, col, side), canvas) for row, col in corners))
        inside = block.clipped(canvas.data_height, canvas.data_width)
        valid = source.read_valid(reach) if source.has_mask else None
        block_valid = None if valid is None else _cut(valid, reach, inside)
        if block_valid is not None and not block_valid.any():
            yield ReadBlock(index, block, block_valid, patches, np.zeros((0, 0), np.bool_), empty=True)
            continue
        selected = selection.flags(patches)
        if valid is not None and not has_first_look:  # only here it is known for certain where data are
            selected = selected & _holding_data(valid, reach, patches, canvas)
        here = patches.slices(within=place)
        todo = selected & ~seen[here]
        seen[here] |= selected
        yield from _batches(source, plan, todo, patches, (reach, valid))
        yield ReadBlock(index, block, block_valid, patches, selected)


def _batches(
    source: CanvasSource,
    plan: RefinePlan,
    todo: NDArray[np.bool_],
    patches: Window,
    mask: tuple[Window, NDArray[np.bool_] | None],
) -> Iterator[PatchBatch]:
    """Read the pixels of patches, contiguous runs at once, and yield them in batches with their places."""
    canvas, side, size = source.canvas, source.canvas.patch_side, plan.batch_size
    places: list[Place] = []
    images: list[NDArray[Any]] = []
    corners: list[Place] = []

    def batch() -> PatchBatch:
        """Take the oldest patches."""
        where = None if plan.windows is None else np.array(corners[:size], np.int64)
        taken = PatchBatch(places[:size], np.stack(images[:size]), where)
        del places[:size], images[:size], corners[:size]
        return taken

    together = list(_runs(todo, patches))
    around = [[plan.around(_pixels_of(*place, side), canvas) for place in run] for run in together]
    source.expect([_spanning(seen[0], seen[-1]) for seen in around])
    for run, seen in zip(together, around):
        reach = _spanning(seen[0], seen[-1])
        window, flags = mask
        if flags is not None:
            flags = _cut(flags, window, reach.clipped(canvas.data_height, canvas.data_width))
        pixels = source.read_full(reach, flags)
        images.extend(pixels[(slice(None), *part.slices(within=reach))] for part in seen)
        corners.extend((row * side - part.row, col * side - part.col) for (row, col), part in zip(run, seen))
        places.extend(run)
        while len(places) >= size:
            yield batch()
    if places:
        yield batch()


def _pixels_of(row: int, col: int, side: int) -> Window:
    """The pixels of a patch at a place of the patch grid."""
    return Window(row * side, col * side, side, side)


def _spanning(first: Window, last: Window) -> Window:
    """The window from the upper left corner of one to the lower right corner of another."""
    return Window(first.row, first.col, last.row_end - first.row, last.col_end - first.col)


def _holding_data(valid: NDArray[np.bool_], reach: Window, patches: Window, canvas: Canvas) -> NDArray[np.bool_]:
    """Tell which patches of a window in patches hold data, by the flags of its reach."""
    side = canvas.patch_side
    flags = np.zeros((patches.height, patches.width), np.bool_)
    for row, col in np.ndindex(flags.shape):
        inside = _pixels_of(patches.row + row, patches.col + col, side).clipped(canvas.data_height, canvas.data_width)
        flags[row, col] = inside.height > 0 and inside.width > 0 and _cut(valid, reach, inside).any()
    return flags


def _runs(todo: NDArray[np.bool_], patches: Window) -> Iterator[list[Place]]:
    """Contiguous patches of a row: their places on the patch grid."""
    for row in range(patches.height):
        for first, end in runs(todo[row]):
            yield [(patches.row + row, patches.col + col) for col in range(first, end)]


def _cut(flags: NDArray[np.bool_], window: Window, part: Window) -> NDArray[np.bool_]:
    """Cut a part of the canvas out of the flags of a window."""
    row, col = part.row - window.row, part.col - window.col
    return flags[row : row + part.height, col : col + part.width]


class PatchStore:
    """Keeps the high features of patches until the last block that touches them is done.

    Attributes:
        place: All patches that the blocks touch lie in this window, in patches.
    """

    def __init__(self, canvas: Canvas, plan: RefinePlan, arrays: ArrayStore, on_device: bool = False) -> None:
        """Note for every patch which block needs it last.

        Args:
            plan: The blocks that are to be done.
            arrays: Where patches wait for later blocks.
            on_device: Whether features stay on a device, which lays them out by itself.
        """
        self._side, self._on_device = canvas.patch_side, on_device
        self._canvas, self._channels, self._arrays = canvas, plan.channels, arrays
        self._fresh: dict[Place, tuple[Features, int]] = {}  # of the block that is next: a batch, and which of it
        self._stored: dict[Place, tuple[str, int]] = {}  # a piece, and which of its patches
        self._nothing = np.zeros((0, 0, 0), np.float32)
        self.place = plan.patches(canvas)
        self._last_block = np.full((self.place.height, self.place.width), -1, np.int32)
        for index, block in plan.blocks:
            patches = touched_cells(with_margin(block, canvas), self._side)
            self._last_block[patches.slices(within=self.place)] = index

    @property
    def touched(self) -> NDArray[np.bool_]:
        """Which patches the blocks and their margins touch: bool, of the size of `place`."""
        return self._last_block >= 0

    def __len__(self) -> int:
        """Patches that are kept."""
        return len(self._fresh) + len(self._stored)

    def add(self, places: Iterable[Place], features: Features) -> None:
        """Keep patches.

        Args:
            places: Where they lie on the patch grid.
            features: (N, F, p/8, p/8).
        """
        self._fresh.update((place, (features, index)) for index, place in enumerate(places))

    def lay(self, read: ReadBlock) -> tuple[NDArray[np.float32] | Layout, NDArray[np.bool_]]:
        """Lay the high features of a block and its margin on the grid, and drop what later blocks do not need.

        Returns:
            high features (F, rows, cols) on cells of 8 pixels, zeros where not selected, or their layout where they
            stay on a device; and the selected cells.
        """
        context = with_margin(read.block, self._canvas)
        places = [(read.patches.row + int(row), read.patches.col + int(col)) for row, col in np.argwhere(read.selected)]
        batches = self._batches_of(places)
        laid = self._layout(read, context, batches) if self._on_device else self._grids(context, batches)
        self._put_away(read.index)
        return laid

    def _batches_of(self, places: Iterable[Place]) -> list[tuple[Features, dict[Place, int]]]:
        """Where the features of patches are: batches, and which patch of it each place has."""
        found: dict[int | str, tuple[Features, dict[Place, int]]] = {}
        for place in places:
            if place in self._fresh:
                features, index = self._fresh[place]
                found.setdefault(id(features), (features, {}))[1][place] = index
            else:
                name, index = self._stored[place]
                if name not in found:
                    found[name] = self._arrays.get(name), {}
                found[name][1][place] = index
        return list(found.values())

    def _grids(
        self, context: Window, batches: Sequence[tuple[Features, dict[Place, int]]]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Lay features out here."""
        shape = self._channels, context.height // CELL8, context.width // CELL8
        if not batches:  # megabytes of zeros, which are only read: one array for all blocks of a size
            if self._nothing.shape != shape:
                self._nothing = np.zeros(shape, np.float32)
            return self._nothing, np.zeros(shape[1:], np.bool_)
        grids = np.zeros(shape, np.float32), np.zeros(shape[1:], np.bool_)
        for features, places in batches:
            array = np.asarray(features)
            for place, index in places.items():
                self._lay_one(place, array[index], context, grids)
        return grids

    def _layout(
        self, read: ReadBlock, context: Window, batches: Iterable[tuple[Features, dict[Place, int]]]
    ) -> tuple[Layout, NDArray[np.bool_]]:
        """Say where a device is to lay features out."""
        side, parts = self._side // CELL8, []
        for features, places in batches:
            squares = np.full(read.selected.shape, -1, np.int64)
            for (row, col), index in places.items():
                squares[row - read.patches.row, col - read.patches.col] = index
            if not isinstance(features, ResidentFeatures):  # of other blocks: only what is needed travels
                which = np.unique(squares[squares >= 0])
                features = np.asarray(features[which])
                squares[squares >= 0] = np.searchsorted(which, squares[squares >= 0])
            parts.append((features, squares))
        top, left = context.row // CELL8 - read.patches.row * side, context.col // CELL8 - read.patches.col * side
        rows, cols = (top, top + context.height // CELL8), (left, left + context.width // CELL8)
        selected = read.selected.repeat(side, 0).repeat(side, 1)[slice(*rows), slice(*cols)]
        return Layout(tuple(parts), rows, cols), selected

    def _put_away(self, block: int) -> None:
        """Store what blocks after this one need, and drop what none does."""
        later = [place for place in self._fresh if self._last_of(place) > block]
        before = {name for name, _ in self._stored.values()}
        self._stored = {place: where for place, where in self._stored.items() if self._last_of(place) > block}
        for name in before - {name for name, _ in self._stored.values()}:
            self._arrays.drop(name)
        if later:
            name = f"patches-{block:06}"
            arrays = [_taken(features, list(places.values())) for features, places in self._batches_of(later)]
            order = [place for _, places in self._batches_of(later) for place in places]
            self._arrays.put(name, np.concatenate(arrays))
            self._stored.update((place, (name, index)) for index, place in enumerate(order))
        self._fresh = {}

    def _last_of(self, place: Place) -> int:
        """Number of the block that needs a patch last."""
        return int(self._last_block[place[0] - self.place.row, place[1] - self.place.col])

    def _lay_one(
        self,
        place: Place,
        patch: NDArray[np.float32],
        context: Window,
        grids: tuple[NDArray[np.float32], NDArray[np.bool_]],
    ) -> None:
        """Write one patch's features into the part of the context that it covers."""
        side = self._side
        row, col = place[0] * side - context.row, place[1] * side - context.col
        top, left = max(0, row), max(0, col)
        bottom, right = min(row + side, context.height), min(col + side, context.width)
        features, selected = grids
        part = Window(top, left, bottom - top, right - left).slices(CELL8)
        inner = Window(top - row, left - col, bottom - top, right - left).slices(CELL8)
        features[(slice(None), *part)] = patch[(slice(None), *inner)]
        selected[part] = True


def _taken(features: Features, which: list[int]) -> NDArray[np.float32]:
    """Some patches of a batch, in an array of their own."""
    return features.take(which) if isinstance(features, ResidentFeatures) else features[which]
