"""Train a network.

    python training/train.py fit --config training/configs/smoke.yaml
    python training/train.py fit --config training/configs/dubai.yaml --data.root /path/to/dubai
    python training/train.py fit --config training/configs/dubai.yaml --data.root DIR --ckpt_path last

    torchrun --nproc_per_node=2 training/train.py fit --config training/configs/dubai.yaml --data.root DIR

Every setting of the configuration can be given on the command line; `fit --print_config` shows them all.
Checkpoints and logs (CSV and TensorBoard) go to a folder of their own in `trainer.default_root_dir`: version_0,
version_1 and so on, or the name given with --run. A checkpoint carries its whole configuration, the class names and
their colours: evaluate.py and export_model.py need nothing else. --ckpt_path FILE continues in the same folder as if
training had never stopped, and `last` means the newest run's; the configuration must be the same.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import ModelCheckpoint, ProgressBar, TQDMProgressBar
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_info, rank_zero_only

from training.data import SceneData
from training.data.arrays import fill_values
from training.errors import SettingsError, StoppedError, command
from training.evaluation import default_rule, sees_whole
from training.learning import SamplePictures, SegmentationTask
from training.running import (
    STRATEGY,
    Arguments,
    CheckpointWriter,
    EpochLine,
    NumberGuard,
    RunRecord,
    SearchedConvolutions,
    SharedNormalisation,
    Speed,
    StepSeeds,
    check_resume,
    claim_folder,
    find_checkpoint,
    quiet,
    several_asked,
    torchrun_settings,
)

_STEPS_A_LOOK = 20  # of the progress bar: each look makes the processor wait for the card
_CONFIGS = Path(__file__).resolve().parent / "configs"
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


class TrainingCLI(LightningCLI):
    """Takes classes and input from the data, so that they are configured once, and checks them."""

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Link what data and model share."""
        cast(Arguments, parser).tell_network_settings()
        for name in ("classes", "class_names", "class_colours", "input", "bands", "sets"):
            parser.link_arguments(f"data.{name}", f"model.{name}", apply_on="instantiate")
        parser.link_arguments("data.dataset", "model.rule", compute_fn=default_rule)
        name = "Name of the run, a new folder in trainer.default_root_dir; runs without a name are numbered."
        parser.add_argument("--run", type=str | None, default=None, help=name)

    def before_instantiate_classes(self) -> None:
        """Ask for a configuration where the command line says nothing of the data.

        Raises:
            SettingsError: it says nothing.
        """
        given = self.config["fit"] if self.subcommand == "fit" else None
        if given is not None and not given.config and not given.data.root and given.data.dataset == "dubai":
            names = ", ".join(sorted(path.stem for path in _CONFIGS.glob("*.yaml")))
            raise SettingsError(
                f"Nothing says what to train on. Give --config with a file of {_CONFIGS} ({names}), or --data.dataset "
                "and --data.root"
            )

    def instantiate_classes(self) -> None:
        """Build data and model, and tell the data what they must know of the network.

        Pixels without data are filled by what the model's bundle will fill them with.
        """
        super().instantiate_classes()
        settings = self.model.network.settings
        self.datamodule.taken_whole = sees_whole(self.model.network)
        self.datamodule.fill = fill_values(settings.mean, settings.data_type)

    def _parse_ckpt_path(self) -> None:
        """Lightning would replace the given settings by the checkpoint's; `check_resume` compares them."""

    def instantiate_trainer(self, **kwargs: object) -> Trainer:
        """The trainer, with a folder of its own, atomic checkpoints and shared normalisation."""
        settings = self._get(self.config_init, "trainer")
        plugins = settings["plugins"] or []
        plugins = plugins if isinstance(plugins, list) else [plugins]
        strategy = STRATEGY if settings["strategy"] == "auto" and several_asked(settings) else settings["strategy"]
        alone = {f"network.{name}" for name in self.model.alone}
        shared = [SharedNormalisation(alone)] if settings["sync_batchnorm"] else []
        writer = CheckpointWriter(partial(check_resume, model=self.model))
        try:
            return super().instantiate_trainer(
                **kwargs,
                **self._places(settings),
                **_for_cards(settings),
                strategy=strategy,
                plugins=[*plugins, *shared, writer],
            )
        except (MisconfigurationException, ValueError) as error:  # a setting, or a device that is not there
            self._discard()
            reason = " ".join(str(error).split()).rstrip(".")
            raise SettingsError(
                f"The trainer cannot work so: {reason}. Without --trainer.accelerator and --trainer.devices it takes "
                "what is there"
            ) from error

    def _places(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Settings of the trainer that say where it writes: all in the folder of this run.

        Raises:
            SettingsError: a checkpoint callback names a place of its own, or the name of the run is taken.
        """
        self._claimed: Path | None = None
        own_logger = settings["logger"] not in (None, True)
        if self.subcommand != "fit" or settings["fast_dev_run"]:
            return {} if own_logger else {"logger": False}
        callbacks = settings["callbacks"] or []
        savers = [
            c for c in (callbacks if isinstance(callbacks, list) else [callbacks]) if isinstance(c, ModelCheckpoint)
        ]
        placed = next((saver.dirpath for saver in savers if saver.dirpath is not None), None)
        if placed is not None:
            raise SettingsError(
                f"A ModelCheckpoint has the dirpath '{placed}', where a second run would overwrite the first; leave it "
                "out: checkpoints go to the run's folder in trainer.default_root_dir"
            )
        root, name = settings["default_root_dir"], self._get(self.config_init, "run")
        given = self.config_init["fit"]
        if given["ckpt_path"] is not None:
            given["ckpt_path"] = find_checkpoint(root, name, str(given["ckpt_path"]))
        writes = getattr(rank_zero_only, "rank", 0) == 0
        folder = claim_folder(root, name, given["ckpt_path"], writes)
        if writes and not any(folder.iterdir()):
            self._claimed = folder
        rank_zero_info(f"Folder of this run: {folder}")
        for saver in savers:
            saver.dirpath = str(folder.resolve())
        logs = {} if own_logger else {"logger": [CSVLogger(folder, "csv"), TensorBoardLogger(folder, "tensorboard")]}
        return {"default_root_dir": str(folder), **logs}

    def _run_subcommand(self, subcommand: str) -> None:
        """Run; a new folder in which nothing was trained is removed again."""
        try:
            super()._run_subcommand(subcommand)
        except Exception:
            if not self.trainer.global_step:
                self._discard()
            raise

    def _discard(self) -> None:
        """Remove the folder that this run has made."""
        if self._claimed is not None and not any(self._claimed.glob("*.ckpt")):
            shutil.rmtree(self._claimed, ignore_errors=True)


def _for_cards(settings: dict[str, Any]) -> dict[str, Any]:
    """Callbacks for a card: convolutions that are searched for, and a progress bar that seldom asks for the loss."""
    if settings["accelerator"] == "cpu" or not torch.cuda.is_available():
        return {}
    given = settings["callbacks"] or []
    callbacks = list(given) if isinstance(given, list) else [given]
    if settings["benchmark"] is None and not settings["deterministic"]:
        callbacks.append(SearchedConvolutions())
    if settings["enable_progress_bar"] is not False and not any(isinstance(c, ProgressBar) for c in callbacks):
        callbacks.append(TQDMProgressBar(refresh_rate=_STEPS_A_LOOK))
    return {"callbacks": callbacks}


@command
def main(args: Sequence[str] | None = None) -> TrainingCLI:
    """Run the command line; `args` replaces sys.argv in tests and notebooks."""
    try:
        with quiet():
            return _train(args)
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        advice = "make room, then go on with --ckpt_path and the last checkpoint"
        raise StoppedError(f"The disk is full ({error}); {advice}") from error


def _train(args: Sequence[str] | None) -> TrainingCLI:
    """Read the settings and train."""
    return TrainingCLI(
        SegmentationTask,
        SceneData,
        parser_class=Arguments,
        args=None if args is None else list(args),
        seed_everything_default=0,
        save_config_kwargs={"overwrite": True},
        trainer_defaults={
            "sync_batchnorm": True,
            "enable_model_summary": False,
            "callbacks": [StepSeeds(), NumberGuard(), Speed(), RunRecord(), SamplePictures(), EpochLine()],
            **torchrun_settings(os.environ),
        },
    )


if __name__ == "__main__":
    main()
