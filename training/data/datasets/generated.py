"""Generated scenes as a dataset: the classes of the synthetic world, fixed seeds for each split."""

from __future__ import annotations

from pathlib import Path

from training.data.arrays import Scene
from training.data.synthetic import CLASSES, COLOURS, render
from training.errors import DatasetError
from uhrs_qgis_plugin.engine.grid import Window

__all__ = ["CLASSES", "COLOURS", "generated_scenes", "load"]

_SPLITS = {"train": (6, 768, 1_000), "val": (2, 512, 2_000), "test": (1, 1024, 3_000)}  # count, side, first seed


def generated_scenes(count: int, side: int, seed: int) -> list[Scene]:
    """`count` different scenes of `side` x `side` pixels."""
    made = []
    for index in range(count):
        image, labels = render(seed + index, Window(0, 0, side, side))
        made.append(Scene(f"generated{seed + index}", image, labels))
    return made


def load(root: str | Path, split: str) -> list[Scene]:
    """The scenes of a split; `root` is not used.

    Raises:
        DatasetError: when the split is unknown.
    """
    if split not in _SPLITS:
        raise DatasetError(f"Unknown split '{split}'; there are {', '.join(_SPLITS)}")
    return generated_scenes(*_SPLITS[split])
