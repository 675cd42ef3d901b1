"""Accuracy of class maps, the points to judge for it, and comparison of two maps."""

from uhrs_qgis_plugin.algorithms.accuracy.accuracy import AccuracyAlgorithm
from uhrs_qgis_plugin.algorithms.accuracy.compare_results import CompareResultsAlgorithm
from uhrs_qgis_plugin.algorithms.accuracy.sample_points import SamplePointsAlgorithm

__all__ = ["AccuracyAlgorithm", "CompareResultsAlgorithm", "SamplePointsAlgorithm"]
