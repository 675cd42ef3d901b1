"""The `.uhrs` file: a trained model with everything needed to run it, and the models at hand."""

from uhrs_qgis_plugin.engine.bundle.bundle import Bundle, read_bundle, read_manifest, write_bundle
from uhrs_qgis_plugin.engine.bundle.catalogue import (
    BUNDLED_FOLDER,
    DEFAULT_MODEL,
    ModelFile,
    find_model,
    list_models,
    user_folder,
)

__all__ = [
    "BUNDLED_FOLDER",
    "DEFAULT_MODEL",
    "Bundle",
    "ModelFile",
    "find_model",
    "list_models",
    "read_bundle",
    "read_manifest",
    "user_folder",
    "write_bundle",
]
