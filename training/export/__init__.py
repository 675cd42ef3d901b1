"""The parts of `training/export_model.py`: the exported graphs."""

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
