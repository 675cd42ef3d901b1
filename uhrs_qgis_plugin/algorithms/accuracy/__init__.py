"""Accuracy of class maps."""

from uhrs_qgis_plugin.algorithms.accuracy.accuracy import AccuracyAlgorithm

__all__ = ["AccuracyAlgorithm"]
