"""Rasters read and written, by GDAL or rasterio."""

from uhrs_qgis_plugin.engine.raster.backends import BACKENDS, backend_version
from uhrs_qgis_plugin.engine.raster.class_table import UNNAMED, ClassTable, read_class_table, read_metadata
from uhrs_qgis_plugin.engine.raster.georeference import (
    Geodesy,
    crs_wkt_of,
    geodesy_of,
    ground_pixel,
    same_crs,
    transform_points,
    window_from_bounds,
    with_crs,
)
from uhrs_qgis_plugin.engine.raster.memory import CACHE_MB, bounded_memory
from uhrs_qgis_plugin.engine.raster.opening import check_raster_unchanged, create_raster, finish_cog, open_raster
from uhrs_qgis_plugin.engine.raster.output_files import remove_leftovers
from uhrs_qgis_plugin.engine.raster.palettes import Appearance, read_appearance
from uhrs_qgis_plugin.engine.raster.roles import (
    ALPHA_RULES,
    ROLES,
    BandRole,
    band_roles,
    is_sensor_numbering,
    role_of_name,
    roles_text,
)
from uhrs_qgis_plugin.engine.raster.servers import is_remote
from uhrs_qgis_plugin.engine.raster.sidecar import sidecar_path, write_categories
from uhrs_qgis_plugin.engine.raster.source import RasterSource
from uhrs_qgis_plugin.engine.raster.stale_overviews import open_without_stale_overviews
from uhrs_qgis_plugin.engine.raster.traffic import Traffic
from uhrs_qgis_plugin.engine.raster.types import GDAL_TYPES, IDENTITY, WRITABLE, RasterInfo, RasterProfile, RasterReader
from uhrs_qgis_plugin.engine.raster.views import (
    MOST_ENLARGED,
    MOST_REDUCED,
    NEAR,
    PERCENTILES,
    RasterView,
    Stretch,
    StretchedReader,
    WorkingReader,
    check_stretch,
    few_bits,
    is_worth_keeping,
    keeping,
    kept_bytes,
    measure_stretch,
    reductions,
    working_info,
    working_shape,
)

__all__ = [
    "ALPHA_RULES",
    "BACKENDS",
    "CACHE_MB",
    "GDAL_TYPES",
    "IDENTITY",
    "MOST_ENLARGED",
    "MOST_REDUCED",
    "NEAR",
    "PERCENTILES",
    "ROLES",
    "UNNAMED",
    "WRITABLE",
    "Appearance",
    "BandRole",
    "ClassTable",
    "Geodesy",
    "RasterInfo",
    "RasterProfile",
    "RasterReader",
    "RasterSource",
    "RasterView",
    "Stretch",
    "StretchedReader",
    "Traffic",
    "WorkingReader",
    "backend_version",
    "band_roles",
    "bounded_memory",
    "check_raster_unchanged",
    "check_stretch",
    "create_raster",
    "crs_wkt_of",
    "few_bits",
    "finish_cog",
    "geodesy_of",
    "ground_pixel",
    "is_remote",
    "is_sensor_numbering",
    "is_worth_keeping",
    "keeping",
    "kept_bytes",
    "measure_stretch",
    "open_raster",
    "open_without_stale_overviews",
    "read_appearance",
    "read_class_table",
    "read_metadata",
    "reductions",
    "remove_leftovers",
    "role_of_name",
    "roles_text",
    "same_crs",
    "sidecar_path",
    "transform_points",
    "window_from_bounds",
    "with_crs",
    "working_info",
    "working_shape",
    "write_categories",
]
