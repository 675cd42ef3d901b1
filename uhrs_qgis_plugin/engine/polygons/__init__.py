"""Classes as polygons whose borders are shared: patches, specks, arcs, files."""

from uhrs_qgis_plugin.engine.polygons.job import FIELDS, PolygonJob, PolygonReport, check_polygons, make_polygons
from uhrs_qgis_plugin.engine.polygons.options import PolygonOptions

__all__ = ["FIELDS", "PolygonJob", "PolygonOptions", "PolygonReport", "check_polygons", "make_polygons"]
