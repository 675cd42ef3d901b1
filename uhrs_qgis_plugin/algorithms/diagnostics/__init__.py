"""Diagnostics."""

from uhrs_qgis_plugin.algorithms.diagnostics.algorithm import DiagnosticsAlgorithm

__all__ = ["DiagnosticsAlgorithm"]
