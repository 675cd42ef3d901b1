"""Add 8-bit graphs to a bundle: faster on most processors, with nearly the same classes.

    python training/quantise_model.py roads.uhrs --data folder --root DIR

Calibrates on training scenes, compares both precisions on validation scenes and writes the agreement into the bundle.
Changes nothing, and fails, when they agree on less than 99 % of the labels.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from training.data.datasets import DATASETS
from training.errors import command
from training.export import add_int8, describe_int8, load_labelled


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path, help="the .uhrs file; its floating-point graphs do not change")
    parser.add_argument("--data", required=True, choices=sorted(DATASETS), help="the dataset it was trained on")
    parser.add_argument("--root", default="", help="folder of the dataset as downloaded")
    parser.add_argument("--out", type=Path, help="the .uhrs file to write (default: the same file)")
    alone = "leave the floating-point graphs of these streams out: a third of the size, for processors, not to train on"
    parser.add_argument("--int8-only", action="store_true", help=alone)
    return parser.parse_args(args)


@command
def main(args: Sequence[str] | None = None) -> None:
    """Quantise as the command line says.

    Raises:
        TrainingError: The data do not fit the model, or both precisions differ too much.
        UhrsError: The bundle cannot be read or written.
    """
    options = parse(args)
    target = options.out or options.bundle
    found = add_int8(options.bundle, target, load_labelled(options.data, options.root), options.int8_only)
    print(f"{target}: {target.stat().st_size / 2**20:.1f} MiB, {describe_int8(found)}")


if __name__ == "__main__":
    main()
