"""A part of a basemap as a raster file."""

from uhrs_qgis_plugin.algorithms.basemap.algorithm import BasemapRasterAlgorithm

__all__ = ["BasemapRasterAlgorithm"]
