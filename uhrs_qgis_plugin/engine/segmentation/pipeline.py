"""The story of a run: check, coarse, select, refine, publish."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from uhrs_qgis_plugin.engine.bundle import Bundle, find_model
from uhrs_qgis_plugin.engine.familiarity import ImageryFit
from uhrs_qgis_plugin.engine.flow import (
    UNWATCHED,
    ArrayStore,
    Journal,
    MemoryArrays,
    Message,
    Watch,
)
from uhrs_qgis_plugin.engine.inference import InterruptibleStreams, Opener, OpenStreams, open_streams
from uhrs_qgis_plugin.engine.outputs import BlockFiles, Outputs, Publication, strips_of
from uhrs_qgis_plugin.engine.raster import (
    RasterInfo,
    Traffic,
    bounded_memory,
    check_raster_unchanged,
    open_without_stale_overviews,
    with_crs,
)
from uhrs_qgis_plugin.engine.segmentation.fit_during import Judged, judge_imagery, read_at_once, samples_of
from uhrs_qgis_plugin.engine.segmentation.hands import Hands, OwnHands
from uhrs_qgis_plugin.engine.segmentation.input_grid import write_on_raster
from uhrs_qgis_plugin.engine.segmentation.passes import (
    CoarseMap,
    EveryPatch,
    FixedSelection,
    ReadStatistics,
    RefinePlan,
    SceneGrid,
    SharedRaster,
    TimedSelection,
    missing_scenes,
    plan_blocks,
    score_patches,
    select_by_ratio,
    select_by_threshold,
)
from uhrs_qgis_plugin.engine.segmentation.planning import (
    Options,
    SegmentationJob,
    StartedModel,
    check_job,
    read_reductions,
    run_identity,
    with_stretch,
)
from uhrs_qgis_plugin.engine.segmentation.preview import publish_preview
from uhrs_qgis_plugin.engine.segmentation.profiles import output_profiles
from uhrs_qgis_plugin.engine.segmentation.report import Report, RunCounts, make_report, peak_memory_bytes
from uhrs_qgis_plugin.engine.segmentation.spreading import CrewHands, crew_of, model_of, summary_of
from uhrs_qgis_plugin.engine.segmentation.stages import DeviceChosen, PreviewReady, Stage, StageClock

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.cluster.crew import Crew

__all__ = ["Options", "Outputs", "Report", "segment"]

PUBLISH_S_PER_PIXEL = 3e-8  # what publishing takes of a time budget; measured 1.7e-8 on two cores


@dataclass(frozen=True)
class _Run:
    """What the stages of a run share."""

    job: SegmentationJob
    model: StartedModel
    hands: Hands
    network: InterruptibleStreams | None  # of this process; None where it computes nothing by itself
    batch_size: int
    watch: Watch
    clock: StageClock
    journal: Journal
    raster: SharedRaster
    statistics: ReadStatistics
    begun: float  # on time.monotonic
    traffic: Traffic
    crew: Crew | None = None


def segment(
    raster: str | os.PathLike[str],
    bundle: Bundle | str | os.PathLike[str],
    outputs: Outputs,
    options: Options = Options(),  # noqa: B008 (frozen)
    watch: Watch = UNWATCHED,
    opener: Opener | None = None,
) -> Report:
    """Segment a raster: look at everything coarsely, then closely where that was not enough.

    Args:
        raster: Any raster that GDAL reads, of any size, or a folder of rasters that make a mosaic.
        bundle: The model, its name, or the path of its `.uhrs` file.
        outputs: Where the results go. They appear at the very end; after an error the folders are as before, but for
            what a later run with the same `options.resume` may go on from.
        options: How to segment.
        watch: Its events are `StageBegun`, `DeviceChosen`, `PreviewReady` and `Message`.
        opener: What starts the model, such as `KeptModel.open`, which keeps it for later runs; None = for this run.

    Returns:
        What was done.

    Raises:
        RasterError: The raster cannot be read or does not fit the model.
        BundleError: The model cannot be used.
        OptionsError: The options do not fit the raster, the model or the outputs.
        ResumeError: There is an unfinished run with these outputs, but of another raster, model or options.
        DeviceError: The device is missing, too small or failed.
        ClusterError: There are no workers, or none that fits.
        OutputError: An output cannot be written.
        CancelledError: The caller cancelled.

    Examples:
        Refine half of the patches:

        >>> from uhrs_qgis_plugin.engine import Options, Outputs, segment
        >>> report = segment("site.tif", "model.uhrs", Outputs("classes.tif", "uncertainty.tif"), Options(ratio=0.5))
        >>> f"{report.selected_patches} of {report.patches} patches refined"
        '3 of 6 patches refined'
        >>> report.pixels, [entry["name"] for entry in report.classes]
        (60000, ['class0', 'class1', 'class2'])

        Show the progress, and stop after the first tenth:

        >>> from uhrs_qgis_plugin.engine import Watch
        >>> shares = []
        >>> watch = Watch(progress=shares.append, is_cancelled=lambda: max(shares, default=0) > 0.1)
        >>> segment("site.tif", "model.uhrs", Outputs("other.tif"), watch=watch)
        Traceback (most recent call last):
        ...
        uhrs_qgis_plugin.engine.errors.CancelledError
    """
    begun = time.monotonic()
    traffic = Traffic(os.fspath(raster))
    clock = StageClock(watch)
    clock.enter(Stage.CHECK)
    model = bundle if isinstance(bundle, Bundle) else find_model(os.fspath(bundle))

    def reductions(info: RasterInfo) -> tuple[int, ...]:
        return read_reductions(info, model, options)

    opened = threading.Event()

    def announce(text: str) -> None:
        if opened.is_set():
            watch.notify(Message(text))

    # The model starts while the raster is opened and checked; what either has to say comes in the old order.
    with ThreadPoolExecutor(1, "uhrs-start") as pool:
        is_here, opening = options.cluster is None, opener or open_streams
        start = pool.submit(opening, model, options.device, announce, options.precision) if is_here else None
        with open_without_stale_overviews(
            os.fspath(raster), reductions, options.unreadable, options.alpha, watch.check, options.asset
        ) as reader:
            checked = check_job(with_crs(reader.info, options.crs), model, outputs, options)
            job = with_stretch(checked, reader, watch.check)
        for note in job.notes:
            watch.notify(Message(note, is_warning=note in job.warnings))
        streams = None if start is None else start.result()
    opened.set()
    start_of_run = watch, clock, begun, traffic
    report = _with_crew(job, *start_of_run) if streams is None else _by_itself(job, streams, *start_of_run)
    watch.progress(1.0)
    return report


def _by_itself(
    job: SegmentationJob, streams: OpenStreams, watch: Watch, clock: StageClock, begun: float, traffic: Traffic
) -> Report:
    """Do all with the model that this process has started."""
    for text in streams.messages:
        watch.notify(Message(text))
    watch.notify(DeviceChosen(streams.device, streams.precision))
    with (
        # Decoding the raster takes longer than the low stream where its pixels are kept.
        bounded_memory(streams.idle_cores or (os.cpu_count() if job.keeps_pixels else None)),
        Journal(job.outputs.classes, run_identity(job, streams), job.options.resume) as journal,
        SharedRaster(job, watch.check) as raster,
        InterruptibleStreams(streams, watch.check, streams.lanes, streams.scenes, streams.keeps_features) as network,
    ):
        hands, batch = OwnHands(job, streams, network, raster), streams.batch_size
        statistics = ReadStatistics()
        return _run(
            _Run(job, streams, hands, network, batch, watch, clock, journal, raster, statistics, begun, traffic)
        )


def _with_crew(job: SegmentationJob, watch: Watch, clock: StageClock, begun: float, traffic: Traffic) -> Report:
    """Have both passes done by the workers of a cluster; this process starts the model for a preview alone."""
    with (
        bounded_memory(),
        Journal(job.outputs.classes, None, job.options.resume) as journal,
        crew_of(job, journal, watch) as crew,
        SharedRaster(job, watch.check) as raster,
        contextlib.ExitStack() as stack,
    ):
        model = model_of(crew)
        journal.claim(run_identity(job, model))
        watch.notify(DeviceChosen(model.device, model.precision))
        network = None
        if job.outputs.preview is not None:
            streams = open_streams(job.model, model.device, None, model.precision)
            network = stack.enter_context(InterruptibleStreams(streams, watch.check, streams.lanes))
        hands, batch = CrewHands(job, crew), 1
        statistics = ReadStatistics()
        return _run(
            _Run(job, model, hands, network, batch, watch, clock, journal, raster, statistics, begun, traffic, crew)
        )


def _run(run: _Run) -> Report:
    """The stages after the check."""
    in_files = run.job.options.resume or run.job.spills or run.crew is not None
    store = run.journal if in_files else MemoryArrays()
    coarse, (fit, unfamiliar) = _look(run, store)
    run = replace(run, job=replace(run.job, fit=fit))
    job, clock = run.job, run.clock
    profiles = output_profiles(job)
    run.hands.forget("low")
    check_raster_unchanged(job.raster, check=run.watch.check)
    if job.outputs.preview is not None and run.network is not None:
        publish_preview(coarse, run.network, job, run.watch)
        run.watch.notify(PreviewReady(job.outputs.preview))

    clock.enter(Stage.SELECT)
    blocks = BlockFiles(
        run.journal.folder, profiles, job.options.uncertainty_cell, len(job.model.classes), job.block_shape
    )
    todo = tuple(entry for entry in plan_blocks(job.canvas, job.block_shape) if entry[0] not in blocks)
    batch = job.options.batch_size or run.batch_size
    cell, channels = job.options.uncertainty_cell, job.model.feature_channels
    plan = RefinePlan(todo, batch, cell, channels, unfamiliar, job.model.windows)
    selection = _select(run, coarse, plan)
    run.hands.refine(coarse, plan, selection, blocks, run.statistics, clock.enter(Stage.REFINE))
    run.raster.close()
    doubt = check_raster_unchanged(job.raster, check=run.watch.check)
    if doubt:
        run.watch.notify(Message(doubt, is_warning=True))
    run.hands.forget("high")
    run.hands.forget("fuse")

    counts = RunCounts(coarse.valid_patches, selection.selected, blocks.pixels, blocks.counts())
    network, doubts = run.traffic.counted(job.raster.source), (doubt,) if doubt else ()
    report = make_report(job, counts, run.statistics, run.model, clock.so_far(), network, doubts)
    on_input = job.is_resampled and job.options.grid == "input"
    published = output_profiles(job.on_raster if on_input else job, report.result())
    with Publication(job.outputs, published, run.journal.mark) as publication:
        watch = clock.enter(Stage.PUBLISH)
        if on_input:
            mosaics = {name: blocks.mosaic(name) for name in profiles}
            rasters = write_on_raster(job, published, mosaics, publication, watch.part(0.0, 0.5))
            publication.finish(rasters, watch.part(0.5, 1.0))
        else:
            strips = run.hands.make_strips(strips_of(published), blocks, watch)
            with contextlib.closing(strips):
                publication.assemble(strips, watch)
        seconds, network = clock.finish(), run.traffic.counted(job.raster.source)
        workers = None if run.crew is None else summary_of(run.crew, job)
        report = replace(
            report, seconds=seconds, network=network, workers=workers, peak_memory_bytes=peak_memory_bytes()
        )
        if report.valid_pixels == 0:
            run.watch.notify(Message(report.messages[-1], is_warning=True))
        publication.publish(report.to_json())
    return report


def _look(run: _Run, store: ArrayStore) -> tuple[CoarseMap, Judged]:
    """Look at all of the raster coarsely, and at sample windows of it: does it fit the model?"""
    imagery, seen = run.job.model.imagery, ReadStatistics()  # not those of the passes
    if imagery is None:
        return _look_coarsely(run, store), (None, None)
    with run.raster.source(seen, store) as source:
        read = samples_of(source, run.watch.check)
        samples = read_at_once(run.job, read)
        judged = judge_imagery(run.job, imagery, read) if samples is None else (None, None)
    run.statistics.unreadable.update(seen.unreadable)
    if samples is None:
        _tell_fit(judged[0], run.watch)  # now: the passes may take long
        return _look_coarsely(run, store), judged
    with ThreadPoolExecutor(1, "uhrs-fit") as pool:
        judgement = pool.submit(judge_imagery, run.job, imagery, samples)
        coarse = _look_coarsely(run, store)
    _tell_fit(judgement.result()[0], run.watch)
    return coarse, judgement.result()


def _tell_fit(fit: ImageryFit | None, watch: Watch) -> None:
    """Say how well the raster fits the model."""
    if fit is None:
        watch.notify(Message("Fit unknown: no part of the raster large enough to be judged holds data."))
    else:
        text = f"Fit to the model's training imagery: {fit.overall:.2f} of 1. {fit.message}".strip()
        watch.notify(Message(text, is_warning=not fit.fits))


def _look_coarsely(run: _Run, store: ArrayStore) -> CoarseMap:
    """Run the low stream over what is not finished yet."""
    job, canvas = run.job, run.job.canvas
    grid = SceneGrid(canvas, job.scene_plan)
    missing = missing_scenes(range(len(grid.scenes)), store)
    run.hands.map_scenes(grid, missing, store, run.statistics, run.clock.enter(Stage.COARSE))
    return CoarseMap(canvas, job.scene_plan, store)


def _select(run: _Run, coarse: CoarseMap, plan: RefinePlan) -> FixedSelection | TimedSelection:
    """Choose the patches to refine, or how they will be chosen."""
    job, valid = run.job, coarse.valid_patches
    if not job.model.has_first_look:
        inside = np.ones(valid.shape, np.bool_)
        inside[-(-job.window.height // job.canvas.patch_side) :] = False
        inside[:, -(-job.window.width // job.canvas.patch_side) :] = False
        return EveryPatch(valid, inside)
    scores = score_patches(coarse)
    if job.options.minutes is not None:
        reserve = PUBLISH_S_PER_PIXEL * job.window.height * job.window.width
        deadline = run.begun + 60 * job.options.minutes - reserve
        costs = run.hands.measure_costs(coarse, plan)
        return TimedSelection(scores, valid, len(plan.blocks), deadline, costs)
    if job.options.threshold is not None:
        return FixedSelection(select_by_threshold(scores, valid, job.options.threshold))
    return FixedSelection(select_by_ratio(scores, valid, job.ratio or 0.0))
