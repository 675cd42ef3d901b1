"""The parts of `training/export_model.py`: the exported graphs, and their 8-bit forms."""

from training.export.graphs import (
    FuseGraph,
    HighGraph,
    LowGraph,
    coarse_channels,
    example,
    export_graphs,
    round_to_half,
)
from training.export.int8_bundle import DisagreementError, LabelledScenes, add_int8, describe_int8, load_labelled

__all__ = [
    "DisagreementError",
    "FuseGraph",
    "HighGraph",
    "LabelledScenes",
    "LowGraph",
    "add_int8",
    "coarse_channels",
    "describe_int8",
    "example",
    "export_graphs",
    "load_labelled",
    "round_to_half",
]
