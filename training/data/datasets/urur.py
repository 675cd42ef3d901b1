"""URUR (Ultra-High Resolution and Ultra-Rich context, CVPR 2023): 3008 images of 5120 x 5120 px, eight classes.

Layout as downloaded: `URUR/{train,val,test}/{image,label}/<name>.png`, with or without the first folder. The layout of
the published code is understood too: `imgs/<split>/`, `labels/<split>/`. Where to get it: github.com/jankyee/URUR.

Split: the folders, 2157 / 280 / 571 images.
Labels: numbers in the order of CLASSES. Whether they start at 0, or at 1 with 0 and 255 for "not labelled", is not
documented: a few masks are sampled, and an 8 means that they start at 1. Later values that do not fit are an error, so
that a wrong guess cannot go unnoticed. RGB masks in the dataset's own colours are supported as well.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from training.data.arrays import IGNORE, ColourRule, LabelRule, RasterArray, Scene, ValueRule, colour_bands
from training.data.datasets.pairs import Layout, check_split, files_in, find_pairs

CLASSES = ("others", "building", "farmland", "greenhouse", "woodland", "bareland", "water", "road")
COLOURS = ("000000", "E6E6E6", "5FA307", "646464", "C8E6A0", "FFFF64", "96C8FA", "F06450")
PUBLISHED = {"train": 2157, "val": 280, "test": 571}
_FROM_0 = ValueRule(
    {label: label for label in range(8)},
    "URUR's masks hold 0 to 7, or 1 to 8 with 0 and 255 for pixels without a label",
)
_FROM_1 = ValueRule({**{label + 1: label for label in range(8)}, 0: IGNORE, 255: IGNORE}, _FROM_0.expected)
_IN_COLOURS = ColourRule(
    [(int(c[:2], 16), int(c[2:4], 16), int(c[4:], 16)) for c in COLOURS],
    "URUR's colours are listed in training/data/datasets/urur.py",
    reach=24,
)
_LAYOUTS = (
    Layout("URUR/{split}/image", "URUR/{split}/label", ".png", ".png", _FROM_0),
    Layout("{split}/image", "{split}/label", ".png", ".png", _FROM_0),
    Layout("imgs/{split}", "labels/{split}", ".png", ".png", _FROM_0),
)
_LOOKED_AT = 4  # masks; a quarter of a second each


def load(root: str | Path, split: str) -> list[Scene]:
    """The scenes of a split; their pixels are read on demand.

    Args:
        root: the folder that holds `URUR`, or that folder itself.

    Raises:
        DatasetError: A file is missing, cannot be opened, or holds numbers of no class.
    """
    check_split(split)
    rule = _rule(Path(root), split)
    layouts = [replace(layout, rule=rule) for layout in _LAYOUTS]
    return find_pairs(Path(root), split, layouts, None, "the folder that holds 'URUR'")


def _rule(root: Path, split: str) -> LabelRule:
    """The encoding of the masks, from a few of the training split, or of `split` where there is none."""
    for place in dict.fromkeys(("train", split)):
        for layout in _LAYOUTS:
            masks = list(files_in(root, layout.labels.format(split=place), layout.label_suffix).values())
            if masks:
                return _rule_of(masks[:: max(1, len(masks) // _LOOKED_AT)][:_LOOKED_AT])
    return _FROM_0


def _rule_of(masks: list[Path]) -> LabelRule:
    if len(colour_bands(masks[0])) == 3:
        return _IN_COLOURS
    found = (np.unique(RasterArray(mask, 1)[:]) for mask in masks)
    return _FROM_1 if any(len(CLASSES) in values for values in found) else _FROM_0
