"""Segment raster."""

from uhrs_qgis_plugin.algorithms.segment.algorithm import SegmentRasterAlgorithm

__all__ = ["SegmentRasterAlgorithm"]
