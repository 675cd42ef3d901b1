"""The runs of the ablation: what each one changes in training/configs/reproduce.yaml, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# The published code's settings (see `networks.settings.faithful`), at its full widths, but for two that break training
# with five classes: the entropy divided by 0.7 instead of ln C, and fixed grids of patches.
_PUBLISHED_NETWORK = {
    "low_widths": [64, 128, 256, 512],
    "low_stride": 32,
    "context": 128,
    "high_widths": [32, 64, 256, 512],
    "downsampling": "nearest",
    "selector": "point",
    "estimator_kernel": 1,
    "entropy_of": "cells",
    "uncertainty_stride": 8,
    "unselected": "head",
}


@dataclass(frozen=True)
class Run:
    """One training of the ablation.

    Attributes:
        title: What it is, for tables.
        model: What it sets below `model` in the configuration.
        network: What it sets below `model.network`.
        studies_uncertainty: Whether the usefulness of U is measured too.
        seeds: How many seeds it gets when time allows; the most important comparisons need several.
        times_steps: How many times the budget's steps it gets.
    """

    title: str
    model: dict[str, Any] = field(default_factory=dict)
    network: dict[str, Any] = field(default_factory=dict)
    studies_uncertainty: bool = False
    seeds: int = 1
    times_steps: float = 1.0


RUNS = {
    "ours": Run("ours", studies_uncertainty=True, seeds=3),
    "published": Run(
        "published settings",
        {"ratio": 1.0, "estimator_weight": 0.0, "normalise": False, "label_stride": 1},
        _PUBLISHED_NETWORK,
        studies_uncertainty=True,
        seeds=3,
    ),
    "isdnet": Run("ISDNet", {"architecture": "isdnet"}, seeds=3),
    "deeplab": Run("DeepLabv3+ in sliding windows", {"architecture": "deeplabv3plus"}, seeds=3),
    # A step of the published settings or of DeepLabv3+ costs this many of ours: equal time instead of equal steps.
    "ours_longer": Run("ours, 2.5 times as many steps", studies_uncertainty=True, seeds=3, times_steps=2.5),
    "low_only": Run("low stream alone", {"architecture": "low_stream"}),
    "high_only": Run("high stream alone", {"architecture": "high_stream"}, seeds=3),
    "no_estimator": Run(
        "without estimator: patches at random, U = 1/2",
        {"estimator_weight": 0.0},
        {"selector": "random", "uncertainty": "constant"},
    ),
    "plain_sum": Run("without ensembler: plain sum of both streams", {}, {"ensembler": "sum"}),
    "no_complementer": Run("without complementer: all weights 1", {"power": 0.0}),
    "random_ratio": Run("K drawn at random in every training step", {"ratio": None}),
    "unselected_head": Run("unselected patches from the shared head, as published", {}, {"unselected": "head"}),
    "coarse_low": Run(
        "the low stream's logits at 1/32, as published", {}, {"low_stride": 32}, studies_uncertainty=True
    ),
    "fine_uncertainty": Run(
        "U at 1/8, its entropy that of the logits between cells",
        {},
        {"entropy_of": "map", "uncertainty_stride": 8},
        studies_uncertainty=True,
    ),
    "untaught": Run(
        "estimator not taught the errors, as published", {"estimator_weight": 0.0}, studies_uncertainty=True
    ),
    "entropy_only": Run("U is the entropy only", {"estimator_weight": 0.0}, {"uncertainty": "entropy"}),
    "residual_only": Run("U is the residual only", {}, {"uncertainty": "residual"}),
    "published_random": Run(
        "published settings, K drawn at random in training",
        {"ratio": None, "estimator_weight": 0.0, "normalise": False, "label_stride": 1},
        _PUBLISHED_NETWORK,
    ),
}
