"""The refine pass: block by block, high stream on the selected patches, both streams fused into labels."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import CELL8, Window, with_margin
from uhrs_qgis_plugin.engine.inference import InterruptibleStreams
from uhrs_qgis_plugin.engine.outputs import RefinedBlock
from uhrs_qgis_plugin.engine.results import NODATA
from uhrs_qgis_plugin.engine.segmentation.coarse_map import CoarseMap
from uhrs_qgis_plugin.engine.segmentation.refine_plan import PatchBatch, PatchStore, ReadBlock, RefinePlan
from uhrs_qgis_plugin.engine.segmentation.selection import Costs, Selection


def refine(
    items: Iterable[PatchBatch | ReadBlock],
    network: InterruptibleStreams,
    coarse: CoarseMap,
    plan: RefinePlan,
    selection: Selection,
    watch: Watch,
) -> Iterator[RefinedBlock]:
    """Refine the blocks of a plan.

    Every selected patch runs through the high stream once. A block is fused with a margin of 32 pixels of its
    neighbours, so that the result does not depend on how the canvas is cut into blocks. Some batches are under way
    while those before are laid out, so that the network never waits.

    Args:
        items: From `read_patches`, for the same plan.
        network: The model.
        coarse: The coarse map of the canvas.
        plan: What to refine, and how.
        selection: Told what each block took.
        watch: Reports and stops before every block and batch.

    Yields:
        The blocks, in the order of the plan; they cover the pixels of the raster once.
    """
    refinement = _Refinement(network, coarse, plan, selection)
    for item in items:
        watch.report(refinement.share)
        yield from refinement.take(item)
    yield from refinement.rest()


class _Refinement:
    """What is under way: batches in the high stream, blocks that wait for theirs, and blocks that are fused."""

    def __init__(
        self, network: InterruptibleStreams, coarse: CoarseMap, plan: RefinePlan, selection: Selection
    ) -> None:
        self._network, self._coarse, self._plan, self._selection = network, coarse, plan, selection
        self._store = PatchStore(coarse.canvas, plan, coarse.pieces)
        self._waiting: deque[tuple[PatchBatch, Future[Any]] | ReadBlock] = deque()
        self._fused: deque[tuple[ReadBlock, Future[Any] | None]] = deque()
        self._done, self._patches, self._high_seconds = 0, 0, 0.0
        self._begun = time.perf_counter()

    @property
    def share(self) -> float:
        """How much is done; a block's batches are not known beforehand, so the share nears the next block's."""
        return (self._done + 0.9 * (1 - 0.9 ** (self._patches / self._plan.batch_size))) / len(self._plan.blocks)

    def take(self, item: PatchBatch | ReadBlock) -> Iterator[RefinedBlock]:
        """Begin with an item, and give what is finished by now."""
        if isinstance(item, PatchBatch):
            self._waiting.append((item, self._network.start_high(item.pixels)))
        else:
            self._waiting.append(item)
        while len(self._waiting) > 2 * self._network.lanes:
            yield from self._advance()

    def rest(self) -> Iterator[RefinedBlock]:
        """Finish everything."""
        while self._waiting:
            yield from self._advance()
        while self._fused:
            yield self._finish()

    def _advance(self) -> Iterator[RefinedBlock]:
        """Go on with the oldest item that waits."""
        item = self._waiting.popleft()
        if isinstance(item, tuple):
            batch, run = item
            features, seconds = self._network.wait(run)
            self._store.add(batch.places, features)
            self._patches += len(batch.places)
            self._high_seconds += seconds / self._network.lanes
            return
        self._fused.append((item, None if item.empty else self._start_fuse(item)))
        now = time.perf_counter()
        self._selection.spent(self._patches, self._high_seconds, now - self._begun)
        self._done += 1
        self._patches, self._high_seconds, self._begun = 0, 0.0, now
        if len(self._fused) > self._network.lanes:
            yield self._finish()

    def _start_fuse(self, read: ReadBlock) -> Future[Any]:
        """Begin to fuse a block with its margin."""
        context = with_margin(read.block, self._coarse.canvas)
        high_features, selected = self._store.lay(read)
        return self._network.start_fuse(
            self._coarse.features(context)[np.newaxis],
            self._coarse.uncertainty(context)[np.newaxis, np.newaxis],
            high_features[np.newaxis],
            selected[np.newaxis, np.newaxis],
        )

    def _finish(self) -> RefinedBlock:
        """Wait for the oldest fused block, and cut its margin off."""
        read, run = self._fused.popleft()
        canvas = self._coarse.canvas
        inside = read.block.clipped(canvas.data_height, canvas.data_width)
        if run is None:
            return _empty_block(read.index, inside, self._plan.cell)
        (labels, uncertainty8), _ = self._network.wait(run)
        windows = with_margin(read.block, canvas), inside
        return _cropped(read.index, (labels[0], uncertainty8[0]), windows, read.valid, self._plan.cell)


def measure_costs(network: InterruptibleStreams, coarse: CoarseMap, plan: RefinePlan, patches: NDArray[Any]) -> Costs:
    """Time a batch in every lane, and a block, on empty arrays, the second run of each: the first warms up.

    Args:
        network: The model.
        coarse: The coarse map.
        plan: Tells the blocks.
        patches: (N, B, p, p) any numbers.

    Returns:
        A first guess of what the refine pass takes.
    """
    if not plan.blocks:
        return Costs(0.0, 0.0)
    canvas, block = coarse.canvas, max((block for _, block in plan.blocks), key=lambda b: b.height * b.width)
    context = with_margin(block, canvas)
    cells = context.height // CELL8, context.width // CELL8
    high_features, selected = np.zeros((1, plan.channels, *cells), np.float32), np.zeros((1, 1, *cells), np.bool_)
    low_features, uncertainty = (
        coarse.features(context)[np.newaxis],
        coarse.uncertainty(context)[np.newaxis, np.newaxis],
    )
    for _ in range(2):
        times = [time.perf_counter()]
        for run in [network.start_high(patches) for _ in range(network.lanes)]:
            network.wait(run)
        times.append(time.perf_counter())
        network.fuse(low_features, uncertainty, high_features, selected)
        times.append(time.perf_counter())
    fuse_seconds = (times[2] - times[1]) / network.lanes
    return Costs((times[1] - times[0]) / (network.lanes * len(patches)), fuse_seconds)


def _cropped(
    index: int,
    fused: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    windows: tuple[Window, Window],
    valid: NDArray[np.bool_] | None,
    cell: int,
) -> RefinedBlock:
    """Cut margin and padding off a fused context, and mark what holds no data.

    Args:
        index: Number of the block.
        fused: labels (h, w) and 254 * uncertainties (2, h/8, w/8) of the context.
        windows: The context, and the block cut to where the raster has pixels.
        valid: (h, w) of the block, None when every pixel holds data.
        cell: Pixels per cell of the uncertainty to return.

    Returns:
        The finished block.
    """
    (labels, uncertainty8), (context, inside) = fused, windows
    top, left = inside.row - context.row, inside.col - context.col
    labels = labels[top : top + inside.height, left : left + inside.width]
    factor = CELL8 // cell
    rows, cols = -(-inside.height // cell), -(-inside.width // cell)
    cells = uncertainty8[:, top // CELL8 :, left // CELL8 :][:, : -(-rows // factor), : -(-cols // factor)]
    if factor > 1:
        cells = cells.repeat(factor, axis=1).repeat(factor, axis=2)[:, :rows, :cols]
    if valid is None:
        return RefinedBlock(index, inside.row, inside.col, labels, cells)
    labels = np.where(valid, labels, np.uint8(NODATA))
    padded = np.pad(valid, ((0, rows * cell - inside.height), (0, cols * cell - inside.width)))
    by_row = padded.reshape(rows, cell, cols * cell).any(axis=1)
    cells = np.where(by_row.reshape(rows, cols, cell).any(axis=2), cells, np.uint8(NODATA))
    return RefinedBlock(index, inside.row, inside.col, labels, cells)


def _empty_block(index: int, inside: Window, cell: int) -> RefinedBlock:
    """A block that holds no data."""
    cells = 2, -(-inside.height // cell), -(-inside.width // cell)
    labels = np.full((inside.height, inside.width), NODATA, np.uint8)
    return RefinedBlock(index, inside.row, inside.col, labels, np.full(cells, NODATA, np.uint8), empty=True)
