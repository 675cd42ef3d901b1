"""The hands of a crew: the client cuts the run into tasks, decides what is refined, and gathers what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from uhrs_qgis_plugin.engine.cluster import Task, hand_out
from uhrs_qgis_plugin.engine.flow import ArrayStore, FileArrays, Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import BlockFiles, Strip, strip_file
from uhrs_qgis_plugin.engine.segmentation.hands import Hands, Strips
from uhrs_qgis_plugin.engine.segmentation.passes import (
    CoarseMap,
    Costs,
    ReadStatistics,
    RefinePlan,
    SceneGrid,
    Selection,
    TimedSelection,
    patches_of,
)
from uhrs_qgis_plugin.engine.segmentation.planning import SegmentationJob
from uhrs_qgis_plugin.engine.segmentation.spreading.cutting import Block, cut_blocks, cut_scenes, cut_strips
from uhrs_qgis_plugin.engine.segmentation.spreading.pieces import wait_for
from uhrs_qgis_plugin.engine.segmentation.spreading.workplace import BLOCKS, COSTS, PLACES, SCENES, STRIPS, UNFAMILIAR

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.cluster.crew import Crew


class CrewHands(Hands):
    """A crew. See `Hands`."""

    def __init__(self, job: SegmentationJob, crew: Crew) -> None:
        """Take the crew, which has met."""
        self._job, self._crew = job, crew

    def map_scenes(
        self, grid: SceneGrid, scenes: Sequence[int], store: ArrayStore, statistics: ReadStatistics, watch: Watch
    ) -> None:
        """See `Hands.map_scenes`; the store must be the folder of the run."""
        parts = cut_scenes(scenes, len(grid.cols), len(self._crew), self._job.is_striped)
        tasks = (Task(number, {"scenes": part}) for number, part in enumerate(parts))
        done = len(grid.scenes) - len(scenes)
        for ended in hand_out(self._crew, SCENES, tasks):
            _add(statistics, ended.result)
            done += len(ended.task.content["scenes"])
            watch.report(done / len(grid.scenes))

    def measure_costs(self, coarse: CoarseMap, plan: RefinePlan) -> Costs:
        """See `Hands.measure_costs`: one worker measures, and all share the work."""
        if not plan.blocks:
            return Costs(0.0, 0.0)
        largest = max(plan.blocks, key=lambda entry: entry[1].height * entry[1].width)
        (ended,) = hand_out(self._crew, COSTS, [Task(0, {"blocks": _plain([largest])})])
        return Costs(ended.result["patch"] / len(self._crew), ended.result["block"] / len(self._crew))

    def refine(
        self,
        coarse: CoarseMap,
        plan: RefinePlan,
        selection: Selection,
        blocks: BlockFiles,
        statistics: ReadStatistics,
        watch: Watch,
    ) -> None:
        """See `Hands.refine`. What a task refines is decided when it is handed out."""
        if plan.unfamiliar is not None:
            for name, array in zip(UNFAMILIAR, plan.unfamiliar.arrays):
                coarse.store.put(name, array)
        is_timed = isinstance(selection, TimedSelection)
        parts = cut_blocks(plan.blocks, self._job.block_shape, len(self._crew), self._job.is_striped, is_timed)
        done = 0
        for ended in hand_out(self._crew, BLOCKS, self._block_tasks(parts, selection)):
            _add(statistics, ended.result)
            for index, mark in ended.result["marks"]:
                blocks.note(index, mark)
            at_a_time = self._crew.tasks_at_a_time
            for patches, high_seconds, seconds in ended.result["costs"]:
                selection.record_cost(int(patches), high_seconds / at_a_time, seconds / at_a_time)
            done += len(ended.task.content["blocks"])
            watch.report(done / len(plan.blocks))

    def make_strips(self, strips: Sequence[Strip], blocks: BlockFiles, watch: Watch) -> Strips:
        """See `Hands.make_strips`; strips of a run before this one that are there are taken as they are."""
        files = FileArrays(blocks.folder, "run")
        for name in {strip.name for strip in strips}:
            files.put(PLACES.format(name), blocks.places(name))
        parts = cut_strips(strips, len(self._crew))
        tasks = (Task(number, {"strips": [list(strips[index]) for index in part]}) for number, part in enumerate(parts))
        made, first = set[int](), 0  # tasks that are done, and the first that is not published
        for ended in hand_out(self._crew, STRIPS, tasks):
            made.add(ended.task.number)
            while first in made:
                for index in parts[first]:
                    path = strip_file(blocks.folder, strips[index])
                    wait_for(path)
                    yield strips[index], path
                first += 1

    def forget(self, graph: str) -> None:
        """See `Hands.forget`: workers keep the graphs, one may still be late with a task that another did."""

    def _block_tasks(self, parts: Sequence[Sequence[Block]], selection: Selection) -> Iterator[Task]:
        """Make the tasks of blocks, each when it is asked for."""
        for number, part in enumerate(parts):
            window = patches_of(part, self._job.canvas)
            flags = np.packbits(selection.flags(window)).tobytes()
            place = [window.row, window.col, window.height, window.width]
            yield Task(number, {"blocks": _plain(part), "patches": place, "flags": flags})


def _plain(blocks: Sequence[Block]) -> list[list[int]]:
    """Blocks as plain numbers."""
    return [[index, part.row, part.col, part.height, part.width] for index, part in blocks]


def _add(statistics: ReadStatistics, result: Mapping[str, Any]) -> None:
    """Add what a worker read."""
    statistics.coarse_pixels += result["coarse_pixels"]
    statistics.fine_pixels += result["fine_pixels"]
    statistics.unreadable.update(Window(*part) for part in result["unreadable"])
