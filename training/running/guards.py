"""Stops a training when losses or weights are not finite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import lightning as L
import torch
from torch import Tensor

from training.data.arrays import Scene
from training.errors import StoppedError


class NumberGuard(L.Callback):
    """Keeps non-finite losses out of the weights, and non-finite weights out of the checkpoints."""

    def __init__(self) -> None:
        self._batch: dict[str, Tensor] = {}

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: dict[str, Tensor], batch_idx: int
    ) -> None:
        """Remember the crops."""
        self._batch = batch

    def on_before_backward(self, trainer: L.Trainer, pl_module: L.LightningModule, loss: Tensor) -> None:
        """Check the loss.

        Raises:
            StoppedError: when it is infinite or no number.
        """
        if not torch.isfinite(loss):
            raise StoppedError(f"The loss is {float(loss)} at step {trainer.global_step}; {self._advice(trainer)}")

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Check the weights.

        Raises:
            StoppedError: when one is infinite or no number.
        """
        for name, values in checkpoint["state_dict"].items():
            if values.is_floating_point() and not torch.isfinite(values).all():
                raise StoppedError(
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
    """Where the crops of a batch come from; only those with non-finite pixels, if there are any.

    Args:
        batch: with `image` (N, B, H, W) and `origin` (N, 4), see `RandomCrops`.
        scenes: what `origin` counts.
    """
    origins = batch["origin"].tolist() if "origin" in batch else []
    broken = (~torch.isfinite(batch["image"])).flatten(1).any(1).tolist() if origins else []
    chosen = [origin for origin, bad in zip(origins, broken, strict=True) if bad] or origins
    places = [
        f"'{source(scenes[scene]) if scene < len(scenes) else scene}' rows {row} to {row + side - 1}, columns {col} to "
        f"{col + side - 1}"
        for scene, row, col, side in chosen
    ]
    what = "pixels that are no numbers in" if any(broken) else "the crops were"
    return f"{what} {'; '.join(places) or 'unknown'}"


def source(scene: Scene) -> str:
    """The file behind a scene, or its name where it was put together from several or is in no file."""
    image: Any = scene.image
    while not hasattr(image, "path") and hasattr(image, "source"):
        image = image.source
    return str(getattr(image, "path", scene.name))
