"""What the rasters of a run look like: size, georeference, colours, provenance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from uhrs_qgis_plugin.engine.grid import CELL8, Geotransform, Window
from uhrs_qgis_plugin.engine.raster import IDENTITY, RasterInfo, RasterProfile
from uhrs_qgis_plugin.engine.results import LEVELS, NODATA, PIXEL_COORDINATES, UNFAMILIAR, __version__
from uhrs_qgis_plugin.engine.segmentation.planning import SegmentationJob

DIGEST_ITEM, RESULT_ITEM = "UHRS_RUN", "UHRS_RESULT"  # what a run depended on, and its numbers, see `finished_result`
UNCERTAINTY_NAMES = ("resolution-biased uncertainty (U)", "final uncertainty")


def output_profiles(job: SegmentationJob, result: Mapping[str, Any] | None = None) -> dict[str, RasterProfile]:
    """Describe the rasters to create.

    Args:
        job: The job.
        result: From `Report.result`, which the class raster is to carry; None before it is known.

    Returns:
        "classes" and, if wanted, "uncertainty" -> profile.
    """
    profiles = {"classes": _classes_profile(job, 1)}
    if result is not None:
        items = {**profiles["classes"].metadata, RESULT_ITEM: json.dumps(result, ensure_ascii=False)}
        profiles["classes"] = replace(profiles["classes"], metadata=items)
    if job.outputs.uncertainty is not None:
        names = (*UNCERTAINTY_NAMES, UNFAMILIAR) if job.options.unfamiliar else UNCERTAINTY_NAMES
        profiles["uncertainty"] = _uncertainty_profile(job, job.options.uncertainty_cell, names)
    return profiles


def preview_profiles(job: SegmentationJob) -> dict[str, RasterProfile]:
    """Describe the rasters of the preview: both have one pixel for 8x8 of the input's."""
    return {"classes": _classes_profile(job, CELL8), "uncertainty": _uncertainty_profile(job, CELL8, UNCERTAINTY_NAMES)}


def _classes_profile(job: SegmentationJob, cell: int) -> RasterProfile:
    """A class raster with pixels of `cell` x `cell` pixels of the input."""
    return RasterProfile(
        width=-(-job.window.width // cell),
        height=-(-job.window.height // cell),
        count=1,
        crs_wkt=job.info.crs_wkt,
        transform=_transform(job.info, job.window, cell),
        nodata=NODATA,
        band_names=("classes",),
        colours={entry.value: entry.colour for entry in job.model.classes},
        categories=tuple(entry.name for entry in job.model.classes),
        metadata=_provenance(job),
    )


def _uncertainty_profile(job: SegmentationJob, cell: int, names: tuple[str, ...]) -> RasterProfile:
    """An uncertainty raster with pixels of `cell` x `cell` pixels of the input."""
    return RasterProfile(
        width=-(-job.window.width // cell),
        height=-(-job.window.height // cell),
        count=len(names),
        crs_wkt=job.info.crs_wkt,
        transform=_transform(job.info, job.window, cell),
        nodata=NODATA,
        band_names=names,
        scale=1 / LEVELS,
        metadata=_provenance(job),
    )


def _transform(info: RasterInfo, window: Window, scale: int) -> Geotransform:
    """Geotransform of an output; it stays away where the input has none and the output is the same grid."""
    if info.has_transform:
        return info.transform.of_window(window, scale)
    if scale == 1 and (window.row, window.col) == (0, 0):
        return IDENTITY
    return PIXEL_COORDINATES.of_window(window, scale)


def _provenance(job: SegmentationJob) -> dict[str, str]:
    """Metadata items that say how an output came about."""
    who_and_when = ("resume", "cluster")  # the result does not depend on them
    options = {
        key: value for key, value in asdict(job.options).items() if value is not None and key not in who_and_when
    }
    if job.ratio is not None:
        options["ratio"] = job.ratio
    options["bands"] = list(job.bands)
    fit = {} if job.fit is None else {"UHRS_FIT": f"{job.fit.overall:.3f}", "UHRS_FIT_MESSAGE": job.fit.message}
    return {
        "UHRS_VERSION": __version__,
        "UHRS_MODEL": job.model.name,
        "UHRS_MODEL_SHA256": job.model.sha256,
        "UHRS_OPTIONS": json.dumps(options),
        **{name: text for name, text in fit.items() if text},
        **({DIGEST_ITEM: job.digest} if job.digest else {}),
    }
