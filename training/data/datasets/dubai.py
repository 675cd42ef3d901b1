"""Semantic segmentation of aerial imagery (Humans in the Loop with the Mohammed Bin Rashid Space Centre).

Layout as published: `Tile N/images/image_part_00P.jpg`, `Tile N/masks/image_part_00P.png`, `classes.json`.
The nine parts of a tile are a 3x3 cut of one scene, row by row. Get it from humansintheloop.org (CC0 1.0).
Split: train = tiles 1, 3, 4, 5, 7 without part 5; val = part 5 of those tiles; test = tile 8 as one scene.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from training.data.arrays import IGNORE, ColourRule, Scene, read_pixels
from training.data.datasets.pairs import check_split
from training.errors import DatasetError

CLASSES = ("water", "land", "road", "building", "vegetation")  # the order of classes.json, without unlabeled
COLOURS = ("1F78B4", "E5D3A1", "4D4D4D", "D7301F", "33A02C")  # of the maps; those of the masks are in classes.json
_TRAIN_TILES, _TEST_TILES, _VAL_PART = (1, 3, 4, 5, 7), (8,), 5
# A sixth of tile 8, part 3, is unlabelled: it is black, which is no class colour, and is ignored like "unlabeled" (the
# nearest colour would be building's). In a mask of another kind every colour is stray.
_MOST_STRAY = 0.5


def _mask_rule(root: Path) -> ColourRule:
    """Colours of classes.json: our five classes, then unlabeled."""
    path = root / "classes.json"
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["classes"]
        titles = [entry["title"].split(" ")[0].lower() for entry in entries]
        rgb = [[int(entry["color"].lstrip("#")[i : i + 2], 16) for i in (0, 2, 4)] for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"Cannot read the class colours from '{path}': {error}. --data.root must be the folder that holds "
            "'classes.json' and 'Tile 1' to 'Tile 8'"
        ) from error
    if titles != [*CLASSES, "unlabeled"]:
        raise DatasetError(f"'{path}' lists {titles}; expected {[*CLASSES, 'unlabeled']} in this order")
    colours = [(red, green, blue) for red, green, blue in rgb]
    expected = f"the masks' colours must be those of '{path}'"
    return ColourRule(colours, expected, most_stray=_MOST_STRAY, stray_label=len(CLASSES))


def _part(root: Path, tile: int, part: int, rule: ColourRule) -> Scene:
    folder = root / f"Tile {tile}"
    image = read_pixels(folder / "images" / f"image_part_{part:03d}.jpg")
    mask = folder / "masks" / f"image_part_{part:03d}.png"
    pixels = read_pixels(mask)[:3]
    if len(pixels) != rule.bands or len(image) < rule.bands:
        raise DatasetError(f"'{mask}' or its image has fewer than three bands; both must be in colour")
    labels, stray = rule.decode(pixels)
    labels[labels == len(CLASSES)] = IGNORE
    scene = Scene(f"tile{tile}_part{part}", image[:3], labels)
    if stray:
        raise DatasetError(f"'{mask}' holds {stray}; {rule.expected}")
    return scene


def _whole(root: Path, tile: int, rule: ColourRule, without: int | None = None) -> Scene:
    """The nine parts put together; the labels of part `without` are ignored."""
    rows_image, rows_labels = [], []
    for row in range(3):
        parts = [_part(root, tile, 3 * row + col + 1, rule) for col in range(3)]
        blank = [3 * row + col + 1 == without for col in range(3)]
        try:
            rows_image.append(np.concatenate([p.image for p in parts], 2))
            rows_labels.append(
                np.concatenate(
                    [np.full_like(p.labels, IGNORE) if b else p.labels for p, b in zip(parts, blank, strict=True)],
                    1,
                )
            )
        except ValueError as error:
            raise DatasetError(f"Tile {tile}: the parts of row {row + 1} differ in height: {error}") from error
    try:
        return Scene(f"tile{tile}", np.concatenate(rows_image, 1), np.concatenate(rows_labels, 0))
    except ValueError as error:
        raise DatasetError(f"Tile {tile}: the rows of parts differ in width: {error}") from error


def load(root: str | Path, split: str) -> list[Scene]:
    """The scenes of a split.

    Args:
        root: the folder with `classes.json` and the tiles.

    Raises:
        DatasetError: when a file is missing, unreadable or does not fit.
    """
    check_split(split)
    folder = Path(root)
    rule = _mask_rule(folder)
    if split == "train":
        return [_whole(folder, tile, rule, without=_VAL_PART) for tile in _TRAIN_TILES]
    if split == "val":
        return [_part(folder, tile, _VAL_PART, rule) for tile in _TRAIN_TILES]
    return [_whole(folder, tile, rule) for tile in _TEST_TILES]
