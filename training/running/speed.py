"""Speed of training, and the share of time spent waiting for crops: logged once an epoch."""

from __future__ import annotations

import time
from typing import Any

import lightning as L
import torch
from torch import Tensor


class Speed(L.Callback):
    """Logs how fast every epoch was, from its second step on: the first one starts the loader's processes.

    - `speed/mpx_per_s`: million pixels of crops a second, forward, backward and everything else, of this process.
    - `speed/waiting`: share of the time, 0..1, in which the device had nothing to do between two steps, because the
      next crops were not there.

    A processor is asked by its clock. A card computes behind the processor, which says nothing about when the card is
    idle: there both ends of each pause are marks in the card's own queue, read once an epoch.
    """

    def __init__(self) -> None:
        self._first: _Mark | None = None
        self._last: _Mark | None = None
        self._pauses: list[tuple[_Mark, _Mark]] = []
        self._pixels = 0

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Reset the counters."""
        self._first, self._last, self._pauses, self._pixels = None, None, [], 0

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: dict[str, Tensor], batch_idx: int
    ) -> None:
        """Mark the end of a pause."""
        if self._last is not None:
            self._pauses.append((self._last, _Mark(batch["image"].device)))

    def on_train_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,  # noqa: ANN401 (whatever the step returns)
        batch: dict[str, Tensor],
        batch_idx: int,
    ) -> None:
        """Mark its beginning, and count the pixels."""
        images = batch["image"]
        self._last = _Mark(images.device)
        if self._first is None:
            self._first = self._last
        else:
            self._pixels += len(images) * images.shape[-2] * images.shape[-1]

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Log; an epoch of one step cannot be timed."""
        seconds = 0.0 if self._first is None or self._last is None else self._last.since(self._first)
        if seconds > 0:
            waited = sum(end.since(begin) for begin, end in self._pauses)
            pl_module.log_dict({"speed/mpx_per_s": self._pixels / 1e6 / seconds, "speed/waiting": waited / seconds})
        self._pauses = []


class _Mark:
    """A moment in the work of a device."""

    def __init__(self, device: torch.device) -> None:
        self._event: torch.cuda.Event | None = None
        self._time = 0.0
        if device.type == "cuda":
            self._event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
            self._event.record()
        else:
            self._time = time.perf_counter()

    def since(self, other: _Mark) -> float:
        """Seconds from `other`, which is earlier; on a card it waits until the card was here."""
        if self._event is None or other._event is None:
            return self._time - other._time
        self._event.synchronize()
        return other._event.elapsed_time(self._event) / 1000
