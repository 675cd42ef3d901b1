"""Check a dataset before training on it: is it complete, and what does it contain?

    python training/check_data.py --config training/configs/deepglobe.yaml --data.root DIR
    python training/check_data.py --data folder --root DIR

Prints scenes, pixels and the share of each class for every split, or one line with what is wrong with the folder.
Every mask is read completely, so that an undefined value is found before hours of training.
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
import yaml

from training.data.arrays import Scene
from training.data.datasets import DATASETS, find_dataset
from training.errors import DatasetError, command

_PIXELS = 1 << 24  # read at a time: masks may be larger than memory


def class_pixels(scene: Scene, classes: int, images: bool = False) -> npt.NDArray[np.int64]:
    """Pixels of each class (C,), then the ignored ones: (C + 1,).

    Args:
        scene: the scene, read from its first row to its last.
        images: read the image as well; its pixels are not looked at.

    Raises:
        DatasetError: Something cannot be read, or means nothing.
    """
    counts = np.zeros(256, np.int64)
    height, width = scene.labels.shape
    rows = max(1, _PIXELS // width)
    for row in range(0, height, rows):
        counts += np.bincount(scene.labels[row : row + rows].ravel(), minlength=256)
        if images:
            _ = scene.image[:, row : row + rows]
    return np.append(counts[:classes], counts[classes:].sum())


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line, with what it leaves out taken from the configuration.

    Raises:
        DatasetError: The configuration cannot be read, or no dataset is named.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--config", type=Path, help="a configuration of train.py: its data section tells the dataset")
    names = ", ".join(sorted(DATASETS))
    parser.add_argument("--data", "--data.dataset", dest="dataset", metavar="NAME", help=f"which dataset: {names}")
    parser.add_argument("--root", "--data.root", dest="root", metavar="DIR", help="its folder")
    parser.add_argument("--splits", nargs="+", default=["train", "val"], help="what to look at (default: train val)")
    parser.add_argument("--images", action="store_true", help="read the images whole, too: finds damaged downloads")
    options = parser.parse_args(args)
    section = _data_section(options.config) if options.config else {}
    options.dataset = options.dataset or section.get("dataset")
    options.root = options.root or section.get("root") or ""
    if not options.dataset:
        raise DatasetError("No dataset is named; give --config FILE, or --data with one of " + names)
    return options


def _data_section(path: Path) -> dict[str, str]:
    """The data section of a configuration."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {key: str(content["data"][key]) for key in ("dataset", "root") if key in content["data"]}
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise DatasetError(
            f"Cannot read the data section of '{path}' ({reason}); give one of training/configs"
        ) from error


@command
def main(args: Sequence[str] | None = None) -> None:
    """Check as the command line says.

    Raises:
        DatasetError: When something is wrong with the folder.
    """
    options = parse(args)
    dataset = find_dataset(options.dataset)
    names, _ = dataset.classes(options.root)
    rows = [["split", "scenes", "million pixels", *(f"{name}, %" for name in (*names, "ignored"))]]
    notes = []
    loaded = {split: dataset.load(options.root, split) for split in options.splits}  # quick checks come first
    try:
        for split, scenes in loaded.items():
            pixels = np.zeros(len(names) + 1, np.int64)
            for number, scene in enumerate(scenes, 1):
                _show(f"{split}: {number} of {len(scenes)}")
                pixels += class_pixels(scene, len(names), options.images)
            shares = (f"{100 * value / max(1, pixels.sum()):.1f}" for value in pixels)
            rows.append([split, str(len(scenes)), f"{pixels.sum() / 1e6:.1f}", *shares])
            published = dataset.published.get(split, len(scenes))
            if len(scenes) != published:
                notes.append(f"Note: {split} has {len(scenes)} scenes, the published split has {published}.")
    finally:
        _show("")
    rows.insert(1, ["---"] * len(rows[0]))
    print("\n".join(["| " + " | ".join(row) + " |" for row in rows] + notes))


def _show(text: str) -> None:
    """Show the progress."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
