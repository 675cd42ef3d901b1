"""Train a network.

    python training/train.py fit --config training/configs/smoke.yaml
    python training/train.py fit --config training/configs/dubai.yaml --data.root /path/to/dubai
    python training/train.py fit --config training/configs/dubai.yaml --data.root DIR --ckpt_path runs/dubai/last.ckpt

    torchrun --nproc_per_node=2 training/train.py fit --config training/configs/dubai.yaml --data.root DIR

Every setting of the configuration can be given on the command line; `fit --print_config` shows them all.
Logs (CSV and TensorBoard) and checkpoints go to `trainer.default_root_dir`. A checkpoint carries its whole
configuration, the class names and their colours: evaluate.py and export_model.py need nothing else. --ckpt_path
continues as if training had never stopped; the configuration must be the same.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from lightning.pytorch import Trainer
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI

from training.data import SceneData
from training.data.arrays import fill_values
from training.errors import StoppedError, command
from training.learning import SegmentationTask
from training.running import (
    STRATEGY,
    CheckpointWriter,
    NumberGuard,
    SharedNormalisation,
    Speed,
    StepSeeds,
    check_resume,
    several_asked,
    torchrun_settings,
)

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


class TrainingCLI(LightningCLI):
    """Takes classes and input from the data, so that they are configured once, and checks them."""

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Link what data and model share."""
        for name in ("classes", "class_names", "class_colours", "input", "bands"):
            parser.link_arguments(f"data.{name}", f"model.{name}", apply_on="instantiate")

    def instantiate_classes(self) -> None:
        """Build data and model; pixels without data are filled by what the model's bundle will fill them with."""
        super().instantiate_classes()
        settings = self.model.network.settings
        self.datamodule.fill = fill_values(settings.mean, settings.data_type)

    def _parse_ckpt_path(self) -> None:
        """Lightning would replace the given settings by the checkpoint's; `check_resume` compares them."""

    def instantiate_trainer(self, **kwargs: object) -> Trainer:
        """The trainer, with atomic checkpoints and shared normalisation."""
        settings = self._get(self.config_init, "trainer")
        plugins = settings["plugins"] or []
        plugins = plugins if isinstance(plugins, list) else [plugins]
        strategy = STRATEGY if settings["strategy"] == "auto" and several_asked(settings) else settings["strategy"]
        shared = [SharedNormalisation()] if settings["sync_batchnorm"] else []
        writer = CheckpointWriter(partial(check_resume, model=self.model))
        return super().instantiate_trainer(**kwargs, strategy=strategy, plugins=[*plugins, *shared, writer])


@command
def main(args: Sequence[str] | None = None) -> TrainingCLI:
    """Run the command line; `args` replaces sys.argv in tests and notebooks."""
    try:
        return TrainingCLI(
            SegmentationTask,
            SceneData,
            args=None if args is None else list(args),
            seed_everything_default=0,
            save_config_kwargs={"overwrite": True},
            trainer_defaults={
                "sync_batchnorm": True,
                "callbacks": [StepSeeds(), NumberGuard(), Speed()],
                **torchrun_settings(os.environ),
            },
        )
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        advice = "make room, then go on with --ckpt_path and the last checkpoint"
        raise StoppedError(f"The disk is full ({error}); {advice}") from error


if __name__ == "__main__":
    main()
