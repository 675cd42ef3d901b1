"""Corrected classes and training samples."""

from uhrs_qgis_plugin.algorithms.corrections.corrected_classes import CorrectedClassesAlgorithm
from uhrs_qgis_plugin.algorithms.corrections.training_samples import TrainingSamplesAlgorithm

__all__ = ["CorrectedClassesAlgorithm", "TrainingSamplesAlgorithm"]
