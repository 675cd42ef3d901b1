"""DeepGlobe Land Cover Classification (CVPR 2018 challenge): 803 labelled satellite images of 2448 x 2448 px, 0.5 m.

Layout as downloaded: `land-train/<id>_sat.jpg` and `land-train/<id>_mask.png` (`train/` in some mirrors); the
challenge's own validation and test images have no public labels. Get it from deepglobe.org (registration).
The layout of the published code is supported too: `img_dir/<split>/`, `rgb2id/<split>/`.

Split: the lists that the field uses since GLNet, 454 / 207 / 142 images (splits/deepglobe.json). Papers print 455.
Labels: colours; each channel counts as 255 above 127. "unknown" is label 0: a class like the others in training, and
in the confusion matrix, but not in the published mean.
"""

from __future__ import annotations

import json
from pathlib import Path

from training.data.arrays import ColourRule, Scene
from training.data.datasets.pairs import Layout, check_split, find_pairs

CLASSES = ("unknown", "urban", "agriculture", "rangeland", "forest", "water", "barren")
COLOURS = ("000000", "00FFFF", "FFFF00", "FF00FF", "00FF00", "0000FF", "FFFFFF")
_RED = (255, 0, 0)  # the one corner of the colour cube that is no class; the published rule calls it unknown
_RULE = ColourRule(
    [(int(c[:2], 16), int(c[2:4], 16), int(c[4:], 16)) for c in COLOURS],
    "DeepGlobe's masks are RGB images in seven pure colours, such as (0, 255, 255) for urban",
    foreign=[_RED],
)
_LAYOUTS = (
    *(Layout(place, place, "_sat.jpg", "_mask.png", _RULE) for place in ("land-train", "train", ".")),
    Layout("img_dir/{split}", "rgb2id/{split}", "_sat.jpg", "_mask.png", _RULE),
)
_SPLITS = Path(__file__).parent / "splits" / "deepglobe.json"


def split_ids(split: str) -> list[str]:
    """Ids of the published split.

    Raises:
        DatasetError: The split is unknown.
    """
    check_split(split)
    return [str(number) for number in json.loads(_SPLITS.read_text(encoding="utf-8"))[split]]


def load(root: str | Path, split: str) -> list[Scene]:
    """The scenes of a split; their pixels are read on demand.

    Args:
        root: the folder that holds `land-train`, or that folder itself.

    Raises:
        DatasetError: A file of the split is missing or cannot be opened.
    """
    return find_pairs(Path(root), split, _LAYOUTS, split_ids(split), "the folder that holds 'land-train'")
