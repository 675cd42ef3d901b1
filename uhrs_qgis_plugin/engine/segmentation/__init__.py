"""One run: check, coarse pass, selection, refine pass, report."""

from uhrs_qgis_plugin.engine.segmentation.finished import finished_result
from uhrs_qgis_plugin.engine.segmentation.fit_before import fit_of_raster
from uhrs_qgis_plugin.engine.segmentation.passes import scene_weights
from uhrs_qgis_plugin.engine.segmentation.pipeline import segment
from uhrs_qgis_plugin.engine.segmentation.planning import (
    GRIDS,
    UNCERTAINTY_CELLS,
    UNREADABLE,
    Options,
    SegmentationJob,
    as_resolution,
    check_numbers,
    choose_bands,
    choose_pixel_size,
    digest_of,
    plan_job,
    read_area,
)
from uhrs_qgis_plugin.engine.segmentation.report import Report, peak_memory_bytes
from uhrs_qgis_plugin.engine.segmentation.stages import DeviceChosen, PreviewReady, Stage, StageBegun

__all__ = [
    "GRIDS",
    "UNCERTAINTY_CELLS",
    "UNREADABLE",
    "DeviceChosen",
    "Options",
    "PreviewReady",
    "Report",
    "SegmentationJob",
    "Stage",
    "StageBegun",
    "as_resolution",
    "check_numbers",
    "choose_bands",
    "choose_pixel_size",
    "digest_of",
    "finished_result",
    "fit_of_raster",
    "peak_memory_bytes",
    "plan_job",
    "read_area",
    "scene_weights",
    "segment",
]
