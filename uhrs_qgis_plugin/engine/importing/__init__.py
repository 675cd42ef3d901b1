"""ONNX files of any segmentation network: looked at, run on a test image, and made a bundle."""

from uhrs_qgis_plugin.engine.importing.job import check_import, import_model
from uhrs_qgis_plugin.engine.importing.options import (
    ANY_PIXEL,
    DATA_TYPES,
    FIRST_LOOKS,
    LAYOUTS,
    SCORES,
    ImportOptions,
    as_names,
    as_numbers,
)
from uhrs_qgis_plugin.engine.importing.reach import warn_of_seams

__all__ = [
    "ANY_PIXEL",
    "DATA_TYPES",
    "FIRST_LOOKS",
    "LAYOUTS",
    "SCORES",
    "ImportOptions",
    "as_names",
    "as_numbers",
    "check_import",
    "import_model",
    "warn_of_seams",
]
