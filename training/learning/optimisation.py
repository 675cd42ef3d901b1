"""The optimiser and its learning rate over the steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import torch
from torch.nn import Parameter


@dataclass(frozen=True)
class Recipe:
    """How weights are changed.

    Attributes:
        optimiser: "adamw", "adam" or "sgd" (momentum 0.9).
        lr: highest learning rate.
        weight_decay: of the optimiser.
        poly: power of the polynomial decay to `min_lr`.
        min_lr: learning rate at the end.
        warmup: steps of linear warm-up.
    """

    optimiser: Literal["adamw", "adam", "sgd"]
    lr: float
    weight_decay: float
    poly: float
    min_lr: float
    warmup: int

    def factor(self, step: int, total: int) -> float:
        """What `lr` is multiplied by at a step of `total` steps."""
        rise = min(1.0, (step + 1) / (self.warmup + 1))
        fall = (1 - min(step, total) / total) ** self.poly
        return rise * (fall * (1 - self.min_lr / self.lr) + self.min_lr / self.lr)

    def build(
        self, parameters: Iterable[Parameter], total: int
    ) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
        """The optimiser and its schedule, to be stepped after each of `total` steps."""
        optimiser: torch.optim.Optimizer
        if self.optimiser == "sgd":
            optimiser = torch.optim.SGD(parameters, self.lr, momentum=0.9, weight_decay=self.weight_decay)
        else:
            kind = torch.optim.AdamW if self.optimiser == "adamw" else torch.optim.Adam
            optimiser = kind(parameters, self.lr, weight_decay=self.weight_decay)
        return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: self.factor(step, total))
