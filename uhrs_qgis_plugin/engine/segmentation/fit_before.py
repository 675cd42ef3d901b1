"""How well a raster fits a model, asked before a run."""

from __future__ import annotations

import os
from collections.abc import Callable

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.familiarity import ImageryFit, measure_fit
from uhrs_qgis_plugin.engine.flow import MemoryArrays
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import open_raster, with_crs
from uhrs_qgis_plugin.engine.segmentation.fit_during import samples_of
from uhrs_qgis_plugin.engine.segmentation.passes import ReadStatistics, SharedRaster
from uhrs_qgis_plugin.engine.segmentation.planning import Options, plan_job


def fit_of_raster(
    raster: str | os.PathLike[str], model: Bundle, options: Options, check: Callable[[], None]
) -> ImageryFit | None:
    """Compare sample windows of a raster with the model's training imagery, as a run does when it begins.

    Args:
        options: Those of the run.
        check: Called between windows; an error that it raises comes out of here.

    Returns:
        The fit; None where it is not known, or takes as long as a run: numbers that are stretched are all looked at.

    Raises:
        RasterError: The raster cannot be read or does not fit the model.
        OptionsError: The options do not fit the raster or the model.
    """
    if model.imagery is None:
        return None
    with open_raster(os.fspath(raster), alpha=options.alpha) as reader:
        job = plan_job(with_crs(reader.info, options.crs), model, Outputs(""), options)
    if job.stretches:
        return None
    with SharedRaster(job) as shared, shared.source(ReadStatistics(), MemoryArrays()) as source:
        return measure_fit(
            job.window.height, job.window.width, samples_of(source, check), model.imagery, len(job.bands)
        )
