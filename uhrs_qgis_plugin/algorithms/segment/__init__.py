"""Segmenting a raster."""

from uhrs_qgis_plugin.algorithms.segment.algorithm import SegmentRasterAlgorithm
from uhrs_qgis_plugin.algorithms.segment.area_layer import draw_area

__all__ = ["SegmentRasterAlgorithm", "draw_area"]
