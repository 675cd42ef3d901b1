"""Which parts of a network are trained, by which optimiser, and at which learning rate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch.nn import Parameter
from torch.nn.modules.batchnorm import _BatchNorm

from training.errors import SettingsError
from training.networks import Network


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
        encoder_lr: what the learning rate of weights that a file brought is multiplied by.
    """

    optimiser: Literal["adamw", "adam", "sgd"]
    lr: float
    weight_decay: float
    poly: float
    min_lr: float
    warmup: int
    encoder_lr: float = 1.0

    def factor(self, step: int, total: float) -> float:
        """What `lr` is multiplied by at a step of `total` steps."""
        rise = min(1.0, (step + 1) / (self.warmup + 1))
        fall = (1 - min(step, total) / total) ** self.poly
        return rise * (fall * (1 - self.min_lr / self.lr) + self.min_lr / self.lr)

    def build(
        self, parameters: Iterable[tuple[str, Parameter]], brought: Collection[str], total: Callable[[int], float]
    ) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
        """The optimiser and its schedule, to be stepped after each step.

        Args:
            parameters: names and parameters that are trained.
            brought: names of those that a file brought.
            total: a step -> how many there will be in all, as far as is known then.
        """
        named = list(parameters)
        own = self.encoder_lr != 1 and any(name in brought for name, _ in named)
        groups: list[dict[str, Any]] = [
            {"params": [p for name, p in named if not own or name not in brought]},
            {"params": [p for name, p in named if own and name in brought], "lr": self.lr * self.encoder_lr},
        ]
        groups = [group for group in groups if group["params"]]
        optimiser: torch.optim.Optimizer
        if self.optimiser == "sgd":
            optimiser = torch.optim.SGD(groups, self.lr, momentum=0.9, weight_decay=self.weight_decay)
        else:
            kind = torch.optim.AdamW if self.optimiser == "adamw" else torch.optim.Adam
            optimiser = kind(groups, self.lr, weight_decay=self.weight_decay)
        return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: self.factor(step, total(step)))


class TrainedParts:
    """The parts of a network that are trained; the others keep their weights and their normalisation statistics.

    Args:
        names: its parts that are trained, such as "detail_head", or parts of these, such as "low_encoder.stem"; None
            trains all.
        keep_statistics: all parts keep their normalisation statistics, and are normalised by them in training too.

    Raises:
        SettingsError: when the network has no such part, or none is named.
    """

    def __init__(self, network: Network, names: Sequence[str] | None, keep_statistics: bool = False) -> None:
        parts = {name: part for name, part in network.named_modules() if name and any(True for _ in part.parameters())}
        if names == [] or set(names or ()) - parts.keys():
            known = ", ".join(name for name in parts if "." not in name)
            raise SettingsError(f"train_only is {names}; this network has the parts {known}")
        self._frozen = [] if names is None else list(network.children())
        self._trained = [parts[name] for name in names or ()]
        for part in self._frozen:
            part.requires_grad_(False)
        for part in self._trained:
            part.requires_grad_(True)
        self._kept = [part for part in network.modules() if keep_statistics and isinstance(part, _BatchNorm)]

    def enter_training_mode(self) -> None:
        """Put what is not trained in evaluation mode again, after the whole network was put in training mode."""
        for part in self._frozen:
            part.eval()
        for part in self._trained:
            part.train()
        for part in self._kept:
            part.eval()
