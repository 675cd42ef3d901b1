"""Models made of networks in ONNX."""

from uhrs_qgis_plugin.algorithms.import_model.algorithm import ImportModelAlgorithm

__all__ = ["ImportModelAlgorithm"]
