"""A training that ends when the processor has worked for so long, whatever else the machine did meanwhile."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, cast

import lightning as L
from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor

from training.errors import SettingsError


def planned_steps(trainer: L.Trainer) -> Callable[[int], float]:
    """How many steps a training has in all, judged after so many of them: by its budget where it has one."""
    callbacks = cast(Any, trainer).callbacks
    budget = next((callback for callback in callbacks if isinstance(callback, ProcessorBudget)), None)
    if budget is not None:
        return budget.total_steps
    total = trainer.estimated_stepping_batches
    return lambda step: total


class ProcessorBudget(L.Callback):
    """Ends training after `seconds` of the processor's work, and tells the schedule how far it is.

    Networks whose steps cost differently are trained alike so: the learning rate follows the share of the budget that
    is used, and nobody need know the number of steps beforehand. The seconds are those of all threads of this process
    between the beginning and the end of training: crops, steps, averages and checkpoints, not imports and the reading
    of scenes. A training that is resumed goes on counting.

    Args:
        seconds: above 0.
    """

    def __init__(self, seconds: float) -> None:
        if not (math.isfinite(seconds) and seconds > 0):
            raise SettingsError(f"The budget of the processor is {seconds} s; give a number above 0")
        self.seconds = seconds
        self._before = 0.0  # used by earlier beginnings
        self._began: float | None = None

    @property
    def used(self) -> float:
        """Seconds that the processor has worked so far."""
        return self._before + (0.0 if self._began is None else time.process_time() - self._began)

    def total_steps(self, step: int) -> float:
        """How many steps there will be in all, judged after `step` of them; infinity before the first."""
        return step * max(self.seconds / self.used, 1.0) if step and self.used else math.inf

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Start counting.

        Raises:
            SettingsError: when others than this process work for the training, whose seconds would be missing.
        """
        device = trainer.strategy.root_device.type
        if device != "cpu" or trainer.world_size > 1:
            raise SettingsError(
                f"A budget of the processor's seconds is for one process on a processor; here are {trainer.world_size} "
                f"on '{device}'. Give --trainer.accelerator cpu and --trainer.devices 1, or leave the budget out"
            )
        if getattr(trainer.train_dataloader, "num_workers", 0):
            raise SettingsError(
                "A budget of the processor's seconds does not see the work of other processes; give --data.workers 0"
            )
        self._began = time.process_time()

    def on_train_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,  # noqa: ANN401 (whatever the step returns)
        batch: dict[str, Tensor],
        batch_idx: int,
    ) -> None:
        """Stop when the budget is used."""
        if self.used >= self.seconds and not trainer.should_stop:
            rank_zero_info(f"The processor has worked for {self.used:.1f} s: {trainer.global_step:,} steps")
            trainer.should_stop = True

    def state_dict(self) -> dict[str, Any]:
        """The seconds that are used."""
        return {"used": self.used}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from there."""
        self._before = float(state_dict["used"])
