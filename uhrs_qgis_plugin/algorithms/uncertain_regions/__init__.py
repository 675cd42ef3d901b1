"""Uncertain regions."""

from uhrs_qgis_plugin.algorithms.uncertain_regions.algorithm import UncertainRegionsAlgorithm

__all__ = ["UncertainRegionsAlgorithm"]
