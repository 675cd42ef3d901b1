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
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import yaml

from training.data.raster_array import RasterArray
from training.data.scenes import IGNORE, DatasetError, Scene
from uhrs_qgis_plugin.engine.errors import UhrsError
from uhrs_qgis_plugin.engine.mosaic import rasters_in
from uhrs_qgis_plugin.engine.raster import open_raster

SPLITS = ("train", "val", "test")
_UNKNOWN = 254  # stands for values that classes.yaml does not list, while a mask is looked through
_LOOK_ROWS = 1024


@dataclass(frozen=True)
class Classes:
    """What classes.yaml says.

    Attributes:
        names: In the order of the labels.
        colours: RRGGBB of each class.
        table: (256,) value in the masks -> label, IGNORE, or `_UNKNOWN`.
    """

    names: tuple[str, ...]
    colours: tuple[str, ...]
    table: npt.NDArray[np.uint8]


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
    table = np.full(256, _UNKNOWN, np.uint8)
    table[ignored] = IGNORE
    for label, value in enumerate(values):
        table[value] = label
    return Classes(names, colours, table)


def load(root: str | Path, split: str) -> list[Scene]:
    """The scenes of a split; their pixels stay on disk until they are asked for.

    Args:
        root: The folder with classes.yaml.
        split: "train", "val" or "test".

    Raises:
        DatasetError: When a file is missing, does not fit or holds values that classes.yaml does not list.
    """
    if split not in SPLITS:
        raise DatasetError(f"Unknown split '{split}'; there are {', '.join(SPLITS)}")
    classes = read_classes(root)
    folder = Path(root) / split
    images, labels = (_by_name(folder / kind) for kind in ("images", "labels"))
    for there, other, where in ((images, labels, "labels"), (labels, images, "images")):
        missing = sorted(there.keys() - other.keys())
        if missing:
            more = f" and {len(missing) - 3} others" if len(missing) > 3 else ""
            raise DatasetError(
                f"'{folder / where}' has no file for {', '.join(missing[:3])}{more}; each image needs a mask of the "
                "same name"
            )
    scenes = [_scene(f"{split}_{name}", images[name], labels[name], classes) for name in sorted(images)]
    bands = {scene.image.shape[0] for scene in scenes}
    if len(bands) > 1:
        raise DatasetError(f"The images in '{folder / 'images'}' have {sorted(bands)} bands; all need the same number")
    return scenes


def statistics(scenes: list[Scene]) -> dict[str, Any]:
    """What a network must know of its input: bands, data type, and mean and spread of each band.

    Args:
        scenes: Training scenes; at most 512 x 512 pixels of each are looked at.
    """
    pixels = []
    for scene in scenes:
        step = max(1, max(scene.labels.shape) // 512)
        pixels.append(scene.image[:, ::step, ::step].reshape(scene.image.shape[0], -1).astype(np.float64))
    every = np.concatenate(pixels, 1)
    every = every[:, np.isfinite(every).all(0)]
    return {
        "bands": len(every),
        "data_type": scenes[0].image.dtype.name,
        "mean": [round(float(value), 3) for value in every.mean(1)],
        "std": [round(max(float(value), 1e-3), 3) for value in every.std(1)],
    }


def _by_name(folder: Path) -> dict[str, Path]:
    """The rasters of a folder by their name without ending."""
    try:
        files = [Path(path) for path in rasters_in(str(folder))] if folder.is_dir() else []
    except UhrsError:
        files = []
    if not files:
        raise DatasetError(f"'{folder}' is missing or holds no rasters; put images and masks of the same names there")
    return {file.stem: file for file in files}


def _scene(name: str, image: Path, labels: Path, classes: Classes) -> Scene:
    """One image and its mask, checked."""
    try:
        with open_raster(str(image)) as reader:
            bands = tuple(b for b in range(1, reader.info.count + 1) if b not in reader.info.alpha_bands)
        with open_raster(str(labels)) as reader:
            if reader.info.dtypes[0] != "uint8":
                raise DatasetError(f"'{labels}' holds {reader.info.dtypes[0]} numbers; masks must be uint8")
        mask = RasterArray(labels, 1, classes.table)
        _check_values(mask, labels, classes)
        pixels = RasterArray(image, bands)
    except UhrsError as error:
        raise DatasetError(str(error)) from error
    return Scene(name, cast(Any, pixels), cast(Any, mask))


def _check_values(mask: RasterArray, path: Path, classes: Classes) -> None:
    """Look through a mask for values that are not listed: they would vanish, or train nonsense."""
    unknown: set[int] = set()
    raw = RasterArray(path, 1)
    for row in range(0, mask.shape[0], _LOOK_ROWS):
        values = np.flatnonzero(np.bincount(raw[row : row + _LOOK_ROWS].ravel(), minlength=256))
        unknown.update(int(value) for value in values if classes.table[value] == _UNKNOWN)
    if unknown:
        raise DatasetError(
            f"'{path}' holds the values {sorted(unknown)[:10]}; list them in classes.yaml, as the value of a class or "
            "under ignore"
        )
