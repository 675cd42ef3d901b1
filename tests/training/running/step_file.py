"""A callback for trainings that are killed: how far they were."""

import os
from pathlib import Path

import lightning as L


class StepFile(L.Callback):
    """Writes the number of finished steps into a file, which is whole at any time."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        part = self.path.with_suffix(".part")
        part.write_text(str(trainer.global_step))
        os.replace(part, self.path)
