"""How much ground classes cover: counting, zones, polygons on pixels, pixels on the ground."""

from uhrs_qgis_plugin.engine.areas.counting import (
    AreaSources,
    ClassArea,
    ZoneCount,
    class_areas,
    count_areas,
    file_block_windows,
    uncertainty_cell,
)
from uhrs_qgis_plugin.engine.areas.ground import IN_PLANE, NO_GROUND, NOT_MEASURED, ON_ELLIPSOID, measure
from uhrs_qgis_plugin.engine.areas.pixel_areas import PixelAreas
from uhrs_qgis_plugin.engine.areas.polygons import PixelPolygon, boxes_of, read_wkb, rings_of_wkb, touching
from uhrs_qgis_plugin.engine.areas.zones import PolygonZones

__all__ = [
    "IN_PLANE",
    "NOT_MEASURED",
    "NO_GROUND",
    "ON_ELLIPSOID",
    "AreaSources",
    "ClassArea",
    "PixelAreas",
    "PixelPolygon",
    "PolygonZones",
    "ZoneCount",
    "boxes_of",
    "class_areas",
    "count_areas",
    "file_block_windows",
    "measure",
    "read_wkb",
    "rings_of_wkb",
    "touching",
    "uncertainty_cell",
]
