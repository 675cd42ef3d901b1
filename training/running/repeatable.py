"""Randomness that does not depend on what happened before: the same seed gives the same weights, resumed or not."""

from __future__ import annotations

import os
from typing import Any

import lightning as L
import numpy as np
import torch
from torch import Tensor


class StepSeeds(L.Callback):
    """Seeds torch anew in every step, from the seed, the number of the batch and that of the process.

    Dropout then draws the same numbers in step n whether or not the training was resumed on the way, and validation in
    between changes nothing. The crops and their colours have their own random numbers.
    """

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: dict[str, Tensor], batch_idx: int
    ) -> None:
        """Seed. With `seed_everything: false` nothing is seeded."""
        seed = os.environ.get("PL_GLOBAL_SEED")
        if seed is not None:
            done = trainer.fit_loop.epoch_loop.batch_progress.total.processed  # type: ignore[attr-defined]
            torch.manual_seed(step_seed(int(seed), done, trainer.global_rank))


def step_seed(*numbers: int) -> int:
    """One seed, 0 to 2^63 - 1, from several numbers that are not negative."""
    state: Any = np.random.SeedSequence(numbers).generate_state(1, np.uint64)
    return int(state[0] >> np.uint64(1))
