"""Bundles of one network: what its graph takes and gives, and what its scores become on the grids of the two passes."""

from uhrs_qgis_plugin.engine.inference.network.scores import ClassScores, deep, fused, means, patch_features
from uhrs_qgis_plugin.engine.inference.network.tensors import (
    as_tensor,
    by_class,
    check_scores,
    input_shape,
    wide_enough,
)

__all__ = [
    "ClassScores",
    "as_tensor",
    "by_class",
    "check_scores",
    "deep",
    "fused",
    "input_shape",
    "means",
    "patch_features",
    "wide_enough",
]
