"""How right a class map is: confusion matrix, accuracies with intervals, areas corrected for the map's errors."""

from uhrs_qgis_plugin.engine.accuracy.assess import AccuracyOptions, assess
from uhrs_qgis_plugin.engine.accuracy.figures import AccuracyReport, ClassFigures, Estimate
from uhrs_qgis_plugin.engine.accuracy.labels import ClassList, parse_mapping
from uhrs_qgis_plugin.engine.accuracy.reference import Reference, reference_of_features
from uhrs_qgis_plugin.engine.accuracy.report import make_report
from uhrs_qgis_plugin.engine.accuracy.tables import COLUMNS, figures_csv, matrix_csv, rows_of, to_json

__all__ = [
    "COLUMNS",
    "AccuracyOptions",
    "AccuracyReport",
    "ClassFigures",
    "ClassList",
    "Estimate",
    "Reference",
    "assess",
    "figures_csv",
    "make_report",
    "matrix_csv",
    "parse_mapping",
    "reference_of_features",
    "rows_of",
    "to_json",
]
