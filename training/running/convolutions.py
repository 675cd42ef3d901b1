"""The fastest convolutions of a card, looked for where shapes stay the same."""

from __future__ import annotations

import lightning as L
import torch


class SearchedConvolutions(L.Callback):
    """Lets cuDNN try its algorithms once for every shape while training, whose crops all have one size.

    Not in validation: there every scene may be a shape of its own, and a search costs more than it brings.
    """

    def __init__(self) -> None:
        self._before = self._searches = False

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Search."""
        self._before = torch.backends.cudnn.benchmark
        torch.backends.cudnn.benchmark = self._searches = True

    def on_validation_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Do not search."""
        torch.backends.cudnn.benchmark = False

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Search again."""
        torch.backends.cudnn.benchmark = self._searches

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """As it was."""
        torch.backends.cudnn.benchmark, self._searches = self._before, False
