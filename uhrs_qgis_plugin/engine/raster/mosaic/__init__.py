"""Several rasters read as one."""

from uhrs_qgis_plugin.engine.raster.mosaic.coverage import Coverage, read_vrt
from uhrs_qgis_plugin.engine.raster.mosaic.members import build_mosaic, members, rasters_in
from uhrs_qgis_plugin.engine.raster.mosaic.vrt import Tile, write_mosaic

__all__ = ["Coverage", "Tile", "build_mosaic", "members", "rasters_in", "read_vrt", "write_mosaic"]
