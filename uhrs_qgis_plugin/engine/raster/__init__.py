"""Rasters read and written, by GDAL or rasterio."""

from uhrs_qgis_plugin.engine.raster.backends import BACKENDS
from uhrs_qgis_plugin.engine.raster.bounds import window_from_bounds
from uhrs_qgis_plugin.engine.raster.ground_pixels import ground_pixel
from uhrs_qgis_plugin.engine.raster.memory import CACHE_MB, bounded_memory
from uhrs_qgis_plugin.engine.raster.opening import create_raster, finish_cog, open_raster
from uhrs_qgis_plugin.engine.raster.output_files import remove_leftovers
from uhrs_qgis_plugin.engine.raster.sidecar import sidecar_path, write_categories
from uhrs_qgis_plugin.engine.raster.types import GDAL_TYPES, IDENTITY, WRITABLE, RasterInfo, RasterProfile, RasterReader
from uhrs_qgis_plugin.engine.raster.working_grid import WorkingReader, working_info

__all__ = [
    "BACKENDS",
    "CACHE_MB",
    "GDAL_TYPES",
    "IDENTITY",
    "WRITABLE",
    "RasterInfo",
    "RasterProfile",
    "RasterReader",
    "WorkingReader",
    "bounded_memory",
    "create_raster",
    "finish_cog",
    "ground_pixel",
    "open_raster",
    "remove_leftovers",
    "sidecar_path",
    "window_from_bounds",
    "working_info",
    "write_categories",
]
