"""One run: check, coarse pass, selection, refine pass, report."""

from uhrs_qgis_plugin.engine.segmentation.bands import check_numbers, choose_bands
from uhrs_qgis_plugin.engine.segmentation.coarse_map import scene_weights
from uhrs_qgis_plugin.engine.segmentation.options import GRIDS, UNCERTAINTY_CELLS, UNREADABLE, Options, as_resolution
from uhrs_qgis_plugin.engine.segmentation.pipeline import segment
from uhrs_qgis_plugin.engine.segmentation.pixel_size import choose_pixel_size
from uhrs_qgis_plugin.engine.segmentation.report import Report, peak_memory_bytes
from uhrs_qgis_plugin.engine.segmentation.stages import PreviewReady, Stage, StageBegun

__all__ = [
    "GRIDS",
    "UNCERTAINTY_CELLS",
    "UNREADABLE",
    "Options",
    "PreviewReady",
    "Report",
    "Stage",
    "StageBegun",
    "as_resolution",
    "check_numbers",
    "choose_bands",
    "choose_pixel_size",
    "peak_memory_bytes",
    "scene_weights",
    "segment",
]
