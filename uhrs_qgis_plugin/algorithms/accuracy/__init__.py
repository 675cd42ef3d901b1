"""Accuracy of class maps, and the points to judge for it."""

from uhrs_qgis_plugin.algorithms.accuracy.accuracy import AccuracyAlgorithm
from uhrs_qgis_plugin.algorithms.accuracy.sample_points import SamplePointsAlgorithm

__all__ = ["AccuracyAlgorithm", "SamplePointsAlgorithm"]
