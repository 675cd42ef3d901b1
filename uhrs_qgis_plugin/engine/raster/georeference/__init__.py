"""Where a raster lies: its coordinate reference system, its pixels on the ground, windows from bounds."""

from uhrs_qgis_plugin.engine.raster.georeference.bounds import window_from_bounds
from uhrs_qgis_plugin.engine.raster.georeference.crs import with_crs
from uhrs_qgis_plugin.engine.raster.georeference.geodesy import Geodesy, geodesy_of
from uhrs_qgis_plugin.engine.raster.georeference.ground_pixels import ground_pixel

__all__ = ["Geodesy", "geodesy_of", "ground_pixel", "window_from_bounds", "with_crs"]
