"""Describe the imagery that a model was trained on, so that the engine can tell which rasters fit it.

    python training/describe_imagery.py --bundle roads.uhrs --data folder --root DIR

Writes the statistics into the bundle; everything else in it stays as it is. export_model.py does the same for a new
bundle. The training scenes are described, with copies of them that were changed (bands in another order, haze, other
pixel sizes); the validation scenes set the threshold below which a raster is said not to fit.
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
from training.imagery import describe_scenes, imagery_scenes
from uhrs_qgis_plugin.engine.bundle import amend_bundle, read_bundle


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, required=True, help="the .uhrs bundle; it is replaced")
    parser.add_argument("--data", required=True, choices=sorted(DATASETS), help="which dataset it was trained on")
    parser.add_argument("--root", default="", help="folder of the dataset as downloaded")
    parser.add_argument("--generated", type=int, default=0, metavar="N", help="generated scenes that training added")
    parser.add_argument("--seed", type=int, default=0, help="seed of the training (--data.seed)")
    return parser.parse_args(args)


@command
def main(args: Sequence[str] | None = None) -> None:
    """Describe as the command line says.

    Raises:
        TooFewWindowsError: when the scenes are too few or too small.
        UhrsError: when the bundle cannot be read or written.
    """
    options = parse(args)
    read_bundle(options.bundle)  # fails before the work
    settings = {"dataset": options.data, "root": options.root, "generated": options.generated, "seed": options.seed}
    imagery = describe_scenes(*imagery_scenes(settings), seed=options.seed)
    amend_bundle(options.bundle, {"uhrs:imagery": imagery.to_json()})
    print(f"{options.bundle}: statistics of {imagery.windows:,} windows, {len(imagery.mixtures) - 1} kinds of changes")


if __name__ == "__main__":
    main()
