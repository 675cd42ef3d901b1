"""The parts of `training/export_model.py`: what becomes ONNX."""

from training.export.graphs import (
    FuseGraph,
    HighGraph,
    LowGraph,
    coarse_channels,
    example,
    export_graphs,
    round_to_half,
)

__all__ = ["FuseGraph", "HighGraph", "LowGraph", "coarse_channels", "example", "export_graphs", "round_to_half"]
