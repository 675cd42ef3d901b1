"""How much ground classes cover: counting, zones, polygons on pixels, pixels on the ground."""

from uhrs_qgis_plugin.engine.areas.counting import ClassArea, Count, class_areas, count_areas
from uhrs_qgis_plugin.engine.areas.polygons import PixelPolygon, boxes_of, read_wkb, touching
from uhrs_qgis_plugin.engine.areas.sources import Sources, uncertainty_cell
from uhrs_qgis_plugin.engine.areas.zones import PolygonZones

__all__ = [
    "ClassArea",
    "Count",
    "PixelPolygon",
    "PolygonZones",
    "Sources",
    "boxes_of",
    "class_areas",
    "count_areas",
    "read_wkb",
    "touching",
    "uncertainty_cell",
]
