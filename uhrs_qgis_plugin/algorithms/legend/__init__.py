"""Pictures of legends for print layouts."""

from uhrs_qgis_plugin.algorithms.legend.algorithm import LegendAlgorithm

__all__ = ["LegendAlgorithm"]
