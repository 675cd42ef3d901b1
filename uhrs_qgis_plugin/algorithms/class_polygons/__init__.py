"""Classes as polygons, and cleaned class rasters."""

from uhrs_qgis_plugin.algorithms.class_polygons.clean_classes import CleanClassesAlgorithm
from uhrs_qgis_plugin.algorithms.class_polygons.polygons import ClassPolygonsAlgorithm

__all__ = ["ClassPolygonsAlgorithm", "CleanClassesAlgorithm"]
