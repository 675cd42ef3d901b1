"""What a worker keeps open for a run, and how it does scenes, blocks and strips. Loads nothing of Dask."""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import DeviceError
from uhrs_qgis_plugin.engine.familiarity import UnfamiliarMap
from uhrs_qgis_plugin.engine.files import unique_mark
from uhrs_qgis_plugin.engine.flow import FileArrays, Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.inference import InterruptibleStreams, kind_of, limit_cores, open_streams
from uhrs_qgis_plugin.engine.outputs import BlockFiles, RefinedBlock, Strip, make_strip
from uhrs_qgis_plugin.engine.raster import bounded_memory
from uhrs_qgis_plugin.engine.segmentation.hands import OwnHands
from uhrs_qgis_plugin.engine.segmentation.passes import (
    CoarseMap,
    ReadStatistics,
    RefinePlan,
    SceneGrid,
    SharedRaster,
    missing_scenes,
)
from uhrs_qgis_plugin.engine.segmentation.planning import SegmentationJob
from uhrs_qgis_plugin.engine.segmentation.profiles import output_profiles
from uhrs_qgis_plugin.engine.segmentation.spreading.facts import DEVICE, PRECISION, facts_of
from uhrs_qgis_plugin.engine.segmentation.spreading.pieces import SharedPieces, wait_for, worker_mark

SCENES, BLOCKS, COSTS, STRIPS = "scenes", "blocks", "costs", "strips"
PLACES = "places-{}"  # of the blocks of an output that hold data, from `BlockFiles.places`
UNFAMILIAR = ("unfamiliar-rows", "unfamiliar-cols", "unfamiliar-values")  # of a `UnfamiliarMap`


class SegmentationPlace:
    """The model on a device and the raster, open. See `cluster.Workplace`.

    Attributes:
        facts: See `facts_of`; and the kind of device and the precision that were taken.
        device: Where it computes.
        messages: What happened on the way.
    """

    def __init__(
        self,
        job: SegmentationJob,
        folder: Path,
        choice: tuple[str, str],
        cores: int,
        check: Callable[[], None],
    ) -> None:
        """Open everything.

        Args:
            job: The job.
            folder: Where pieces of the run lie.
            choice: Device and precision to take.
            cores: That this worker may use.
            check: To be called often; raises `CancelledError` when the run ends.

        Raises:
            UhrsError: The model cannot be started here.
        """
        # Two tasks at a time write blocks, which have none; Python's way to silence a part of the code is one thread's.
        warnings.filterwarnings("ignore", message="Dataset has no geotransform")
        limit_cores(cores)
        self._job, self._folder, self._mark = job, folder, worker_mark()
        self._watch = Watch(is_cancelled=functools.partial(_raises, check))
        self._streams = open_streams(job.model, choice[0], None, choice[1])
        streams = self._streams
        self.device = streams.device
        self._kind = kind_of(streams.device)
        self.facts: Mapping[str, str] = {**facts_of(job), DEVICE: self._kind, PRECISION: streams.precision}
        self.messages: Sequence[str] = list(streams.messages)
        self._open = contextlib.ExitStack()
        self._open.enter_context(bounded_memory(streams.idle_cores or (cores if job.keeps_pixels else None)))
        raster = self._open.enter_context(SharedRaster(job, check))
        # Tasks share the lanes, and the low stream has the device to itself.
        low = InterruptibleStreams(streams, check, streams.scenes, streams.scenes)
        network = InterruptibleStreams(streams, check, streams.lanes, streams.scenes, streams.keeps_features)
        for threads in (low, network):
            self._open.enter_context(threads)
        self._coarse_hands = OwnHands(job, streams, low, raster)
        self._hands = OwnHands(job, streams, network, raster)
        self._grid = SceneGrid(job.canvas, job.scene_plan)

    def do(self, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Do a task; see `cluster.Workplace.do`."""
        does = {SCENES: self._do_scenes, BLOCKS: self._do_blocks, COSTS: self._measure_costs, STRIPS: self._make_strips}
        return does[kind](content)

    def close(self) -> None:
        """Let go of everything."""
        self._open.close()

    def _do_scenes(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Run the low stream over "scenes" (numbers)."""
        store, statistics = self._pieces(), ReadStatistics()
        missing = missing_scenes(content["scenes"], store)
        self._coarse_hands.map_scenes(self._grid, missing, store, statistics, self._watch)
        return _summary(statistics)

    def _do_blocks(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Refine "blocks" (number, row, column, height, width), with "flags" of the patches in the window "patches"."""
        coarse, statistics = self._coarse_map(), ReadStatistics()
        files = _Blocks(self._job, self._folder, self._mark, self._before_write)
        listed = [(index, Window(*place)) for index, *place in content["blocks"]]
        missing = tuple(entry for entry in listed if not files.is_there(entry[0]))
        selection = _GivenSelection(Window(*content["patches"]), content["flags"])
        if missing:
            plan = self._plan(missing)
            self._hands.refine(coarse, plan, selection, files, statistics, self._watch)
        marks = [[index, files.mark_of(index)] for index, _ in listed]
        return {**_summary(statistics), "marks": marks, "costs": selection.costs}

    def _measure_costs(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Time a patch and a block, of those in "blocks"."""
        listed = tuple((index, Window(*place)) for index, *place in content["blocks"])
        costs = self._hands.measure_costs(self._coarse_map(), self._plan(listed))
        return {"patch": costs.patch, "block": costs.block}

    def _make_strips(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Make "strips" (the values of `Strip`)."""
        files = _Blocks(self._job, self._folder, self._mark, self._before_write)
        store, mark = FileArrays(self._folder, self._mark), f"{self._mark}-{unique_mark()}"
        for values in content["strips"]:
            strip = Strip(*values)
            wait_for(self._folder / f"{PLACES.format(strip.name)}.npy")
            places = store.get(PLACES.format(strip.name))
            with files.mosaic(strip.name, places, wait_for) as mosaic:
                make_strip(strip, mosaic, mark, self._watch.check)
        return {}

    def _plan(self, blocks: tuple[tuple[int, Window], ...]) -> RefinePlan:
        """How to refine blocks."""
        job = self._job
        batch = job.options.batch_size or self._streams.batch_size
        unfamiliar = None
        if job.options.unfamiliar:
            store = self._pieces()
            unfamiliar = UnfamiliarMap(*(np.array(store.get(name)) for name in UNFAMILIAR))
        cell, channels = job.options.uncertainty_cell, job.model.feature_channels
        return RefinePlan(blocks, batch, cell, channels, unfamiliar, job.model.windows)

    def _coarse_map(self) -> CoarseMap:
        """The coarse map, with a memory of its own for what waits between blocks of a task."""
        return CoarseMap(self._job.canvas, self._job.scene_plan, self._pieces())

    def _pieces(self) -> SharedPieces:
        """The pieces of the run."""
        return SharedPieces(self._folder, self._mark, self._before_write)

    def _before_write(self) -> None:
        """Leave nothing that others would not have left.

        Raises:
            CancelledError: The run has ended.
            DeviceError: This worker computes on another device by now.
        """
        self._watch.check()
        now = kind_of(self._streams.device)
        if now != self._kind:
            why = " ".join(self._streams.messages[-1:])
            raise DeviceError(f"Its device is '{now}' in place of '{self._kind}': {why}")


class _Blocks(BlockFiles):
    """`BlockFiles` of one of several workers."""

    def __init__(self, job: SegmentationJob, folder: Path, mark: str, before_write: Callable[[], None]) -> None:
        cell, classes = job.options.uncertainty_cell, len(job.model.classes)
        super().__init__(folder, output_profiles(job), cell, classes, job.block_shape, mark)
        self._before_write, self._written = before_write, dict[int, Mapping[str, Sequence[int]]]()

    def write(self, block: RefinedBlock) -> dict[str, list[int]]:
        """Write a block, unless it is there."""
        self._before_write()
        mark = self.read_mark(block.index) if self.is_there(block.index) else super().write(block)
        self._written[block.index] = mark
        return mark

    def mark_of(self, index: int) -> Mapping[str, Sequence[int]]:
        """The mark of a block that is complete."""
        return self._written[index] if index in self._written else self.read_mark(index)


class _GivenSelection:
    """A selection that the client made. See `Selection`.

    Attributes:
        costs: Of each block: patches, seconds of the high stream, seconds of all.
    """

    def __init__(self, window: Window, packed: bytes) -> None:
        """Take the flags of a window of patches, eight in a byte."""
        count = window.height * window.width
        flags = np.unpackbits(np.frombuffer(packed, np.uint8), count=count).astype(np.bool_)
        self._window, self._flags = window, flags.reshape(window.height, window.width)
        self.costs: list[list[float]] = []

    def flags(self, patches: Window) -> NDArray[np.bool_]:
        """See `Selection.flags`."""
        return self._flags[patches.slices(within=self._window)].copy()

    def expected(self, place: Window, patches: NDArray[np.bool_]) -> None:
        """See `Selection.expected`: nobody looks at the share of a task."""

    def record_cost(self, patches: int, high_seconds: float, seconds: float) -> None:
        """See `Selection.record_cost`: the client learns it."""
        self.costs.append([patches, high_seconds, seconds])


def _summary(statistics: ReadStatistics) -> dict[str, Any]:
    """What was read, as plain data."""
    return {
        "coarse_pixels": statistics.coarse_pixels,
        "fine_pixels": statistics.fine_pixels,
        "unreadable": [[part.row, part.col, part.height, part.width] for part in statistics.unreadable],
    }


def _raises(check: Callable[[], None]) -> bool:
    """Ask `check`, which raises by itself."""
    check()
    return False
