"""What stops a training before it does harm: losses that are no numbers, checkpoints that do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch import Tensor, nn

from training.data.arrays.scenes import Scene
from training.weights.checkpoint import CheckpointError


class TrainingError(Exception):
    """Training cannot go on; the text says why and what to do."""


class NumberGuard(L.Callback):
    """Keeps a loss that is no number from the weights, and weights that are none from the checkpoints."""

    def __init__(self) -> None:
        self._batch: dict[str, Tensor] = {}

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: dict[str, Tensor], batch_idx: int
    ) -> None:
        """Remember the crops."""
        self._batch = batch

    def on_before_backward(self, trainer: L.Trainer, pl_module: L.LightningModule, loss: Tensor) -> None:
        """Look at the loss.

        Raises:
            TrainingError: when it is infinite or no number.
        """
        if not torch.isfinite(loss):
            raise TrainingError(f"The loss is {float(loss)} at step {trainer.global_step}; {self._advice(trainer)}")

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Look at the weights.

        Raises:
            TrainingError: when one is infinite or no number.
        """
        for name, values in checkpoint["state_dict"].items():
            if values.is_floating_point() and not torch.isfinite(values).all():
                raise TrainingError(
                    f"Weights such as {name} are no longer numbers at step {trainer.global_step}, and no checkpoint "
                    f"was written; {self._advice(trainer)}"
                )

    def _advice(self, trainer: L.Trainer) -> str:
        scenes: Sequence[Scene] = getattr(trainer.datamodule, "train_scenes", [])  # type: ignore[attr-defined]
        callback = trainer.checkpoint_callback
        last = getattr(callback, "last_model_path", "") or getattr(callback, "best_model_path", "")
        go_on = f"go on from '{last}' with --ckpt_path" if last else "begin again"
        return f"{describe_crops(self._batch, scenes)}. Look at them, or lower --model.lr and {go_on}"


def describe_crops(batch: dict[str, Tensor], scenes: Sequence[Scene]) -> str:
    """Where the crops of a batch come from; when pixels of some are no numbers, where those come from.

    Args:
        batch: with `image` (N, B, H, W) and `origin` (N, 5), see `RandomCrops`.
        scenes: what `origin` counts.
    """
    origins = batch["origin"].tolist() if "origin" in batch else []
    broken = (~torch.isfinite(batch["image"])).flatten(1).any(1).tolist() if origins else []
    chosen = [origin for origin, bad in zip(origins, broken, strict=True) if bad] or origins
    places = [
        f"'{source(scenes[scene]) if scene < len(scenes) else scene}' rows {row} to {row + side - 1}, columns {col} to "
        f"{col + side - 1}"
        for scene, row, col, side, _ in chosen
    ]
    what = "pixels that are no numbers in" if any(broken) else "the crops were"
    return f"{what} {'; '.join(places) or 'unknown'}"


def source(scene: Scene) -> str:
    """The file behind a scene, or its name where it was put together from several or is in no file."""
    image: Any = scene.image
    while not hasattr(image, "path") and hasattr(image, "source"):
        image = image.source
    return str(getattr(image, "path", scene.name))


def check_resume(path: str | Path, content: dict[str, Any], model: L.LightningModule) -> None:
    """Compare the checkpoint of --ckpt_path with what is to be trained.

    Args:
        path: its file.
        content: what it holds.
        model: what was built from the configuration and the data.

    Raises:
        CheckpointError: when it is of other classes, of another network or of no training.
    """
    content = content if isinstance(content, dict) else {}  # the file may hold anything
    hyper, weights = content.get("hyper_parameters"), content.get("state_dict")
    if not isinstance(hyper, dict) or not isinstance(weights, dict) or "class_names" not in hyper:
        raise CheckpointError(f"'{path}' is no checkpoint of train.py. Give one that it wrote, such as last.ckpt")
    names, wanted = list(hyper["class_names"]), list(model.hparams["class_names"])
    if names != wanted:
        raise CheckpointError(
            f"'{path}' was trained for {len(names)} classes ({', '.join(names)}), the data have {len(wanted)} "
            f"({', '.join(wanted)}). To begin with its weights on other classes give --model.start_from '{path}' "
            "instead of --ckpt_path"
        )
    if "optimizer_states" not in content:
        raise CheckpointError(
            f"'{path}' holds weights, but not the state of a training. Give --model.start_from '{path}' instead of "
            "--ckpt_path"
        )
    _check_weights(path, weights, model)


def _check_weights(path: str | Path, weights: dict[str, Tensor], model: nn.Module) -> None:
    expected = model.state_dict()
    for name in sorted(expected.keys() | weights.keys()):
        found, wanted = (tuple(state[name].shape) if name in state else "missing" for state in (weights, expected))
        if found != wanted:
            raise CheckpointError(
                f"'{path}' is of another network: {name} is {found} there and {wanted} here. Use the configuration "
                "that it was trained with"
            )
