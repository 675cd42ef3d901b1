"""Cityscapes: street scenes of 2048 x 1024 px, 19 classes. Get it from cityscapes-dataset.com (registration).

Layout as downloaded: `leftImg8bit/<split>/<city>/<id>_leftImg8bit.png` and
`gtFine/<split>/<city>/<id>_gtFine_labelIds.png`; `..._gtFine_labelTrainIds.png` is used where it has been made.

Split: 2975 training and 500 validation images. The 1525 test images have no public labels: the test server scores
them, and papers compare on "val". So there is no third split here, and weights must not be chosen by "val" either.
Labels: ids become the 19 training ids; everything else is ignored.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from training.data.arrays import IGNORE, Scene, ValueRule
from training.data.datasets.pairs import Layout, check_split, files_in, find_pairs
from training.errors import DatasetError

PUBLISHED = {"train": 2975, "val": 500}
_TABLE = (  # id in the files, name, colour of the maps; the training id is the place in this list
    (7, "road", "804080"),
    (8, "sidewalk", "F423E8"),
    (11, "building", "464646"),
    (12, "wall", "66669C"),
    (13, "fence", "BE9999"),
    (17, "pole", "999999"),
    (19, "traffic light", "FAAA1E"),
    (20, "traffic sign", "DCDC00"),
    (21, "vegetation", "6B8E23"),
    (22, "terrain", "98FB98"),
    (23, "sky", "4682B4"),
    (24, "person", "DC143C"),
    (25, "rider", "FF0000"),
    (26, "car", "00008E"),
    (27, "truck", "000046"),
    (28, "bus", "003C64"),
    (31, "train", "005064"),
    (32, "motorcycle", "0000E6"),
    (33, "bicycle", "770B20"),
)
CLASSES = tuple(name for _, name, _ in _TABLE)
COLOURS = tuple(colour for _, _, colour in _TABLE)
LABEL_IDS, UNLABELLED = tuple(value for value, _, _ in _TABLE), 0
_MOST_ID = 33
_IDS = ValueRule(
    {
        **dict.fromkeys((*range(_MOST_ID + 1), 255), IGNORE),  # -1, the licence plate, is 255 in eight bits
        **{value: label for label, (value, _, _) in enumerate(_TABLE)},
    },
    "Cityscapes' labelIds are 0 to 33",
)
_TRAIN_IDS = ValueRule(
    {**{label: label for label in range(len(_TABLE))}, 255: IGNORE}, "Cityscapes' labelTrainIds are 0 to 18 and 255"
)
_MADE = Layout("leftImg8bit/{split}/*", "gtFine/{split}/*", "_leftImg8bit.png", "_gtFine_labelTrainIds.png", _TRAIN_IDS)
_DOWNLOADED = replace(_MADE, label_suffix="_gtFine_labelIds.png", rule=_IDS)


def load(root: str | Path, split: str) -> list[Scene]:
    """The scenes of a split; their pixels are read on demand.

    Args:
        root: the folder that holds `leftImg8bit` and `gtFine`.

    Raises:
        DatasetError: A file is missing or cannot be opened, or the split is "test".
    """
    if split == "test":
        raise DatasetError(
            "The labels of Cityscapes' test split are not public; give --split val, as papers do, or --split server to "
            "write what its server scores"
        )
    check_split(split, ("train", "val"))
    folder = Path(root)
    made = files_in(folder, _MADE.labels.format(split=split), _MADE.label_suffix)
    layout = _MADE if made else _DOWNLOADED
    return find_pairs(folder, split, [layout], None, "the folder that holds 'leftImg8bit' and 'gtFine'")
