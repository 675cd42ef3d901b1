"""Segmenting a scene of any size in flat memory: part by part, equal to segmenting it whole.

The order is the engine's. The low stream runs once, on scenes of up to 5120 pixels that are blended where they overlap,
so that an image of up to this size is one scene. Patches are chosen over the whole image. Then block by block the
high stream runs on the chosen patches, and both streams are fused, with a margin of the neighbours around each block.
What is kept of the whole image has one cell for 16x16 pixels or less: a third of a byte a pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.data.arrays import PixelArray
from training.errors import SettingsError
from training.networks import (
    DOWN_RATIO,
    FUSED_CHANNELS,
    DualStream,
    Grid,
    LowOutput,
    Network,
    Output,
    replicate,
    resize,
    select,
)
from uhrs_qgis_plugin.engine.flow import ReadAhead
from uhrs_qgis_plugin.engine.grid import (
    CELL8,
    CELL32,
    Canvas,
    Window,
    blocks,
    fit_side,
    scenes,
    touched_cells,
    with_margin,
)
from uhrs_qgis_plugin.engine.raster import bounded_memory
from uhrs_qgis_plugin.engine.segmentation import Options, scene_weights

SCENE, OVERLAP = Options.scene_side, Options.scene_overlap  # pixels: largest side of a scene, and what neighbours share
BLOCK = 1024  # pixels: side of a block
_STRIP_ROWS = 512  # read at a time for the low stream, a multiple of 4
_BATCH_PIXELS = 1 << 20  # of patches that the high stream sees at once
_DEPTH = 2  # blocks read ahead

_Take = Callable[
    [Tensor, npt.NDArray[np.bool_]], Any
]  # logits (1, C, h, w), selected cells of 8x8 pixels -> what is kept


@dataclass(frozen=True)
class Part:
    """A part of a segmented scene.

    Attributes:
        window: its pixels.
        labels: of each K, (h, w) uint8 on the network's device.
        low_labels: (h, w) uint8 of the low stream's own classifier; None where the network has none.
        truth: (h, w), what the given labels hold there; None where none were given.
    """

    window: Window
    labels: list[Tensor]
    low_labels: Tensor | None
    truth: npt.NDArray[np.uint8] | None


@dataclass(frozen=True)
class Scored:
    """A part of a scene with its logits.

    Attributes:
        window: its pixels.
        logits: of each K, (C, h, w) on the network's device.
        chosen: of each K, (h, w) bool: where patches are selected.
        truth: (h, w), what the given labels hold there.
    """

    window: Window
    logits: list[Tensor]
    chosen: list[npt.NDArray[np.bool_]]
    truth: npt.NDArray[np.uint8]


class SegmentedScene:
    """The parts of a scene, segmented at several K.

    Networks that are no dual-stream network with patches of a fixed side see the whole image at once.

    Args:
        network: in evaluation mode.
        image: (B, H, W) in the raster's own numbers.
        ratios: K; one number for networks without K.
        bias: (1, C, 1, 1), added to all logits; None adds nothing.
        scene: largest side of a scene in pixels.
        block: side of a block in pixels.
    """

    def __init__(
        self,
        network: Network,
        image: PixelArray,
        ratios: Sequence[float],
        bias: Tensor | None = None,
        scene: int = SCENE,
        block: int = BLOCK,
    ) -> None:
        self.network, self.image, self.ratios = network, image, tuple(ratios)
        self.bias = network.mean.new_zeros(()) if bias is None else bias
        self._streams: _Streams | None = None
        self._block = block
        if not sees_whole(network):
            with bounded_memory():
                self._streams = _Streams(cast(DualStream, network), image, scene)
        self._uncertainty: Tensor | None = None if self._streams is None else self._streams.uncertainty

    @property
    def uncertainty(self) -> npt.NDArray[np.float32] | None:
        """U (h, w) in [0, 1], coarser than the image; None where the network has none, or no part was asked for yet."""
        return None if self._uncertainty is None else self._uncertainty[0, 0].float().cpu().numpy()

    def uncertainty_of(self, window: Window) -> npt.NDArray[np.float32] | None:
        """U of the cells that a window of pixels touches; None as in `uncertainty`."""
        u = self.uncertainty
        if u is None:
            return None
        canvas = (
            self.image.shape[1:] if self._streams is None else (self._streams.canvas.height, self._streams.canvas.width)
        )
        (top, bottom), (left, right) = (
            (start * cells // length, -(-end * cells // length))
            for start, end, cells, length in (
                (window.row, window.row_end, u.shape[0], canvas[0]),
                (window.col, window.col_end, u.shape[1], canvas[1]),
            )
        )
        return u[top:bottom, left:right]

    @torch.inference_mode()
    def parts(self, truth: PixelArray | None = None) -> Iterator[Part]:
        """The parts, each pixel once.

        Args:
            truth: labels (H, W) that are read along.
        """
        if self._streams is None:
            yield self._whole(truth)
        else:
            with bounded_memory():
                made = self._streams.parts(self.ratios, self.bias, truth, self._block, lambda full, _: _highest(full))
                for window, (low, *labels), known in made:
                    yield Part(window, labels, low, known)

    @torch.inference_mode()
    def scored(self, truth: PixelArray) -> Iterator[Scored]:
        """The parts with their logits in place of labels.

        Args:
            truth: labels (H, W) that are read along.

        Raises:
            SettingsError: The network is no dual-stream network with patches of a fixed side.
        """
        if self._streams is None:
            raise SettingsError("This network chooses no patches of a fixed side; give one that bundles can carry")
        with bounded_memory():
            for window, (_, *every), known in self._streams.parts(
                self.ratios, self.bias, truth, self._block, lambda full, chosen: (full[0], chosen)
            ):
                logits, cells = zip(*every, strict=True)
                chosen = [c.repeat(CELL8, 0).repeat(CELL8, 1)[: window.height, : window.width] for c in cells]
                yield Scored(window, list(logits), chosen, np.asarray(known))

    def _whole(self, truth: PixelArray | None) -> Part:
        """All in one part."""
        network, low = self.network, None
        image = as_input(np.asarray(self.image), network)
        labels = []
        for ratio in self.ratios:
            output = network(image, ratio)
            labels.append(_highest(network.full_logits(output) + self.bias))
            low_logits = network.low_logits(output) if low is None else None
            low = low if low_logits is None else _highest(low_logits + self.bias)
            self._uncertainty = output.uncertainty if isinstance(output, Output) else None
        window = Window(0, 0, *self.image.shape[1:])
        return Part(window, labels, low, None if truth is None else np.asarray(truth))


def sees_whole(network: Network) -> bool:
    """Whether a network must see a scene at once: all but the dual-stream one with patches of a fixed side."""
    return not isinstance(network, DualStream) or network.settings.patch_grid is not None


def as_input(image: npt.NDArray[Any], network: Network) -> Tensor:
    """An image (B, h, w) as a network takes it, (1, B, h, w) on its device; bytes travel as bytes."""
    numbers = image if image.dtype == np.uint8 else image.astype(np.float32)
    pixels = torch.from_numpy(np.ascontiguousarray(numbers))[None].to(network.mean.device).to(network.mean.dtype)
    return pixels.contiguous(memory_format=torch.channels_last)


class _Streams:
    """The low stream's maps of a whole image, and what the high stream adds to them.

    Attributes:
        uncertainty: U on the 1/8 map of the canvas (1, 1, H/8, W/8).
    """

    @torch.inference_mode()
    def __init__(self, network: DualStream, image: PixelArray, scene: int) -> None:
        self._network, self._image = network, image
        height, width = image.shape[1:]
        self._side = network.settings.patch_side
        self.canvas = Canvas(height, width, self._side)
        self.grid = Grid.fixed(self.canvas.height, self.canvas.width, self._side)
        self._low, u = self._look_coarsely(scene)
        self.score = network.score(self._low, u, self.grid)
        self.uncertainty = resize(u, self.grid.size8)

    def _look_coarsely(self, side: int) -> tuple[LowOutput, Tensor]:
        """The low stream's maps and U at its own resolution, of the canvas; without the encoder's features."""
        canvas, unit = self.canvas, self.canvas.unit
        windows = scenes(canvas, fit_side(max(side, OVERLAP + unit), self._side), OVERLAP)
        if len(windows) == 1:
            low, u = self._look_at(windows[0][0])
            return LowOutput((), low.features, low.logits, low.residual), u  # type: ignore[arg-type]  # not needed
        totals: list[Tensor] = []
        for window, place in windows:
            low, u = self._look_at(window)
            maps = (low.features, low.logits, low.residual, u)
            if not totals:
                totals = [m.new_zeros(1, m.shape[1], *canvas.cells(window.height // m.shape[-2])) for m in maps]
            for number, (total, values) in enumerate(zip(totals, maps, strict=True)):
                cell = window.height // values.shape[-2]
                weight = _weight([w for w, _ in windows], place, CELL32 if number < 2 else cell, cell)
                total[(..., *window.slices(cell))] += torch.from_numpy(weight).to(values) * values
        return LowOutput((), *totals[:3]), totals[3]  # type: ignore[arg-type]

    def _look_at(self, window: Window) -> tuple[LowOutput, Tensor]:
        """The low stream and U of one scene."""
        network = self._network
        low = network.low(self._small(window))
        return low, network.uncertainty(low, (window.height // CELL8, window.width // CELL8))

    def _small(self, window: Window) -> Tensor:
        """A scene at 1/4 scale, padded where the canvas is larger than the image; see `Network.both_scales`."""
        inside = window.clipped(*self._image.shape[1:])
        strips: list[Tensor] = []
        for row in range(inside.row, inside.row_end, _STRIP_ROWS):
            end = min(row + _STRIP_ROWS, inside.row_end)
            if strips and end - row < DOWN_RATIO:
                break  # an incomplete last cell is left out
            pixels = self._image[:, row:end, inside.col : inside.col_end]
            strips.append(self._network.downsample(replicate(as_input(pixels, self._network), DOWN_RATIO, DOWN_RATIO)))
        small = replicate(torch.cat(strips, 2), window.height // DOWN_RATIO, window.width // DOWN_RATIO)
        return small.contiguous(memory_format=torch.channels_last)

    def parts(
        self, ratios: Sequence[float], bias: Tensor, truth: PixelArray | None, block: int, take: _Take
    ) -> Iterator[tuple[Window, list[Any], npt.NDArray[np.uint8] | None]]:
        """The window of each part; what `take` makes of the logits there, of the low stream's and of each K; truth."""
        shape = self.canvas.patch_shape
        selected = [self._selected(ratio).reshape(shape) for ratio in ratios]
        plan = blocks(self.canvas, (fit_side(block, self._side),) * 2)
        high = _HighFeatures(self.canvas, plan, np.logical_or.reduce(selected))
        with ReadAhead(lambda: high.read(self._image, truth), _DEPTH, lambda: None) as items:
            for item in items:
                high.add(item, self._network)
                inside = item.block.clipped(*self._image.shape[1:])
                yield inside, self._fused(item.block, inside, selected, high, bias, take), item.truth

    def _selected(self, ratio: float) -> npt.NDArray[np.bool_]:
        """Flags of the patches (patches,)."""
        flags = np.zeros(self.score.shape[1], np.bool_)
        flags[select(self.score, ratio)[0].cpu().numpy()] = True
        return flags

    def _fused(
        self,
        block: Window,
        inside: Window,
        selected: Sequence[npt.NDArray[np.bool_]],
        high: _HighFeatures,
        bias: Tensor,
        take: _Take,
    ) -> list[Any]:
        """What `take` makes of a block: of the low stream, then of each K."""
        network, low, context = self._network, self._low, with_margin(block, self.canvas)
        features, logits = (_cut(x, context, self.canvas) for x in (low.features, low.logits))
        u = _cut(self.uncertainty, context, self.canvas)
        f_high = high.lay(context, u)
        made = [take(self._full(logits, context, inside, bias), np.zeros((0, 0), np.bool_))]
        known: dict[bytes, Any] = {}
        for flags in selected:
            mask = _spread(flags, context, self._side)
            key = mask.tobytes()
            if key not in known:
                chosen = torch.from_numpy(mask)[None, None].to(u.device)
                _, final = network.fuse(features, logits, f_high, u, chosen)
                known[key] = take(self._full(final, context, inside, bias), _spread(flags, block, self._side))
            made.append(known[key])
        return made

    @staticmethod
    def _full(maps: Tensor, context: Window, inside: Window, bias: Tensor) -> Tensor:
        """Logits (1, C, h, w) of a context -> of the pixels of the block in it."""
        full = resize(maps, (context.height, context.width))[(..., *inside.relative_to(context).slices())]
        return full + bias


@dataclass(frozen=True)
class _Read:
    """A block that has been read.

    Attributes:
        block: its window on the canvas.
        index: its number.
        places: row and column of its new patches on the patch grid.
        patches: (N, B, p, p) of them; None where there are none.
        truth: its labels.
    """

    block: Window
    index: int
    places: list[tuple[int, int]]
    patches: npt.NDArray[Any] | None
    truth: npt.NDArray[np.uint8] | None


class _HighFeatures:
    """Features of patches, from the first block that touches them to the last.

    Args:
        plan: the blocks.
        wanted: (patch rows, patch cols) bool, patches that are chosen at some K.
    """

    def __init__(self, canvas: Canvas, plan: Sequence[Window], wanted: npt.NDArray[np.bool_]) -> None:
        self._canvas, self._plan, self._side = canvas, plan, canvas.patch_side
        self._touched = [touched_cells(with_margin(block, canvas), self._side) for block in plan]
        self._first, self._last = np.full(wanted.shape, -1), np.full(wanted.shape, -1)
        for index, patches in enumerate(self._touched):
            place = patches.slices()
            self._last[place] = index
            self._first[place] = np.where(self._first[place] < 0, index, self._first[place])
        self._first[~wanted] = -1
        self._there: dict[tuple[int, int], Tensor] = {}

    def read(self, image: PixelArray, truth: PixelArray | None) -> Iterator[_Read]:
        """Read block by block; runs in a thread of its own."""
        height, width = image.shape[1:]
        for index, block in enumerate(self._plan):
            places = [(int(row), int(col)) for row, col in np.argwhere(self._first == index)]
            inside = block.clipped(height, width)
            labels = None if truth is None else np.asarray(truth[inside.slices()])
            yield _Read(block, index, places, self._patches(image, places) if places else None, labels)

    def _patches(self, image: PixelArray, places: Sequence[tuple[int, int]]) -> npt.NDArray[Any]:
        """The pixels of patches (N, B, p, p), the last row and column repeated beyond the image."""
        side, corner = self._side, np.array(places)
        (top, left), (bottom, right) = corner.min(0) * side, (corner.max(0) + 1) * side
        rows, cols = (
            np.minimum(np.arange(start, end), length - 1)
            for start, end, length in zip((top, left), (bottom, right), image.shape[1:], strict=True)
        )
        region = image[:, rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        if region.shape[1:] != (len(rows), len(cols)):
            region = region[:, (rows - rows[0])[:, None], cols - cols[0]]
        starts = [(row * side - top, col * side - left) for row, col in places]
        return np.stack([region[:, row : row + side, col : col + side] for row, col in starts])

    def add(self, item: _Read, network: DualStream) -> None:
        """Run the high stream on the new patches of a block, and forget those that no block needs any more."""
        done = [place for place in self._there if self._last[place] < item.index]
        for place in done:
            del self._there[place]
        if item.patches is None:
            return
        size = max(1, _BATCH_PIXELS // self._side**2)
        for start in range(0, len(item.places), size):
            batch = item.patches[start : start + size]
            shape = batch.shape
            pixels = as_input(batch.reshape(1, -1, shape[-1]), network).reshape(shape)
            features = network.high(pixels.contiguous(memory_format=torch.channels_last))
            for place, values in zip(item.places[start : start + size], features.unbind(), strict=True):
                # What later blocks need is copied: a view would keep the whole batch.
                self._there[place] = values.clone() if self._last[place] > item.index else values

    def lay(self, context: Window, like: Tensor) -> Tensor:
        """The features that are there on the 1/8 map of a context (1, F, h/8, w/8); zero elsewhere."""
        patches, cells = touched_cells(context, self._side), self._side // CELL8
        found = next(iter(self._there.values()), None)
        grid = like.new_zeros(1, FUSED_CHANNELS, patches.height * cells, patches.width * cells)
        grid = grid if found is None else grid.to(found.dtype)
        for (row, col), features in self._there.items():
            if patches.row <= row < patches.row_end and patches.col <= col < patches.col_end:
                down, across = (row - patches.row) * cells, (col - patches.col) * cells
                grid[0, :, down : down + cells, across : across + cells] = features
        corner = Window(patches.row * self._side, patches.col * self._side, 0, 0)
        return grid[(..., *context.relative_to(corner).slices(CELL8))]


def _weight(windows: Sequence[Window], place: tuple[int, int], step: int, cell: int) -> npt.NDArray[np.float32]:
    """The weight of a scene where scenes overlap, one number a cell (h, w).

    Args:
        place: its row and column among the scenes.
        step: pixels in which weights change; as in the engine 32 for features and logits.
        cell: pixels a cell, a part of `step`.
    """
    height, width = windows[0].height, windows[0].width
    down = scene_weights(sorted({w.row for w in windows}), height, step)[place[0]]
    across = scene_weights(sorted({w.col for w in windows}), width, step)[place[1]]
    return (down[:, None] * across).repeat(step // cell, 0).repeat(step // cell, 1)


def _cut(maps: Tensor, context: Window, canvas: Canvas) -> Tensor:
    """The part of maps (1, C, h, w) of the canvas that a context covers."""
    return maps[(..., *context.slices(canvas.height // maps.shape[-2]))]


def _spread(flags: npt.NDArray[np.bool_], context: Window, side: int) -> npt.NDArray[np.bool_]:
    """Flags of patches -> of the cells of 8x8 pixels of a context."""
    rows, cols = (
        np.arange(start // CELL8, end // CELL8) * CELL8 // side
        for start, end in ((context.row, context.row_end), (context.col, context.col_end))
    )
    return flags[rows[:, None], cols]


def _highest(logits: Tensor) -> Tensor:
    """(1, C, h, w) -> (h, w) uint8."""
    return logits.max(1).indices[0].to(torch.uint8)
