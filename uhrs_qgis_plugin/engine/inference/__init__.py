"""The graphs of a bundle on a device."""

from uhrs_qgis_plugin.engine.inference.contract import Arrays, Streams
from uhrs_qgis_plugin.engine.inference.devices import (
    CPU_FILE,
    PROVIDERS,
    available_devices,
    import_onnxruntime,
)
from uhrs_qgis_plugin.engine.inference.lanes import InterruptibleStreams
from uhrs_qgis_plugin.engine.inference.sessions import OrtStreams, open_streams

__all__ = [
    "CPU_FILE",
    "PROVIDERS",
    "Arrays",
    "InterruptibleStreams",
    "OrtStreams",
    "Streams",
    "available_devices",
    "import_onnxruntime",
    "open_streams",
]
