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
from uhrs_qgis_plugin.engine.bundle.windows import Windows, best_windows, network_manifest

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
    "Windows",
    "amend_bundle",
    "best_windows",
    "find_model",
    "list_models",
    "network_manifest",
    "read_bundle",
    "read_imagery",
    "read_manifest",
    "user_folder",
    "write_bundle",
]
