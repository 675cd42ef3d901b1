"""Inria Aerial Image Labeling: 180 labelled tiles of 5000 x 5000 px, 0.3 m, of five cities; buildings or not.

Layout as downloaded: `AerialImageDataset/train/images/<city><n>.tif` and `AerialImageDataset/train/gt/<city><n>.tif`;
the challenge's own test tiles have no public labels. Get it from project.inria.fr/aerialimagelabeling.
The layout of the published code is supported too: `imgs/<split>/<city><n>_sat.tif` and
`labels/<split>/<city><n>_mask.png`.

Split: the lists that the field uses since FCtL, 126 / 27 / 27 tiles (splits/inria.json; all others of 1 to 36 train).
It is not the challenge's own rule, "tiles 1 to 5 of each city validate".
Labels: 0 and 255 as downloaded, 0 and 1 in the other layout. The published "mIoU" is the IoU of buildings.
"""

from __future__ import annotations

import json
from pathlib import Path

from training.data.arrays import Scene, ValueRule
from training.data.datasets.pairs import Layout, check_split, find_pairs

CLASSES = ("background", "building")
COLOURS = ("BEBEBE", "D7301F")
_CITIES, _TILES = ("austin", "chicago", "kitsap", "tyrol-w", "vienna"), range(1, 37)
_RAW = ValueRule({0: 0, 255: 1}, "Inria's masks as downloaded hold 0 and 255")
_RENAMED = ValueRule({0: 0, 1: 1}, "masks under 'labels' hold 0 and 1: keep 0 and 255 for the layout as downloaded")
_LAYOUTS = (
    *(
        Layout(f"{place}images", f"{place}gt", ".tif", ".tif", _RAW)
        for place in ("AerialImageDataset/train/", "train/", "")
    ),
    Layout("imgs/{split}", "labels/{split}", "_sat.tif", "_mask.png", _RENAMED),
)
_SPLITS = Path(__file__).parent / "splits" / "inria.json"


def split_ids(split: str) -> list[str]:
    """Ids of the published split.

    Raises:
        DatasetError: The split is unknown.
    """
    check_split(split)
    listed = json.loads(_SPLITS.read_text(encoding="utf-8"))
    held_out = {f"{city}{n}" for cities in listed.values() for city, tiles in cities.items() for n in tiles}
    if split == "train":
        every = (f"{city}{n}" for city in _CITIES for n in _TILES)
        return [name for name in every if name not in held_out]
    return [f"{city}{n}" for city, tiles in listed[split].items() for n in tiles]


def load(root: str | Path, split: str) -> list[Scene]:
    """The scenes of a split; their pixels are read on demand.

    Args:
        root: the folder that holds `AerialImageDataset`, or that folder itself.

    Raises:
        DatasetError: A file of the split is missing or cannot be opened.
    """
    return find_pairs(Path(root), split, _LAYOUTS, split_ids(split), "the folder that holds 'AerialImageDataset'")
