"""Read what train.py and import_checkpoint.py wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.errors import CheckpointError, SettingsError
from training.networks import DEFAULT, Network, find_architecture, name_of, restored_settings, stored_settings


@dataclass(frozen=True)
class Trained:
    """A trained network with its classes and recipe.

    Attributes:
        network: in evaluation mode.
        class_names: in the order of the labels.
        class_colours: RRGGBB of each class.
        recipe: the task's and the data's hyperparameters.
        step: optimiser steps done.
        bands: what the bands are, such as "red"; empty where the file does not tell.
    """

    network: Network
    class_names: list[str]
    class_colours: list[str]
    recipe: dict[str, Any]
    step: int
    bands: tuple[str, ...] = ()


def load_trained(path: str | Path) -> Trained:
    """Read a checkpoint without executing anything in it.

    Raises:
        CheckpointError: when the file is missing, is not a checkpoint of this project, or does not fit.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # the reader raises a dozen unrelated types for damaged files
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CheckpointError(f"Cannot read the checkpoint '{path}': {reason}. Give a .ckpt of train.py") from error
    try:
        hyper = dict(content["hyper_parameters"])
        architecture = find_architecture(hyper.get("architecture", DEFAULT))  # older checkpoints name none
        network = architecture(restored_settings(hyper["classes"], hyper["network"] or {}))
        prefix = "network."
        weights = {k[len(prefix) :]: v for k, v in content["state_dict"].items() if k.startswith(prefix)}
        network.load_state_dict(weights)
        recipe = {"model": hyper, "data": dict(content.get("datamodule_hyper_parameters", {}))}
        names, colours = list(hyper["class_names"]), list(hyper["class_colours"])
        bands = tuple(hyper.get("bands") or ())
        return Trained(network.eval(), names, colours, recipe, content["global_step"], bands)
    except (SettingsError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"'{path}' is not a checkpoint of this project or does not fit: {error}") from error


def save_trained(path: str | Path, network: Network, class_names: list[str], class_colours: list[str]) -> None:
    """Write a network in the form of train.py's checkpoints, so that every entry point takes it."""
    weights: Mapping[str, Tensor] = {f"network.{k}": v for k, v in network.state_dict().items()}
    hyper = {
        "architecture": name_of(network),
        "classes": network.settings.classes,
        "class_names": class_names,
        "class_colours": class_colours,
        "network": stored_settings(network.settings),
    }
    torch.save({"state_dict": weights, "hyper_parameters": hyper, "global_step": 0}, path)
