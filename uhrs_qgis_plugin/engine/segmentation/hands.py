"""Who does the work of both passes, and makes what is published: this process, or workers elsewhere (`spreading`)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from uhrs_qgis_plugin.engine.flow import ArrayStore, ReadAhead, Watch, WriteBehind, in_threads
from uhrs_qgis_plugin.engine.inference import InterruptibleStreams, OpenStreams, usable_cores
from uhrs_qgis_plugin.engine.outputs import BlockFiles, RefinedBlock, Strip, make_strip
from uhrs_qgis_plugin.engine.segmentation.passes import (
    CoarseMap,
    Costs,
    PatchBatch,
    ReadBlock,
    ReadStatistics,
    RefinePlan,
    SceneGrid,
    Selection,
    SharedRaster,
    Slab,
    map_scenes,
    measure_costs,
    read_patches,
    read_slabs,
    refine,
)
from uhrs_qgis_plugin.engine.segmentation.planning import SegmentationJob

SLABS_AHEAD = 2
BLOCKS_BEHIND = 2
MOST_STRIPS = 16  # that are made at a time
Strips = Generator[tuple[Strip, Path], None, None]  # with their files


class Hands(Protocol):
    """Who does the work of both passes, and makes what is published."""

    def map_scenes(
        self, grid: SceneGrid, scenes: Sequence[int], store: ArrayStore, statistics: ReadStatistics, watch: Watch
    ) -> None:
        """Run the low stream over scenes.

        Args:
            scenes: Numbers of the scenes, rising.
            store: Where they are kept.
            statistics: What was read is added to it.
        """

    def measure_costs(self, coarse: CoarseMap, plan: RefinePlan) -> Costs:
        """Give a first guess of what the refine pass takes."""

    def refine(
        self,
        coarse: CoarseMap,
        plan: RefinePlan,
        selection: Selection,
        blocks: BlockFiles,
        statistics: ReadStatistics,
        watch: Watch,
    ) -> None:
        """Refine the blocks of a plan.

        Args:
            blocks: Where they are written.
            statistics: What was read is added to it.
        """

    def make_strips(self, strips: Sequence[Strip], blocks: BlockFiles, watch: Watch) -> Strips:
        """Make strips of the finished blocks.

        Args:
            strips: From `strips_of`.
            blocks: All of them.

        Yields:
            Each strip with its file, in the same order, as soon as it is there.
        """

    def forget(self, graph: str) -> None:
        """Give back the memory of a graph that will not be run any more."""


@dataclass(frozen=True)
class OwnHands(Hands):
    """This process: one thread reads ahead, this one computes, one writes behind.

    Attributes:
        job: The job.
        streams: The model.
        network: Its streams in threads of their own.
        raster: The raster.
    """

    job: SegmentationJob
    streams: OpenStreams
    network: InterruptibleStreams
    raster: SharedRaster

    def map_scenes(
        self, grid: SceneGrid, scenes: Sequence[int], store: ArrayStore, statistics: ReadStatistics, watch: Watch
    ) -> None:
        """See `Hands.map_scenes`."""
        if not scenes:
            return

        def slabs() -> Iterator[Slab]:
            with self.raster.source(statistics, store) as source:
                yield from read_slabs(source, grid, scenes, self.job.scene_plan.is_seen)

        with ReadAhead(slabs, SLABS_AHEAD, watch.check) as ahead:
            map_scenes(ahead, self.network, grid, scenes, store, watch)

    def measure_costs(self, coarse: CoarseMap, plan: RefinePlan) -> Costs:
        """See `Hands.measure_costs`."""
        model, count = self.job.model, plan.batch_size
        pixels = np.zeros((count, len(self.job.bands), model.window_side, model.window_side), model.data_type)
        corners = () if model.windows is None else (np.zeros((count, 2), np.int64),)
        return measure_costs(self.network, coarse, plan, (pixels, *corners))

    def refine(
        self,
        coarse: CoarseMap,
        plan: RefinePlan,
        selection: Selection,
        blocks: BlockFiles,
        statistics: ReadStatistics,
        watch: Watch,
    ) -> None:
        """See `Hands.refine`."""

        def items() -> Iterator[PatchBatch | ReadBlock]:
            with self.raster.source(statistics, coarse.store) as source:
                yield from read_patches(source, plan, selection)

        def write(block: RefinedBlock) -> None:
            blocks.write(block)

        with (
            ReadAhead(items, self.job.batches_ahead(plan.batch_size), watch.check) as ahead,
            WriteBehind(write, BLOCKS_BEHIND, watch.check) as behind,
        ):
            for block in refine(ahead, self.network, coarse, plan, selection, watch):
                behind.put(block)

    def make_strips(self, strips: Sequence[Strip], blocks: BlockFiles, watch: Watch) -> Strips:
        """See `Hands.make_strips`: several at a time."""
        places = {name: blocks.places(name) for name in {strip.name for strip in strips}}

        def make(strip: Strip, check: Callable[[], None]) -> tuple[Strip, Path]:
            with blocks.mosaic(strip.name, places[strip.name]) as mosaic:
                return strip, make_strip(strip, mosaic, "run", check)

        yield from in_threads(make, strips, min(MOST_STRIPS, usable_cores()), watch.check)

    def forget(self, graph: str) -> None:
        """See `Hands.forget`."""
        self.streams.forget(graph)
