"""Your own images and masks: any number of classes and bands, rasters of any size.

    ROOT/classes.yaml
    ROOT/train/images/NAME.tif   ROOT/train/labels/NAME.tif   (or .png, .jpg, ...; the same name without its ending)
    ROOT/val/...                 ROOT/test/...                (test may be missing)

`classes.yaml`:

    classes:
      - {name: background, colour: "BEBEBE"}            # value in the masks: its place in this list, from 0,
      - {name: roof, colour: "D7301F", value: 255}      # or the one that is given
    ignore: [7, "000000"]                               # values and colours that count neither in the loss nor in a
                                                        # metric
    partial:                                            # values that stand for several classes: such a pixel is one of
      - {name: not roof, value: 9, classes: [background, road]}    # them, nobody says which. Training is told so; in
                                                        # validation and test they count as ignored

Labels may be polygons instead of masks (see `vectors`): NAME.gpkg, .geojson or .shp beside the masks, or one file
`labels.gpkg` in the folder of a split or in ROOT for all images. Without folders for splits, all in ROOT/images and
ROOT/labels is for training, and `SceneSource.split` takes validation from it.

Masks have one band of such values; or a palette or three bands with the colours of the classes. What a mask declares as
no data counts as ignored, and so do pixels where the image holds no data: by a no-data value, NaN, alpha or a mask.
Image and mask must lie on the same place where both are georeferenced. All images have the same bands and data type.
Images are read by windows, so a raster of 30,000 pixels a side needs no more memory than a small one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from training.data.arrays import (
    MOST_SETS,
    RasterArray,
    Scene,
    band_names,
    check_same_place,
    colour_bands,
    orientation,
    raster_info,
    samples,
)
from training.data.datasets.alike import check_alike
from training.data.datasets.mask_rules import Classes, mask_rule
from training.data.datasets.pairs import check_split, check_there, open_scene, scene_with_data
from training.data.datasets.vectors import VECTOR_ENDINGS, polygon_labels, vector_rule
from training.errors import DatasetError
from uhrs_qgis_plugin.engine.errors import UhrsError
from uhrs_qgis_plugin.engine.raster import band_roles
from uhrs_qgis_plugin.engine.raster.mosaic import rasters_in

_MOST_HALF_TRANSPARENT = 0.5  # share of the pixels of an alpha band
_RGB = ("red", "green", "blue")
MOST_CLASSES_WITH_SETS = 30  # losses take a set as the bits of a number


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
        ignore = [str(entry).lstrip("#").upper() for entry in content.get("ignore") or []]
        colours_ignored = tuple(entry for entry in ignore if re.fullmatch("[0-9A-F]{6}", entry))
        ignored = [int(entry) for entry in ignore if entry not in colours_ignored]
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
    try:
        sets = _read_sets(content, names)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise DatasetError(
            f"'{path}' does not explain 'partial': {' '.join(str(error).split())}; give each entry a name, a value and "
            "the classes that it may be"
        ) from error
    every = [*values, *ignored, *(value for value, _ in sets.values())]
    if len(set(every)) != len(every) or not all(0 <= value <= 255 for value in every):
        raise DatasetError(f"'{path}' lists the values {every}; give different numbers from 0 to 255")
    if {*colours} & {*colours_ignored}:
        raise DatasetError(f"'{path}' lists the colours {sorted({*colours} & {*colours_ignored})} twice; give others")
    try:
        vector = vector_rule(content, names, values, list(sets))
    except (ValueError, TypeError, AttributeError) as error:
        raise DatasetError(f"'{path}' does not explain polygons: {error}; correct 'vector' or 'attribute'") from error
    by_value = dict(sets.values())
    return Classes(names, colours, tuple(values), tuple(ignored), colours_ignored, vector, by_value)


def _read_sets(content: Any, names: tuple[str, ...]) -> dict[str, tuple[int, tuple[int, ...]]]:  # noqa: ANN401 (YAML)
    """The part of classes.yaml about values that stand for several classes: name -> (value, labels).

    Raises:
        ValueError: An entry has no meaning.
    """
    sets: dict[str, tuple[int, tuple[int, ...]]] = {}
    for entry in content.get("partial") or []:
        members = [str(name) for name in entry["classes"]]
        name = str(entry.get("name", "one of " + ", ".join(members)))
        unknown = [member for member in members if member not in names]
        if unknown:
            raise ValueError(f"{name!r} lists {unknown[0]!r}, which is no class")
        if not 2 <= len(set(members)) == len(members) < len(names):
            raise ValueError(f"{name!r} lists {members}: give two or more different classes, but not all")
        if name in names or name in sets:
            raise ValueError(f"{name!r} stands there twice")
        sets[name] = int(entry["value"]), tuple(sorted(names.index(member) for member in members))
    if len(sets) > MOST_SETS:
        raise ValueError(f"{len(sets)} of them: at most {MOST_SETS} are allowed")
    if sets and len(names) > MOST_CLASSES_WITH_SETS:
        raise ValueError(f"with {len(names)} classes: at most {MOST_CLASSES_WITH_SETS} are allowed")
    return sets


def load(root: str | Path, split: str, problems: list[str] | None = None) -> list[Scene]:
    """The scenes of a split; their pixels are read on demand.

    Args:
        problems: Gets a line for each pair of files that cannot be used, which is then left out; None raises the first.

    Raises:
        DatasetError: When a file is missing or does not fit. Values that classes.yaml does not list are an error when
            they are met: check_data.py looks through all masks for them.
    """
    check_split(split)
    classes = read_classes(root) if split == "train" else read_classes(root).without_sets()
    folder = _folder_of(Path(root), split)
    images = _by_name(folder / "images")
    labels = _labels_of(images, folder, Path(root))
    names = sorted(images.keys() | labels.keys())
    for there, kind in ((images, "images"), (labels, "labels")):
        check_there(there, names, folder / kind, "", f"the {split} split")
    scenes: list[Scene] = []
    for name in names:
        try:
            scene = _open(f"{split}_{name}", images[name], labels[name], classes, Path(root))
            check_alike([*scenes[:1], scene])
            scenes.append(scene)
        except DatasetError as error:
            if problems is None:
                raise
            problems.append(str(error))
    return scenes


def _open(name: str, image: Path, mask: Path, classes: Classes, root: Path) -> Scene:
    """A pair of files as a scene.

    Raises:
        DatasetError: They cannot be read, or what they hold would be misunderstood.
    """
    drawn = mask.suffix.lower() in VECTOR_ENDINGS
    for path in (image,) if drawn else (image, mask):
        turned = 1 if raster_info(path).has_transform else orientation(path)
        if turned != 1:
            raise DatasetError(
                f"'{path}' is stored turned (EXIF orientation {turned}), so image and mask may not match; store its "
                "pixels upright (mogrify -auto-orient FILE), or remove the tag where image and mask match as stored"
            )
    info = raster_info(image)
    if info.has_palette:
        raise DatasetError(
            f"'{image}' has a palette: its numbers are no measurements; turn it into bands first "
            f"(gdal_translate -expand rgb {shlex.quote(str(image))} NEW.tif)"
        )
    check_alpha(image)
    bands, notes = _bands(image)
    if drawn:
        labels, told = polygon_labels(mask, info, classes.vector, root)
        scene = scene_with_data(name, image, labels, bands)
        return replace(scene, bands=band_names(image, bands), notes=(*notes, *told))
    check_same_place(info, raster_info(mask))
    rule, more = mask_rule(mask, classes)
    scene = open_scene(name, image, mask, rule, bands, keeps_nodata=True)
    return replace(scene, bands=band_names(image, bands), notes=(*notes, *more))


def check_alpha(image: Path) -> None:
    """Look whether an alpha band may be one: GDAL calls the fourth band of many rasters so, whatever it holds.

    Raises:
        DatasetError: Most of its pixels are neither transparent nor opaque.
    """
    for band in raster_info(image).alpha_bands:
        values = samples(RasterArray(image, (band,)))
        if np.mean((values > values.min()) & (values < values.max())) > _MOST_HALF_TRANSPARENT:
            raise DatasetError(
                f"Band {band} of '{image}' is called alpha, but most of its pixels are neither transparent nor opaque: "
                f"if it is data, such as near infrared, say so (gdal_edit.py -colorinterp_{band} undefined FILE); "
                f"otherwise remove it (gdal_translate -b ...)"
            )


def _bands(image: Path) -> tuple[tuple[int, ...], list[str]]:
    """The bands of an image that are not alpha, in the order in which a model takes them, and a note if they moved."""
    bands = colour_bands(image)
    types = {raster_info(image).dtypes[band - 1] for band in bands}
    if len(types) > 1:
        raise DatasetError(f"'{image}' has bands of {', '.join(sorted(types))}; convert it to a single type")
    names, roles = band_names(image, bands), band_roles(raster_info(image))
    notes = [
        f"band {band} of '{image}' is {roles[band - 1].by_colour} by its colour interpretation and "
        f"{roles[band - 1].by_description} by its description, which counts"
        for band in bands
        if roles[band - 1].is_contradictory
    ]
    if names == _RGB or sorted(names) != sorted(_RGB):
        return bands, notes
    order = tuple(bands[names.index(colour)] for colour in _RGB)
    return order, [*notes, f"'{image}' has its bands in the order {', '.join(names)}: read as red, green, blue"]


def _folder_of(root: Path, split: str) -> Path:
    """The folder of a split; a dataset without splits lies in the root itself, all for training.

    Raises:
        DatasetError: Validation is asked of a dataset without splits.
    """
    folder, whole = root / split, (root / "images").is_dir() and not (root / "train").exists()
    if whole and split == "train":
        return root
    if not folder.exists() and split == "val":
        raise DatasetError(
            f"'{root}' has no folder 'val': put images for validation there, or let --data.split 0.2 take a fifth "
            "of the labelled area"
        )
    return folder


def _labels_of(images: Mapping[str, Path], folder: Path, root: Path) -> dict[str, Path]:
    """The labels of each image: a mask or polygons of its name, else one file of polygons for all images."""
    inside = folder / "labels"
    drawn = [file for file in sorted(inside.iterdir()) if _is_vector(file)] if inside.is_dir() else []
    shared = [file for place in {folder: 0, root: 0} for file in sorted(place.glob("labels.*")) if _is_vector(file)]
    if not drawn and not shared:
        return _by_name(inside)
    try:
        named = {Path(path).stem: Path(path) for path in rasters_in(str(inside))} if inside.is_dir() else {}
    except UhrsError:
        named = {}
    for file in drawn:
        if file.stem in named:
            raise DatasetError(f"'{file}' and '{named[file.stem]}' have the same name; keep one of them")
        named[file.stem] = file
    return {**({name: shared[0] for name in images} if shared else {}), **named}


def _is_vector(file: Path) -> bool:
    return file.suffix.lower() in VECTOR_ENDINGS and not file.name.startswith(".")


def _by_name(folder: Path) -> dict[str, Path]:
    """The rasters of a folder by their name without ending."""
    try:
        files = [Path(path) for path in rasters_in(str(folder))] if folder.is_dir() else []
    except UhrsError:
        files = []
    if not files:
        raise DatasetError(
            f"'{folder}' is missing or holds no rasters; put images into 'images', and masks or polygons of the same "
            "names into 'labels'"
        )
    named = {file.stem: file for file in files}
    for file in files:
        if named[file.stem] != file:
            raise DatasetError(f"'{file}' and '{named[file.stem]}' have the same name; keep one of them")
    return named
