"""What TensorBoard shows of a training beside curves: pictures of validation scenes, and the confusion matrix."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any, cast

import lightning as L
import numpy as np
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only
from torch.utils.tensorboard import SummaryWriter

from training.evaluation import confusion_figure, scene_figure
from training.learning.task import SegmentationTask, Shown

_DPI = 50  # of pictures: some 300 kB each
_PAUSE_S = 60.0  # between two validations that are drawn: drawing takes seconds


class SamplePictures(L.Callback):
    """Draws image, truth, prediction and U of a part of the first validation scenes, and the confusion matrix.

    Validations that follow the last one drawn within a minute are left out.

    Args:
        scenes: how many scenes; 0 draws the matrix alone.
    """

    def __init__(self, scenes: int = 3) -> None:
        self._scenes = scenes
        self._last = -math.inf
        self._draws = False

    def on_validation_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Look at the clock, and whether anybody would show what is drawn."""
        is_due = not trainer.sanity_checking and time.monotonic() - self._last >= _PAUSE_S
        self._draws = is_due and any(_writers(trainer))
        if self._draws:
            self._last = time.monotonic()

    @rank_zero_only
    def on_validation_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,  # noqa: ANN401 (whatever the step returns)
        batch: dict[str, Any],
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Draw a scene."""
        if batch_idx >= self._scenes or outputs is None or not self._draws:
            return
        shown: Shown = outputs["shown"]
        task = cast(SegmentationTask, pl_module)
        classes = dict(zip(task.class_names, task.hparams["class_colours"], strict=True))
        pixels = np.asarray(batch["image"][(slice(None, 3), *shown.window.slices())])
        figure = scene_figure(pixels, shown.truth, shown.labels, shown.uncertainty, classes)
        figure.set_dpi(_DPI)
        for writer in _writers(trainer):
            writer.add_figure(f"val/scene_{batch_idx}", figure, trainer.global_step)

    @rank_zero_only
    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Draw the matrix at the largest K."""
        task = cast(SegmentationTask, pl_module)
        if not self._draws or task.counted is None or not task.counted.sum():
            return
        figure = confusion_figure(task.counted.numpy(), task.class_names)
        for writer in _writers(trainer):
            writer.add_figure("val/confusion", figure, trainer.global_step)


def _writers(trainer: L.Trainer) -> Iterator[SummaryWriter]:
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            yield cast(SummaryWriter, logger.experiment)
