"""From polygons of layers to polygons on the pixels of a raster."""

from __future__ import annotations

from osgeo import gdal
from qgis.core import QgsGeometry, QgsWkbTypes

from uhrs_qgis_plugin.engine.areas import PixelPolygon, read_wkb
from uhrs_qgis_plugin.engine.raster import RasterInfo
from uhrs_qgis_plugin.engine.results import map_transform

POLYGONS = (QgsWkbTypes.Type.Polygon, QgsWkbTypes.Type.MultiPolygon)


def to_pixels(geometry: QgsGeometry, info: RasterInfo) -> PixelPolygon:
    """Take a polygon to the pixels of a raster.

    Args:
        geometry: In the raster's CRS; curves are made straight.
        info: The raster.

    Returns:
        The polygon; an empty one for a feature without geometry.
    """
    geometry = QgsGeometry(geometry)
    geometry.convertToStraightSegment()
    if QgsWkbTypes.flatType(geometry.wkbType()) not in POLYGONS:
        return PixelPolygon.of([])  # no geometry at all: layers of other kinds cannot be chosen
    geometry.get().dropZValue()
    geometry.get().dropMValue()
    return read_wkb(bytes(geometry.asWkb()), gdal.InvGeoTransform(map_transform(info)))
