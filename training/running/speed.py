"""Speed of training, and the share of time spent waiting for crops: logged once an epoch."""

from __future__ import annotations

import time
from typing import Any

import lightning as L
from torch import Tensor


class Speed(L.Callback):
    """Logs how fast every epoch was, from its second step on: the first one starts the loader's processes.

    - `speed/mpx_per_s`: million pixels of crops a second, forward, backward and everything else, of this process.
    - `speed/waiting`: share of the time, 0..1, spent waiting for the next crops.
    """

    def __init__(self) -> None:
        self._begun: float | None = None
        self._ended = 0.0
        self._waited, self._pixels = 0.0, 0

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Reset the counters."""
        self._begun, self._waited, self._pixels = None, 0.0, 0

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: dict[str, Tensor], batch_idx: int
    ) -> None:
        """Add the waiting time."""
        if self._begun is not None:
            self._waited += time.perf_counter() - self._ended

    def on_train_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,  # noqa: ANN401 (whatever the step returns)
        batch: dict[str, Tensor],
        batch_idx: int,
    ) -> None:
        """Count the pixels."""
        self._ended = time.perf_counter()
        if self._begun is None:
            self._begun = self._ended
        else:
            images = batch["image"]
            self._pixels += len(images) * images.shape[-2] * images.shape[-1]

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Log; an epoch of one step cannot be timed."""
        if self._begun is None or self._ended <= self._begun:
            return
        seconds = self._ended - self._begun
        pl_module.log_dict({"speed/mpx_per_s": self._pixels / 1e6 / seconds, "speed/waiting": self._waited / seconds})
