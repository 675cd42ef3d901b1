"""Several rasters read as one."""

from uhrs_qgis_plugin.engine.raster.mosaic.files import describe, rasters_in
from uhrs_qgis_plugin.engine.raster.mosaic.folder import build_mosaic
from uhrs_qgis_plugin.engine.raster.mosaic.lists import read_list
from uhrs_qgis_plugin.engine.raster.mosaic.parts import opening_options
from uhrs_qgis_plugin.engine.raster.mosaic.stac import LARGEST, is_stac_name, read_items
from uhrs_qgis_plugin.engine.raster.mosaic.stated import with_names, with_nodata
from uhrs_qgis_plugin.engine.raster.mosaic.windows import open_mosaic

__all__ = [
    "LARGEST",
    "build_mosaic",
    "describe",
    "is_stac_name",
    "open_mosaic",
    "opening_options",
    "rasters_in",
    "read_items",
    "read_list",
    "with_names",
    "with_nodata",
]
