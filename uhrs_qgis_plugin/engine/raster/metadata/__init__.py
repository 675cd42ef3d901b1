"""What is known of a raster beside its pixels: its bands, which numbers mean no data, its classes and colours."""

from uhrs_qgis_plugin.engine.raster.metadata.class_table import UNNAMED, ClassTable, read_class_table, read_metadata
from uhrs_qgis_plugin.engine.raster.metadata.nodata import (
    has_mask,
    lists_blocks,
    usable_nodata,
    used_bits,
    valid_values,
)
from uhrs_qgis_plugin.engine.raster.metadata.palettes import Appearance, read_appearance
from uhrs_qgis_plugin.engine.raster.metadata.roles import (
    ALPHA_RULES,
    ROLES,
    BandRole,
    alpha_bands,
    band_roles,
    hiding_bands,
    is_sensor_numbering,
    role_of_name,
    roles_text,
)
from uhrs_qgis_plugin.engine.raster.metadata.sidecar import read_categories, sidecar_path, write_categories

__all__ = [
    "ALPHA_RULES",
    "ROLES",
    "UNNAMED",
    "Appearance",
    "BandRole",
    "ClassTable",
    "alpha_bands",
    "band_roles",
    "has_mask",
    "hiding_bands",
    "is_sensor_numbering",
    "lists_blocks",
    "read_appearance",
    "read_categories",
    "read_class_table",
    "read_metadata",
    "role_of_name",
    "roles_text",
    "sidecar_path",
    "usable_nodata",
    "used_bits",
    "valid_values",
    "write_categories",
]
