"""Train a dual-stream network.

    python training/train.py fit --config training/configs/smoke.yaml
    python training/train.py fit --config training/configs/dubai.yaml --data.root /path/to/dubai
    python training/train.py fit --config training/configs/dubai.yaml --data.root DIR --ckpt_path runs/dubai/last.ckpt

Every setting of the configuration can be given on the command line; `fit --print_config` shows them all.
Logs (CSV and TensorBoard) and checkpoints go to `trainer.default_root_dir`. A checkpoint carries its whole
configuration, the class names and their colours: evaluate.py and export_model.py need nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from lightning.pytorch.cli import LightningArgumentParser, LightningCLI

from training.data.datamodule import SceneData
from training.data.scenes import DatasetError
from training.task import DualStreamTask


class TrainingCLI(LightningCLI):
    """Takes classes and input from the data, so that they are written once."""

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Link what data and model share."""
        for name in ("classes", "class_names", "class_colours", "input"):
            parser.link_arguments(f"data.{name}", f"model.{name}", apply_on="instantiate")


def main(args: Sequence[str] | None = None) -> TrainingCLI:
    """Run the command line; `args` replaces sys.argv in tests and notebooks.

    Raises:
        SystemExit: 2 when the data are not what they should be, after one line on stderr.
    """
    try:
        return TrainingCLI(
            DualStreamTask,
            SceneData,
            args=None if args is None else list(args),
            seed_everything_default=0,
            save_config_kwargs={"overwrite": True},
        )
    except DatasetError as error:
        print(f"train.py: {error}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
