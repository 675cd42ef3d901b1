"""Several rasters read as one."""

from uhrs_qgis_plugin.engine.raster.mosaic.files import describe, rasters_in
from uhrs_qgis_plugin.engine.raster.mosaic.folder import build_mosaic
from uhrs_qgis_plugin.engine.raster.mosaic.lists import read_list
from uhrs_qgis_plugin.engine.raster.mosaic.vrt import Tile, write_mosaic
from uhrs_qgis_plugin.engine.raster.mosaic.windows import open_mosaic

__all__ = ["Tile", "build_mosaic", "describe", "open_mosaic", "rasters_in", "read_list", "write_mosaic"]
