"""The `.uhrs` file: a trained model with everything needed to run it, and the models at hand."""

from uhrs_qgis_plugin.engine.bundle.bundle import (
    Bundle,
    ClassInfo,
    amend_bundle,
    read_bundle,
    read_manifest,
    write_bundle,
)
from uhrs_qgis_plugin.engine.bundle.catalogue import (
    BUNDLED_FOLDER,
    DEFAULT_MODEL,
    ModelFile,
    find_model,
    list_models,
    user_folder,
)
from uhrs_qgis_plugin.engine.bundle.imagery import CHANGES, TRAINING, Imagery, Mixture, read_imagery

__all__ = [
    "BUNDLED_FOLDER",
    "CHANGES",
    "DEFAULT_MODEL",
    "TRAINING",
    "Bundle",
    "ClassInfo",
    "Imagery",
    "Mixture",
    "ModelFile",
    "amend_bundle",
    "find_model",
    "list_models",
    "read_bundle",
    "read_imagery",
    "read_manifest",
    "user_folder",
    "write_bundle",
]
