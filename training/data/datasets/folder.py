"""Your own images and masks: any number of classes and bands, rasters of any size.

    ROOT/classes.yaml
    ROOT/train/images/NAME.tif   ROOT/train/labels/NAME.tif   (or .png, .jpg, ...; the same name without its ending)
    ROOT/val/...                 ROOT/test/...                (test may be missing)

`classes.yaml`:

    classes:
      - {name: background, colour: "BEBEBE"}            # value in the masks: its place in this list, from 0,
      - {name: roof, colour: "D7301F", value: 255}      # or the one that is given
    ignore: [7]                                         # values that count neither in the loss nor in a metric

Images are read by windows, so a raster of 30,000 pixels a side needs no more memory than a small one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from training.data.arrays import IGNORE, Scene, ValueRule
from training.data.datasets.pairs import check_split, check_there, open_pairs
from training.errors import DatasetError
from uhrs_qgis_plugin.engine.errors import UhrsError
from uhrs_qgis_plugin.engine.raster.mosaic import rasters_in

_MOST_LOOKED_AT = 100  # scenes, for the statistics


@dataclass(frozen=True)
class Classes:
    """The content of classes.yaml.

    Attributes:
        names: In the order of the labels.
        colours: RRGGBB of each class.
        rule: What the values in the masks mean.
    """

    names: tuple[str, ...]
    colours: tuple[str, ...]
    rule: ValueRule


def read_classes(root: str | Path) -> Classes:
    """Read classes.yaml.

    Raises:
        DatasetError: When it is missing or not as described.
    """
    path = Path(root) / "classes.yaml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = content["classes"]
        names = tuple(str(entry["name"]) for entry in entries)
        colours = tuple(str(entry["colour"]).lstrip("#").upper() for entry in entries)
        values = [int(entry.get("value", place)) for place, entry in enumerate(entries)]
        ignored = [int(value) for value in content.get("ignore") or []]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DatasetError(
            f"Cannot read the classes from '{path}' ({reason}); --data.root must be a folder with a classes.yaml "
            "that lists name and colour of each class"
        ) from error
    if not 2 <= len(names) <= 250 or len(set(names)) != len(names):
        raise DatasetError(f"'{path}' lists {list(names)}; give 2 to 250 classes with different names")
    if not all(re.fullmatch("[0-9A-F]{6}", colour) for colour in colours):
        raise DatasetError(f"'{path}' lists the colours {list(colours)}; give six hexadecimal digits each, in quotes")
    every = [*values, *ignored]
    if len(set(every)) != len(every) or not all(0 <= value <= 255 for value in every):
        raise DatasetError(f"'{path}' lists the values {every}; give different numbers from 0 to 255")
    meaning = {**dict.fromkeys(ignored, IGNORE), **{value: label for label, value in enumerate(values)}}
    hint = "list them in classes.yaml, as the value of a class or under ignore; a mask has one band of such values"
    return Classes(names, colours, ValueRule(meaning, hint))


def load(root: str | Path, split: str) -> list[Scene]:
    """The scenes of a split; their pixels are read on demand.

    Raises:
        DatasetError: When a file is missing or does not fit. Values that classes.yaml does not list are an error when
            they are met: check_data.py looks through all masks for them.
    """
    check_split(split)
    rule = read_classes(root).rule
    folder = Path(root) / split
    images, labels = (_by_name(folder / kind) for kind in ("images", "labels"))
    names = sorted(images.keys() | labels.keys())
    for there, kind in ((images, "images"), (labels, "labels")):
        check_there(there, names, folder / kind, "", f"the {split} split")
    scenes = open_pairs([(f"{split}_{name}", images[name], labels[name]) for name in names], rule, bands=None)
    bands = {scene.image.shape[0] for scene in scenes}
    if len(bands) > 1:
        raise DatasetError(f"The images in '{folder / 'images'}' have {sorted(bands)} bands; all need the same number")
    return scenes


def statistics(scenes: list[Scene]) -> dict[str, Any]:
    """Properties of the input for the network: bands, data type, and mean and standard deviation of each band.

    Args:
        scenes: Training scenes; at most 512 x 512 pixels of each of about 100 are sampled.
    """
    count, total, square = 0, np.zeros(0), np.zeros(0)
    origin = None  # sums are relative to the first mean: squares of large numbers would lose digits
    for scene in scenes[:: max(1, len(scenes) // _MOST_LOOKED_AT)]:
        step = max(1, max(scene.labels.shape) // 512)
        pixels = scene.image[:, ::step, ::step].reshape(scene.image.shape[0], -1).astype(np.float64)
        pixels = pixels[:, np.isfinite(pixels).all(0)]
        if origin is None:
            origin = pixels.mean(1, keepdims=True) if pixels.size else None
            total, square = np.zeros(len(pixels)), np.zeros(len(pixels))
        if origin is not None:
            count, total = count + pixels.shape[1], total + (pixels - origin).sum(1)
            square = square + ((pixels - origin) ** 2).sum(1)
    if origin is None:
        raise DatasetError(f"The training images, such as '{scenes[0].name}', hold no numbers but NaN and infinity")
    mean, variance = total / count + origin[:, 0], square / count - (total / count) ** 2
    return {
        "bands": len(mean),
        "data_type": scenes[0].image.dtype.name,
        "mean": [round(float(value), 3) for value in mean],
        "std": [round(max(float(value) ** 0.5, 1e-3), 3) for value in variance.clip(0)],
    }


def _by_name(folder: Path) -> dict[str, Path]:
    """The rasters of a folder by their name without ending."""
    try:
        files = [Path(path) for path in rasters_in(str(folder))] if folder.is_dir() else []
    except UhrsError:
        files = []
    if not files:
        raise DatasetError(f"'{folder}' is missing or holds no rasters; put images and masks of the same names there")
    named = {file.stem: file for file in files}
    for file in files:
        if named[file.stem] != file:
            raise DatasetError(f"'{file}' and '{named[file.stem]}' have the same name; keep one of them")
    return named
