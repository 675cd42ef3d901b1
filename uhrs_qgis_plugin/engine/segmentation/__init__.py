"""One run: check, coarse pass, selection, refine pass, report."""

from uhrs_qgis_plugin.engine.segmentation.bands import choose_bands
from uhrs_qgis_plugin.engine.segmentation.options import UNCERTAINTY_CELLS, UNREADABLE, Options
from uhrs_qgis_plugin.engine.segmentation.pipeline import segment
from uhrs_qgis_plugin.engine.segmentation.report import Report, peak_memory_bytes
from uhrs_qgis_plugin.engine.segmentation.stages import PreviewReady, Stage, StageBegun

__all__ = [
    "UNCERTAINTY_CELLS",
    "UNREADABLE",
    "Options",
    "PreviewReady",
    "Report",
    "Stage",
    "StageBegun",
    "choose_bands",
    "peak_memory_bytes",
    "segment",
]
