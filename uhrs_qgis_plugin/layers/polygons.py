"""From polygons of layers to polygons on the pixels of a raster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osgeo import gdal
from qgis.core import QgsGeometry, QgsWkbTypes

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.areas import PixelPolygon
    from uhrs_qgis_plugin.engine.raster import RasterInfo

POLYGONS = (QgsWkbTypes.Type.Polygon, QgsWkbTypes.Type.MultiPolygon)


def to_pixels(geometry: QgsGeometry, info: RasterInfo) -> PixelPolygon:
    """Transform a polygon in the raster's CRS to pixels; curves are segmentized. No geometry gives an empty polygon."""
    from uhrs_qgis_plugin.engine.areas import PixelPolygon, read_wkb  # loads numpy
    from uhrs_qgis_plugin.engine.results import map_transform

    geometry = QgsGeometry(geometry)
    geometry.convertToStraightSegment()
    if QgsWkbTypes.flatType(geometry.wkbType()) not in POLYGONS:
        return PixelPolygon.of([])  # no geometry at all: layers of other kinds cannot be chosen
    geometry.get().dropZValue()
    geometry.get().dropMValue()
    return read_wkb(bytes(geometry.asWkb()), gdal.InvGeoTransform(map_transform(info)))
