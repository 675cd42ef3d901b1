"""Look through a dataset before training on it: is everything there, and what is in it?

    python training/check_data.py --data folder --root DIR

Prints scenes, pixels and the share of each class for every split; says in one line what is wrong with the folder.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np
import numpy.typing as npt

from training.data.datamodule import DATASETS
from training.data.scenes import DatasetError, Scene

_ROWS = 1024  # looked at together: masks may be larger than memory


def class_pixels(scenes: Sequence[Scene], classes: int) -> npt.NDArray[np.int64]:
    """Pixels of each class (C,), then the ignored ones: (C + 1,)."""
    counts = np.zeros(256, np.int64)
    for scene in scenes:
        for row in range(0, scene.labels.shape[0], _ROWS):
            counts += np.bincount(scene.labels[row : row + _ROWS].ravel(), minlength=256)
    return np.append(counts[:classes], counts[classes:].sum())


def main(args: Sequence[str] | None = None) -> None:
    """Check as the command line says.

    Raises:
        DatasetError: When something is wrong with the folder.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, choices=sorted(DATASETS), help="which dataset")
    parser.add_argument("--root", default="", help="its folder")
    parser.add_argument("--splits", nargs="+", default=["train", "val"], help="what to look at (default: train val)")
    options = parser.parse_args(args)
    dataset = DATASETS[options.data]
    names, _ = dataset.classes(options.root)
    print("| split | scenes | million pixels | " + " | ".join(f"{name}, %" for name in (*names, "ignored")) + " |")
    print("|---" * (4 + len(names)) + "|")
    for split in options.splits:
        scenes = dataset.load(options.root, split)
        pixels = class_pixels(scenes, len(names))
        shares = " | ".join(f"{100 * value / max(1, pixels.sum()):.1f}" for value in pixels)
        print(f"| {split} | {len(scenes)} | {pixels.sum() / 1e6:.1f} | {shares} |")


if __name__ == "__main__":
    try:
        main()
    except DatasetError as error:
        print(f"check_data.py: {error}", file=sys.stderr)
        raise SystemExit(2) from None
