"""From the files of a dataset folder to scenes: every image has its mask, and every id of a split is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from training.data.arrays import (
    LabelRule,
    LabelsWithData,
    MaskArray,
    PixelArray,
    RasterArray,
    Scene,
    colour_bands,
    valid_array,
)
from training.errors import DatasetError

SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Layout:
    """Where a dataset keeps its files. An id is a file's name without the suffix.

    Attributes:
        images: folder of the images below the root; `{split}` stands for the split, `*` for any folder.
        labels: folder of the masks, likewise.
        image_suffix: how the name of an image ends, such as "_sat.jpg".
        label_suffix: how the name of a mask ends.
        rule: what the masks hold.
    """

    images: str
    labels: str
    image_suffix: str
    label_suffix: str
    rule: LabelRule


def check_split(split: str, splits: Sequence[str] = SPLITS) -> None:
    """Refuse unknown splits.

    Raises:
        DatasetError: The split is not among `splits`.
    """
    if split not in splits:
        raise DatasetError(f"Unknown split '{split}'; there are {', '.join(splits)}")


def files_in(root: Path, folder: str, suffix: str) -> dict[str, Path]:
    """The files below `root` whose names end in `suffix`, in any of its upper or lower case, by id, sorted.

    Args:
        folder: below it; `*` stands for any folder.
        suffix: ends the name; what stands before is the id.
    """
    folders = sorted(root.glob(folder)) if "*" in folder else [root / folder]
    found = (file for place in folders if place.is_dir() for file in place.iterdir())
    wanted = (f for f in found if f.name.lower().endswith(suffix.lower()) and not f.name.startswith("."))
    return {file.name[: -len(suffix)]: file for file in sorted(wanted)}


def find_pairs(root: Path, split: str, layouts: Sequence[Layout], ids: Sequence[str] | None, hint: str) -> list[Scene]:
    """Scenes of a split in the first of the layouts that has images.

    Args:
        root: folder of the dataset.
        layouts: where the files may be, as downloaded first.
        ids: which images belong to the split; None: all that are in the folder.
        hint: what the root must be, for the error text.

    Raises:
        DatasetError: Files are missing or do not fit together.
    """
    for layout in layouts:
        folder = layout.images.format(split=split)
        images = files_in(root, folder, layout.image_suffix)
        if images:
            labels_folder = layout.labels.format(split=split)
            labels = files_in(root, labels_folder, layout.label_suffix)
            chosen = sorted(images.keys() | labels.keys()) if ids is None else list(ids)
            check_there(images, chosen, root / folder, layout.image_suffix, f"the {split} split")
            check_there(labels, chosen, root / labels_folder, layout.label_suffix, f"the {split} split")
            return open_pairs([(name, images[name], labels[name]) for name in chosen], layout.rule)
    places = ", ".join(
        dict.fromkeys(f"'{root / layout.images.format(split=split)}/*{layout.image_suffix}'" for layout in layouts)
    )
    raise DatasetError(f"No images of the {split} split: there is no {places}; --data.root must be {hint}")


def check_there(files: Mapping[str, Path], ids: Iterable[str], folder: Path, suffix: str, what: str) -> None:
    """Refuse a folder that lacks files.

    Args:
        files: existing files by id.
        folder: where they should be, for the error text.
        what: what the ids belong to, such as "the train split".

    Raises:
        DatasetError: Some are missing; the first are named.
    """
    wanted = list(ids)
    missing = [name for name in wanted if name not in files]
    if missing:
        shown = ", ".join(f"{name}{suffix}" for name in missing[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise DatasetError(
            f"'{folder}' lacks {len(missing)} of {len(wanted)} files of {what}: {shown}{more}; each image needs its "
            "mask: complete the folder, or download it again"
        )


def open_pairs(files: Iterable[tuple[str, Path, Path]], rule: LabelRule, bands: int | None = 3) -> list[Scene]:
    """Scenes whose pixels stay on disk.

    Args:
        files: name, image and mask of each.
        bands: how many an image must have, alpha left out; None takes any.

    Raises:
        DatasetError: A file cannot be opened, has other bands, or image and mask differ in size.
    """
    scenes = []
    for name, image, label in files:
        there = colour_bands(image)
        if bands is not None and len(there) != bands:
            raise DatasetError(f"'{image}' has {len(there)} bands; the images of this dataset have {bands}")
        scenes.append(open_scene(name, image, label, rule, there))
    return scenes


def open_scene(
    name: str, image: Path, mask: Path, rule: LabelRule, bands: tuple[int, ...], keeps_nodata: bool = False
) -> Scene:
    """A scene whose pixels stay on disk; where the image holds no data, nothing is labelled.

    Args:
        name: Of the scene.
        image: Its file.
        mask: The file of its labels.
        rule: What the mask holds.
        bands: Of the image, from 1.
        keeps_nodata: See `MaskArray`.

    Raises:
        DatasetError: A file cannot be opened, or image and mask differ in size.
    """
    return scene_with_data(name, image, MaskArray(mask, rule, keeps_nodata), bands)


def scene_with_data(name: str, image: Path, labels: PixelArray, bands: tuple[int, ...]) -> Scene:
    """A scene of an image file and labels (H, W); where the image holds no data, nothing is labelled.

    Raises:
        DatasetError: The file cannot be opened, or the sizes differ.
    """
    scene = Scene(name, RasterArray(image, bands, is_image=True), labels, file=image)
    valid = valid_array(image, bands)
    return scene if valid is None else replace(scene, labels=LabelsWithData(labels, valid), valid=valid)
