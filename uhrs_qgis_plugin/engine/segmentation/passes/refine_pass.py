"""The refine pass: block by block, high stream on the selected patches, both streams fused into labels."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import Any

from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import with_margin
from uhrs_qgis_plugin.engine.inference import Arrays, InterruptibleStreams
from uhrs_qgis_plugin.engine.outputs import RefinedBlock
from uhrs_qgis_plugin.engine.segmentation.passes.coarse_map import CoarseMap
from uhrs_qgis_plugin.engine.segmentation.passes.fused_block import (
    empty_block,
    finished_block,
    fusion_inputs,
    nothing_selected,
    with_unfamiliar,
)
from uhrs_qgis_plugin.engine.segmentation.passes.refine_plan import PatchBatch, PatchStore, ReadBlock, RefinePlan
from uhrs_qgis_plugin.engine.segmentation.passes.selection import Costs, Selection


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
        self._store = PatchStore(coarse.canvas, plan, coarse.store, network.keeps_features)
        self._waiting: deque[tuple[PatchBatch, Future[Any]] | ReadBlock] = deque()
        self._fused: deque[tuple[ReadBlock, Future[Any] | None]] = deque()
        self._expected = selection.expected(self._store.place, self._store.touched)
        self._done, self._all_patches = 0, 0  # blocks; patches
        self._patches, self._high_seconds = 0, 0.0  # of the block that is next
        self._begun = time.perf_counter()

    @property
    def share(self) -> float:
        """How much is done: blocks, and patches as well where it is known how many there will be."""
        blocks = self._done / len(self._plan.blocks)
        if not self._expected:
            return blocks
        return (blocks + min(1.0, self._all_patches / self._expected)) / 2

    def take(self, item: PatchBatch | ReadBlock) -> Iterator[RefinedBlock]:
        """Begin with an item, and give what is finished by now."""
        if isinstance(item, PatchBatch):
            self._waiting.append((item, self._network.submit("high", item.inputs)))
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
            (features,), seconds = self._network.wait(run)
            self._store.add(batch.places, features)
            self._patches += len(batch.places)
            self._all_patches += len(batch.places)
            self._high_seconds += seconds / self._network.lanes
            return
        self._fused.append((item, None if item.empty else self._start_fuse(item)))
        now = time.perf_counter()
        self._selection.record_cost(self._patches, self._high_seconds, now - self._begun)
        self._done += 1
        self._patches, self._high_seconds, self._begun = 0, 0.0, now
        while len(self._fused) > self._network.lanes or (self._fused and self._is_fused(self._fused[0])):
            yield self._finish()

    def _is_fused(self, block: tuple[ReadBlock, Future[Any] | None]) -> bool:
        """Whether nothing of a block is under way any more."""
        return block[1] is None or block[1].done()

    def _start_fuse(self, read: ReadBlock) -> Future[Any]:
        """Begin to fuse a block with its margin."""
        context = with_margin(read.block, self._coarse.canvas)
        return self._network.submit("fuse", fusion_inputs(self._coarse, context, *self._store.lay(read)))

    def _finish(self) -> RefinedBlock:
        """Wait for the oldest fused block, and cut its margin off."""
        read, run = self._fused.popleft()
        canvas = self._coarse.canvas
        inside = read.block.clipped(canvas.data_height, canvas.data_width)
        cell, unfamiliar = self._plan.cell, self._plan.unfamiliar
        if run is None:
            return with_unfamiliar(empty_block(read.index, inside, cell), inside, cell, unfamiliar)
        fused, _ = self._network.wait(run)
        block = finished_block(read.index, fused, with_margin(read.block, canvas), inside, read.valid, cell)
        return with_unfamiliar(block, inside, cell, unfamiliar)


def measure_costs(network: InterruptibleStreams, coarse: CoarseMap, plan: RefinePlan, patches: Arrays) -> Costs:
    """Time a batch in every lane, and a block, on empty arrays, the second run of each: the first warms up.

    Args:
        patches: What the high stream takes, any numbers.

    Returns:
        A first guess of what the refine pass takes.
    """
    if not plan.blocks:
        return Costs(0.0, 0.0)
    canvas, block = coarse.canvas, max((block for _, block in plan.blocks), key=lambda b: b.height * b.width)
    context = with_margin(block, canvas)
    fusion = fusion_inputs(coarse, context, *nothing_selected(context, plan.channels))
    for _ in range(2):
        times = [time.perf_counter()]
        for run in [network.submit("high", patches) for _ in range(network.lanes)]:
            network.wait(run)
        times.append(time.perf_counter())
        network.run("fuse", fusion)
        times.append(time.perf_counter())
    fuse_seconds = (times[2] - times[1]) / network.lanes
    return Costs((times[1] - times[0]) / (network.lanes * len(patches[0])), fuse_seconds)
