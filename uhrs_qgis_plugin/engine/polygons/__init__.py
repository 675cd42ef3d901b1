"""Classes as polygons whose borders are shared: patches, specks, arcs, files."""

from uhrs_qgis_plugin.engine.polygons.clean import CleanOptions, CleanReport, check_clean, clean_classes
from uhrs_qgis_plugin.engine.polygons.job import FIELDS, PolygonJob, PolygonReport, check_polygons, make_polygons
from uhrs_qgis_plugin.engine.polygons.options import PolygonOptions

__all__ = [
    "FIELDS",
    "CleanOptions",
    "CleanReport",
    "PolygonJob",
    "PolygonOptions",
    "PolygonReport",
    "check_clean",
    "check_polygons",
    "clean_classes",
    "make_polygons",
]
