"""Where a raster lies: its coordinate reference system, its pixels on the ground, windows from bounds."""

from uhrs_qgis_plugin.engine.raster.georeference.bounds import window_from_bounds
from uhrs_qgis_plugin.engine.raster.georeference.crs import crs_wkt_of, same_crs, transform_points, with_crs
from uhrs_qgis_plugin.engine.raster.georeference.geodesy import Geodesy, geodesy_of
from uhrs_qgis_plugin.engine.raster.georeference.ground_pixels import ground_pixel

__all__ = [
    "Geodesy",
    "crs_wkt_of",
    "geodesy_of",
    "ground_pixel",
    "same_crs",
    "transform_points",
    "window_from_bounds",
    "with_crs",
]
