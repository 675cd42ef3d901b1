"""The story of a run: check, coarse, select, refine, publish."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Bundle, read_bundle
from uhrs_qgis_plugin.engine.coarse import CoarseMap, map_coarsely
from uhrs_qgis_plugin.engine.job import Job, check_job, output_profiles
from uhrs_qgis_plugin.engine.options import Options, Outputs
from uhrs_qgis_plugin.engine.publish import Publication
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.engine.refine import RefinePlan, refine
from uhrs_qgis_plugin.engine.report import Counts, Report, make_report
from uhrs_qgis_plugin.engine.selector import score_patches, select_by_ratio, select_by_threshold
from uhrs_qgis_plugin.engine.sessions import open_streams
from uhrs_qgis_plugin.engine.source import CanvasSource
from uhrs_qgis_plugin.engine.watch import Cancelled, Progress, Watch, never, silent

__all__ = ["Options", "Outputs", "Report", "segment"]


def segment(
    raster: str | os.PathLike[str],
    bundle: Bundle | str | os.PathLike[str],
    outputs: Outputs,
    options: Options = Options(),  # noqa: B008 (frozen)
    progress: Progress = silent,
    is_cancelled: Cancelled = never,
) -> Report:
    """Segment a raster: look at everything coarsely, then closely where that was not enough.

    Args:
        raster: Any raster that GDAL reads, of any size.
        bundle: The model, or the path of its `.uhrs` file.
        outputs: Where the results go. They appear at the very end; after an error the folders are as before.
        options: How to segment.
        progress: Called with a share in 0..1 and a short text, in the calling thread.
        is_cancelled: Asked often; answering True stops the run.

    Returns:
        What was done.

    Raises:
        RasterError: The raster cannot be read or does not fit the model.
        BundleError: The model cannot be used.
        OptionsError: The options do not fit the raster, the model or the outputs.
        DeviceError: The device is missing, too small or failed.
        OutputError: An output cannot be written.
        CancelledError: `is_cancelled` answered True.
    """
    watch = Watch(progress, is_cancelled)
    watch.enter("check")
    model = bundle if isinstance(bundle, Bundle) else read_bundle(bundle)
    with open_raster(os.fspath(raster)) as reader:
        job = check_job(reader.info, model, outputs, options)
        streams = open_streams(model, options.device, watch.announce)
        source = CanvasSource(reader, job.canvas, job.window, job.bands, model.fill, model.downsampling)

        coarse = map_coarsely(source, streams, job.scene_plan, watch.enter("coarse"))

        watch.enter("select")
        selected = _select(coarse, job)

        counts = Counts(len(model.classes), coarse.valid_patches, selected)
        plan = RefinePlan(
            selected, job.block_side, options.batch_size, options.uncertainty_cell, model.feature_channels
        )
        with Publication(outputs, output_profiles(job), options.uncertainty_cell) as publication:
            for block in refine(source, streams, coarse, plan, watch.enter("refine")):
                publication.write(block)
                counts.add(block.labels)

            watch.enter("publish")
            publication.finish(watch.goes_on)
            report = make_report(job, counts, source, streams, watch.finish())
            publication.publish(report.to_json())
    progress(1.0, "done")
    return report


def _select(coarse: CoarseMap, job: Job) -> NDArray[np.bool_]:
    """Choose the patches to refine.

    Args:
        coarse: The coarse map.
        job: Tells the ratio or the threshold.

    Returns:
        (patch rows, patch cols) bool.
    """
    scores = score_patches(coarse.uncertainty, coarse.stride, job.canvas.patch_side)
    if job.options.threshold is not None:
        return select_by_threshold(scores, coarse.valid_patches, job.options.threshold)
    return select_by_ratio(scores, coarse.valid_patches, job.ratio or 0.0)
