"""Validation by area: blocks of the training scenes that training sees no label of.

Pixels beside each other are alike, so single pixels say nothing about places that were never seen: whole blocks do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from training.data.arrays import IGNORE, LabelsInBoxes, Scene, window_of_scene
from training.errors import DatasetError, SettingsError
from uhrs_qgis_plugin.engine.grid import Window

MARGIN = 64  # pixels around validation blocks whose labels training does not see, and that validation shows as context
_STEP = 8  # labels are counted on every 8th row and column
_DRAWS = 200  # ways to choose blocks that are compared
_VALUES = 256


@dataclass(frozen=True)
class AreaSplit:
    """A dataset split by area.

    Attributes:
        train: Training scenes, without labels in validation blocks and near them.
        val: A scene a validation block, with unlabelled context around.
        message: What was done, a line.
    """

    train: list[Scene]
    val: list[Scene]
    message: str


@dataclass(frozen=True)
class _Block:
    """A block of a scene, and how often each label is in it (256,)."""

    scene: int
    window: Window
    counts: npt.NDArray[np.int64]

    @property
    def labelled(self) -> int:
        return int(self.counts[:IGNORE].sum())


def check_share(share: float | None) -> None:
    """Refuse what is no share for validation.

    Raises:
        SettingsError: It is not between 0 and 0.5.
    """
    if share is not None and not 0 < share <= 0.5:
        raise SettingsError(f"data.split is {share}; give the share of validation, above 0 to 0.5, or null")


def split_by_area(scenes: Sequence[Scene], share: float, side: int, seed: int) -> AreaSplit:
    """Choose blocks for validation.

    Of many choices that hold about the wanted share of the labelled pixels the one is taken in which each class is
    shared out most evenly. The same seed gives the same blocks.

    Args:
        scenes: All scenes.
        share: Of the labelled pixels, above 0 to 0.5.
        side: Least side of a block in pixels; scenes with a side below twice that are not cut along it.
        seed: Of the choice.

    Raises:
        DatasetError: There are less than two blocks with labels.
    """
    blocks = [block for number, scene in enumerate(scenes) for block in _blocks(number, scene, side)]
    labelled = [block for block in blocks if block.labelled]
    if len(labelled) < 2:
        raise DatasetError(
            f"--data.split needs labels in two blocks of {side} px at least, but {len(labelled)} of {len(blocks)} hold "
            "any; label more, give a smaller --data.crop, or put images for validation into 'val'"
        )
    chosen = _choose(labelled, share, np.random.default_rng((seed, len(labelled))))
    train, val = [], []
    for number, scene in enumerate(scenes):
        own = [block.window for place, block in enumerate(labelled) if block.scene == number and place in chosen]
        others = any(block.scene == number and place not in chosen for place, block in enumerate(labelled))
        if not own:
            train.append(scene)
            continue
        height, width = scene.labels.shape
        if others:
            near = [_wider(box, height, width) for box in own]
            train.append(replace(scene, labels=LabelsInBoxes(scene.labels, near, inside=False)))
        for box in own:
            alone = replace(scene, labels=LabelsInBoxes(scene.labels, [box], inside=True))
            name = f"{scene.name}_rows{box.row}-{box.row_end}_columns{box.col}-{box.col_end}"
            val.append(window_of_scene(alone, _wider(box, height, width), name))
    got = sum(labelled[place].labelled for place in chosen) / sum(block.labelled for block in labelled)
    message = (
        f"split by area: {len(chosen)} of {len(labelled)} labelled blocks of about {side} px are validation "
        f"({100 * got:.1f} % of the labelled pixels, seed {seed}); labels within {MARGIN} px of them are in neither"
    )
    return AreaSplit(train, val, message)


def _blocks(number: int, scene: Scene, side: int) -> list[_Block]:
    """Cut a scene into blocks that are at least `side` pixels wide and high where it is."""
    edges = [np.linspace(0, n, max(1, n // side) + 1).round().astype(int).tolist() for n in scene.labels.shape]
    blocks = []
    for row, row_end in zip(edges[0][:-1], edges[0][1:], strict=True):
        labels = scene.labels[row:row_end:_STEP, ::1][:, ::_STEP]
        for col, col_end in zip(edges[1][:-1], edges[1][1:], strict=True):
            part = labels[:, -(-col // _STEP) : -(-col_end // _STEP)]
            counts = np.bincount(part.ravel(), minlength=_VALUES)
            blocks.append(_Block(number, Window(row, col, row_end - row, col_end - col), counts))
    return blocks


def _choose(blocks: Sequence[_Block], share: float, rng: np.random.Generator) -> set[int]:
    """Places of the blocks for validation: at least one, and not all."""
    counts = np.stack([block.counts[:IGNORE] for block in blocks])
    counts = counts[:, counts.any(0)]  # classes that occur
    every, best, least = counts.sum(0), np.array([0]), np.inf
    for _ in range(_DRAWS):
        order = rng.permutation(len(blocks))
        sums = counts[order].sum(1).cumsum()[:-1]
        taken = order[: int(np.abs(sums / every.sum() - share).argmin()) + 1]
        held = counts[taken].sum(0)
        missing = ((held == 0) | (held == every)).sum()
        cost = missing + np.abs(held / every - share).mean() + abs(held.sum() / every.sum() - share)
        if cost < least:
            best, least = taken, cost
    return set(best.tolist())


def _wider(box: Window, height: int, width: int) -> Window:
    """A block with the margin around it, inside the scene."""
    row, col = max(0, box.row - MARGIN), max(0, box.col - MARGIN)
    return Window(row, col, min(height, box.row_end + MARGIN) - row, min(width, box.col_end + MARGIN) - col)
