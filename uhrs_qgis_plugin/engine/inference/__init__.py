"""The graphs of a bundle on a device."""

from uhrs_qgis_plugin.engine.inference.agreement import LEAST_AGREEMENT
from uhrs_qgis_plugin.engine.inference.cards import find_cards
from uhrs_qgis_plugin.engine.inference.contract import Arrays, OpenStreams, Streams
from uhrs_qgis_plugin.engine.inference.devices import (
    CPU_FILE,
    NUMBERED,
    PROVIDERS,
    available_devices,
    import_onnxruntime,
    is_device,
    kind_of,
    limit_cores,
    load_cuda_libraries,
    usable_cores,
)
from uhrs_qgis_plugin.engine.inference.kept import KeptModel, Opener
from uhrs_qgis_plugin.engine.inference.lanes import InterruptibleStreams
from uhrs_qgis_plugin.engine.inference.precision import PRECISIONS
from uhrs_qgis_plugin.engine.inference.resident import Layout, ResidentFeatures
from uhrs_qgis_plugin.engine.inference.sessions import agreement_of_int8
from uhrs_qgis_plugin.engine.inference.several import cards_of, open_streams

__all__ = [
    "CPU_FILE",
    "LEAST_AGREEMENT",
    "NUMBERED",
    "PRECISIONS",
    "PROVIDERS",
    "Arrays",
    "InterruptibleStreams",
    "KeptModel",
    "Layout",
    "OpenStreams",
    "Opener",
    "ResidentFeatures",
    "Streams",
    "agreement_of_int8",
    "available_devices",
    "cards_of",
    "find_cards",
    "import_onnxruntime",
    "is_device",
    "kind_of",
    "limit_cores",
    "load_cuda_libraries",
    "open_streams",
    "usable_cores",
]
