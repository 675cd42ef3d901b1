"""Calibrate the final uncertainty of a bundle: temperatures, fitted on validation scenes and baked into its graphs.

    python training/calibrate_model.py roads.uhrs --data folder --root DIR

Classes and U do not change. export_model.py --calibrate does the same for a new bundle.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from training.data.datasets import DATASETS, SceneSource
from training.errors import command
from training.export import calibrate, describe_calibration


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path, help="the .uhrs file")
    parser.add_argument("--data", required=True, choices=sorted(DATASETS), help="the dataset it was trained on")
    parser.add_argument("--root", default="", help="folder of the dataset as downloaded")
    parser.add_argument("--resolution-m", type=float, metavar="M", help="bring images to M metres a pixel first")
    parser.add_argument("--out", type=Path, help="the .uhrs file to write (default: the same file)")
    return parser.parse_args(args)


@command
def main(args: Sequence[str] | None = None) -> None:
    """Calibrate as the command line says.

    Raises:
        TrainingError: The data do not fit the model, or its network cannot be rebuilt.
        UhrsError: The bundle cannot be read or written.
    """
    options = parse(args)
    target = options.out or options.bundle
    found = calibrate(options.bundle, target, SceneSource(options.data, options.root, options.resolution_m))
    print(f"{target}: {describe_calibration(found)}")


if __name__ == "__main__":
    main()
