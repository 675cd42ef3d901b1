"""ISIC 2018, task 1: photographs of skin lesions and their outlines; sizes vary, up to about 30 million pixels.

Layout as downloaded from challenge.isic-archive.com/data:

    ISIC2018_Task1-2_Training_Input/ISIC_<7 digits>.jpg
    ISIC2018_Task1_Training_GroundTruth/ISIC_<7 digits>_segmentation.png
    ISIC2018_Task1-2_Validation_Input/  ISIC2018_Task1_Validation_GroundTruth/
    ISIC2018_Task1-2_Test_Input/        ISIC2018_Task1_Test_GroundTruth/

Split: papers on ultra-high resolution use lists of 2077 / 260 / 259 images that were never published as text. If you
have them, write the ids, one per line, into ROOT/train.txt, ROOT/val.txt and ROOT/test.txt; images are then searched in
all folders above. Without these files the official folders are the split; results then differ from the papers.
Labels: 0 and 255.
"""

from __future__ import annotations

import re
from pathlib import Path

from training.data.arrays import Scene, ValueRule
from training.data.datasets.pairs import SPLITS, Layout, check_split, check_there, files_in, find_pairs, open_pairs
from training.errors import DatasetError

CLASSES = ("background", "lesion")
COLOURS = ("BEBEBE", "8C510A")
_RULE = ValueRule({0: 0, 255: 1}, "ISIC's masks as downloaded hold 0 and 255")
_FOLDERS = {"train": "Training", "val": "Validation", "test": "Test"}
_HINT = "the folder that holds 'ISIC2018_Task1-2_Training_Input' and the other folders as downloaded"


def _layout(kind: str) -> Layout:
    images, labels = f"ISIC2018_Task1-2_{kind}_Input", f"ISIC2018_Task1_{kind}_GroundTruth"
    return Layout(images, labels, ".jpg", "_segmentation.png", _RULE)


def load(root: str | Path, split: str) -> list[Scene]:
    """The scenes of a split; their pixels are read on demand.

    Args:
        root: the folder that holds the folders as downloaded, and maybe the lists of ids.

    Raises:
        DatasetError: A file is missing or cannot be opened, or the lists do not fit together.
    """
    check_split(split)
    folder = Path(root)
    lists = _lists(folder)
    if lists is None:
        return find_pairs(folder, split, [_layout(_FOLDERS[split])], None, _HINT)
    layouts = [_layout(kind) for kind in _FOLDERS.values()]
    images, labels = {}, {}
    for layout in layouts:
        images.update(files_in(folder, layout.images, layout.image_suffix))
        labels.update(files_in(folder, layout.labels, layout.label_suffix))
    what = f"'{folder / split}.txt'"
    check_there(images, lists[split], folder / "ISIC2018_Task1-2_*_Input", ".jpg", what)
    check_there(labels, lists[split], folder / "ISIC2018_Task1_*_GroundTruth", "_segmentation.png", what)
    return open_pairs([(name, images[name], labels[name]) for name in lists[split]], _RULE)


def _lists(root: Path) -> dict[str, list[str]] | None:
    """Ids of each split from the user's lists; None without lists."""
    files = {split: root / f"{split}.txt" for split in SPLITS}
    there = [split for split, file in files.items() if file.is_file()]
    if not there:
        return None
    if len(there) < len(files):
        raise DatasetError(f"'{root}' has {', '.join(there)}.txt only; give train.txt, val.txt and test.txt, or none")
    ids = {split: re.findall(r"ISIC_\d{7}", file.read_text(encoding="utf-8")) for split, file in files.items()}
    for split, names in ids.items():
        if not names:
            raise DatasetError(f"'{files[split]}' lists no ids such as ISIC_0000000, one a line")
        ids[split] = sorted(set(names))
    for one, other in (("train", "val"), ("train", "test"), ("val", "test")):
        shared = sorted(set(ids[one]) & set(ids[other]))
        if shared:
            raise DatasetError(f"{shared[0]} is both in '{files[one]}' and '{files[other]}'; a split must be disjoint")
    return ids
