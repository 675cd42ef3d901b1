"""The parts of `training/export_model.py`: graphs, their 8-bit forms, the final calibration, networks of others."""

from training.export.calibrated import calibrate, describe_calibration
from training.export.foreign import add_foreign, import_foreign, is_foreign
from training.export.graphs import HALF_BITS, export_graphs, round_to_half
from training.export.int8_bundle import DisagreementError, LabelledScenes, add_int8, describe_int8, load_labelled
from training.export.manifest import Told, manifest
from training.export.one_network import WindowOptions, export_windows, network_bundle, seams_of
from training.export.parity import TOLERANCE, largest_difference

__all__ = [
    "HALF_BITS",
    "TOLERANCE",
    "DisagreementError",
    "LabelledScenes",
    "Told",
    "WindowOptions",
    "add_foreign",
    "add_int8",
    "calibrate",
    "describe_calibration",
    "describe_int8",
    "export_graphs",
    "export_windows",
    "import_foreign",
    "is_foreign",
    "largest_difference",
    "load_labelled",
    "manifest",
    "network_bundle",
    "round_to_half",
    "seams_of",
]
