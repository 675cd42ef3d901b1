"""Two class maps of one place: where, by how much and from what to what they differ."""

from uhrs_qgis_plugin.engine.comparison.figures import COLUMNS, Comparison, Transition, rows_of, to_csv, to_json
from uhrs_qgis_plugin.engine.comparison.job import KINDS, ComparisonOptions, ComparisonOutputs, compare

__all__ = [
    "COLUMNS",
    "KINDS",
    "Comparison",
    "ComparisonOptions",
    "ComparisonOutputs",
    "Transition",
    "compare",
    "rows_of",
    "to_csv",
    "to_json",
]
