"""The runs of the ablation: what each one changes in training/configs/reproduce.yaml, and why.

The key "ours" is that file alone, the base of all others. It is not what the plugin ships: see `nearest_to`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from training.networks import network_settings, restored_settings

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
    "ours": Run("base of the ablation", studies_uncertainty=True, seeds=3),
    "published": Run(
        "published network, our optimiser",
        {"ratio": 1.0, "estimator_weight": 0.0, "normalise": False, "label_stride": 1},
        _PUBLISHED_NETWORK,
        studies_uncertainty=True,
        seeds=3,
    ),
    "isdnet": Run("ISDNet", {"architecture": "isdnet"}, seeds=3),
    "deeplab": Run("DeepLabv3+ in sliding windows", {"architecture": "deeplabv3plus"}, seeds=3),
    # A step of the published network or of DeepLabv3+ costs this many of ours: equal time instead of equal steps.
    "ours_longer": Run("base, 2.5 times as many steps", studies_uncertainty=True, seeds=3, times_steps=2.5),
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
        "U as shipped: at 1/8, with the entropy of the logits between cells",
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
        "published network, our optimiser, K drawn at random in training",
        {"ratio": None, "estimator_weight": 0.0, "normalise": False, "label_stride": 1},
        _PUBLISHED_NETWORK,
    ),
}


def nearest_to(shipped: Mapping[str, Any], base: Mapping[str, Any], keys: Iterable[str]) -> tuple[str, dict[str, Any]]:
    """The run whose network is most like a shipped one.

    Args:
        shipped: Settings of the shipped network, as its bundle has them.
        base: Those of reproduce.yaml.
        keys: Of the runs to look at.

    Returns:
        Its key, and setting -> (of the run, of the shipped network) where they differ.
    """
    wanted = asdict(restored_settings(2, dict(shipped)))
    found: dict[str, dict[str, Any]] = {}
    for key in keys:
        if "architecture" not in RUNS[key].model:
            own = asdict(network_settings(2, {**base, **RUNS[key].network}))
            found[key] = {
                name: (own[name], value)
                for name, value in wanted.items()
                if own[name] != value and name not in ("mean", "std")  # of the imagery
            }
    nearest = min(found, key=lambda key: len(found[key]))
    return nearest, found[nearest]
