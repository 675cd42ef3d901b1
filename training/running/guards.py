"""Stops a training when losses or weights are not finite."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightning as L
import torch
from torch import Tensor

from training.data.arrays import Scene
from training.errors import StoppedError


class NumberGuard(L.Callback):
    """Stops a training whose loss is no number, and keeps non-finite weights out of the checkpoints.

    A card computes behind the processor, and asking for a loss would make the processor wait for it in every step. So
    a loss on a card is copied while training goes on, and looked at one step later; no checkpoint is written in
    between.
    """

    def __init__(self) -> None:
        self._batch: dict[str, Tensor] = {}
        self._open: _Look | None = None

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: dict[str, Tensor], batch_idx: int
    ) -> None:
        """Remember the crops."""
        self._batch = batch

    def on_before_backward(self, trainer: L.Trainer, pl_module: L.LightningModule, loss: Tensor) -> None:
        """Check the loss: this one on a processor, the one before it on a card.

        Raises:
            StoppedError: when it is infinite or no number.
        """
        self._check(trainer)
        self._open = _Look.at(loss, trainer.global_step, self._batch)
        if loss.device.type == "cpu":
            self._check(trainer)

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Check the last loss.

        Raises:
            StoppedError: when it is infinite or no number.
        """
        self._check(trainer)

    def _check(self, trainer: L.Trainer) -> None:
        look, self._open = self._open, None
        value = 0.0 if look is None else look.value()
        if look is not None and not math.isfinite(value):
            raise StoppedError(f"The loss is {value} at step {look.step}; {self._advice(trainer, look.batch)}")

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Check loss and weights.

        Raises:
            StoppedError: when one is infinite or no number.
        """
        self._check(trainer)
        for name, values in checkpoint["state_dict"].items():
            if values.is_floating_point() and not torch.isfinite(values).all():
                raise StoppedError(
                    f"Weights such as {name} are no longer numbers at step {trainer.global_step}, and no checkpoint "
                    f"was written; {self._advice(trainer, self._batch)}"
                )

    @staticmethod
    def _advice(trainer: L.Trainer, batch: dict[str, Tensor]) -> str:
        scenes: Sequence[Scene] = getattr(trainer.datamodule, "train_scenes", [])  # type: ignore[attr-defined]
        callback = trainer.checkpoint_callback
        last = getattr(callback, "last_model_path", "") or getattr(callback, "best_model_path", "")
        go_on = f"go on from '{last}' with --ckpt_path" if last else "begin again"
        return f"{describe_crops(batch, scenes)}. Look at them, or lower --model.lr and {go_on}"


@dataclass(frozen=True)
class _Look:
    """A loss that may still be computed.

    Attributes:
        loss: a copy in the processor's memory, or where none can be made meanwhile the loss itself.
        copied: when the copy is complete; None: it is.
        step: of the training.
        batch: its crops.
    """

    loss: Tensor
    copied: torch.cuda.Event | None
    step: int
    batch: dict[str, Tensor]

    @staticmethod
    def at(loss: Tensor, step: int, batch: dict[str, Tensor]) -> _Look:
        """Begin to copy."""
        if loss.device.type != "cuda":
            return _Look(loss.detach(), None, step, batch)
        there = torch.empty((), dtype=loss.dtype, pin_memory=True)
        there.copy_(loss.detach(), non_blocking=True)
        copied = torch.cuda.Event()  # type: ignore[no-untyped-call]
        copied.record()
        return _Look(there, copied, step, batch)

    def value(self) -> float:
        """The loss."""
        if self.copied is not None:
            self.copied.synchronize()
        return float(self.loss)


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
