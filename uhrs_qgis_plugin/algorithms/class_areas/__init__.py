"""Class areas."""

from uhrs_qgis_plugin.algorithms.class_areas.algorithm import ClassAreasAlgorithm

__all__ = ["ClassAreasAlgorithm"]
