"""CRAG (colorectal adenocarcinoma glands): 213 histology tiles of about 1512 x 1516 px; gland or not.

Layout as downloaded: `{train,test}/{Images,Annotation,Overlay}/<name>.png`, below `CRAG/` or not; some releases call
the second folder `Annotations`.

Split: the official one, 173 / 40 tiles (second release). There is no validation split: as in the published code "val"
is the test split, so do not choose weights by it.
Labels: the number of a gland, 0 between glands; above 0 all become one class.
"""

from __future__ import annotations

from pathlib import Path

from training.data.arrays import Scene, ValueRule
from training.data.datasets.pairs import Layout, check_split, find_pairs

CLASSES = ("background", "gland")
COLOURS = ("FDE0EF", "7B3294")
PUBLISHED = {"train": 173, "val": 40, "test": 40}
_RULE = ValueRule({0: 0}, "CRAG's masks hold numbers of glands", others=1, dtypes=("uint8", "uint16", "int16", "int32"))
_LAYOUTS = tuple(
    Layout(f"{place}{{split}}/Images", f"{place}{{split}}/{labels}", ".png", ".png", _RULE)
    for place in ("", "CRAG/")
    for labels in ("Annotation", "Annotations")
)


def load(root: str | Path, split: str) -> list[Scene]:
    """The scenes of a split; their pixels are read on demand.

    Args:
        root: the folder that holds `train` and `test`, or `CRAG`.

    Raises:
        DatasetError: A file is missing or cannot be opened.
    """
    check_split(split)
    folder = Path(root)
    place = "train" if split == "train" else "test"
    there = [x for x in _LAYOUTS if (folder / x.labels.format(split=place)).is_dir()]
    return find_pairs(folder, place, there or _LAYOUTS[1:2], None, "the folder that holds 'train' and 'test' of CRAG")
