"""Small datasets in the exact layouts as downloaded, each with its labels as it was made from."""

import json
import os
import shutil
import warnings

import numpy as np
import pytest
import rasterio
from rasterio.errors import NotGeoreferencedWarning

from training.data.arrays.scenes import IGNORE
from training.data.datasets import deepglobe, inria
from training.errors import DatasetError

DRIVERS = {".tif": "GTiff", ".png": "PNG", ".jpg": "JPEG"}
DEEPGLOBE_RGB = {
    0: (0, 0, 0),
    1: (0, 255, 255),
    2: (255, 255, 0),
    3: (255, 0, 255),
    4: (0, 255, 0),
    5: (0, 0, 255),
    6: (255, 255, 255),
}
URUR_RGB = [(0, 0, 0), (230, 230, 230), (95, 163, 7), (100, 100, 100)]
URUR_RGB += [(200, 230, 160), (255, 255, 100), (150, 200, 250), (240, 100, 80)]
CITYSCAPES_IDS = (7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33)  # by training id
DUBAI_COLOURS = ("E2A929", "8429F6", "6EC1E4", "3C1098", "FEDD3A", "9B9B9B")
DUBAI_TITLES = ("Water", "Land (unpaved area)", "Road", "Building", "Vegetation", "Unlabeled")


def write(path, pixels, **profile):
    """Write (B, H, W) or (H, W) in the format that the name asks for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = pixels if pixels.ndim == 3 else pixels[None]
    count, height, width = pixels.shape
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        options = {"driver": DRIVERS[path.suffix], "count": count, "height": height, "width": width, **profile}
        with rasterio.open(path, "w", dtype=pixels.dtype, **options) as file:
            file.write(pixels)
    return path


def blocks(seed, values, height=80, width=96):
    """Squares of 8 px with values drawn from `values`, each of them at least once."""
    rng = np.random.default_rng(seed)
    small = rng.choice(values, (-(-height // 8), -(-width // 8)))
    small.flat[: len(values)] = values
    return np.kron(small, np.ones((8, 8), np.int64))[:height, :width].astype(np.uint8)


def photo(labels, seed=0):
    """An image (3, H, W) that shows its labels, with noise."""
    rng = np.random.default_rng(seed)
    shown = np.where(labels == IGNORE, 20, labels).astype(np.int64)
    return (40 + 9 * shown + rng.integers(0, 40, (3, *labels.shape))).clip(0, 255).astype(np.uint8)


def rgb(labels, colours):
    """Labels -> (3, H, W)."""
    table = np.zeros((256, 3), np.uint8)
    for label, colour in enumerate(colours):
        table[label] = colour
    return np.moveaxis(table[labels], -1, 0)


def pair(image, mask, labels, encoded):
    """Write an image that shows `labels`, and its mask."""
    write(image, photo(labels))
    write(mask, encoded)
    return labels


def deepglobe_root(root, ids=None, image="land-train/{}_sat.jpg", mask="land-train/{}_mask.png"):
    """All ids of all splits, or some; every file of a split but the first is a link to that one."""
    truth = {}
    for seed, split in enumerate(("train", "val", "test")):
        names = ids[split] if ids else deepglobe.split_ids(split)
        paths = [(root / image.format(n, split=split), root / mask.format(n, split=split)) for n in names]
        labels = blocks(seed, range(7))
        truth[split] = pair(*paths[0], labels, rgb(labels, DEEPGLOBE_RGB.values()))
        for one, other in paths[1:]:
            os.link(paths[0][0], one)
            os.link(paths[0][1], other)
    return truth


def inria_root(root, place="AerialImageDataset/train", cities=("austin", "chicago", "kitsap", "tyrol-w", "vienna")):
    """180 tiles; those of a city are equal."""
    truth = {}
    for seed, city in enumerate(cities):
        labels = truth[city] = blocks(seed, (0, 1), 72, 80)
        first = [root / place / kind / f"{city}1.tif" for kind in ("images", "gt")]
        pair(*first, labels, labels * np.uint8(255))
        for number in range(2, 37):
            for file in first:
                os.link(file, file.with_name(f"{city}{number}.tif"))
    return truth


def inria_renamed_root(root):
    """The layout of the published code, as symbolic links would be: one tile a split is looked at closely."""
    truth = {}
    for seed, split in enumerate(("train", "val", "test")):
        for number, name in enumerate(inria.split_ids(split)):
            image, mask = root / "imgs" / split / f"{name}_sat.tif", root / "labels" / split / f"{name}_mask.png"
            if number == 0:
                labels = truth[split] = blocks(seed, (0, 1))
                first = (image, mask)
                pair(image, mask, labels, labels)
            else:
                os.link(first[0], image)
                os.link(first[1], mask)
    return truth


def urur_root(root, encode=lambda labels: labels, image="URUR/{}/image", label="URUR/{}/label"):
    """Three scenes to train, two to validate, one to test; numbers from 0."""
    truth = {}
    for split, count in (("train", 3), ("val", 2), ("test", 1)):
        for number in range(count):
            labels = blocks(10 * count + number, range(8))
            name = f"{split}_{number}.png"
            truth[split, name[:-4]] = pair(
                root / image.format(split) / name, root / label.format(split) / name, labels, encode(labels)
            )
    return truth


def isic_root(root):
    """The six folders of the challenge; images of different and uneven sizes."""
    truth = {}
    number = 0
    for split, kind in (("train", "Training"), ("val", "Validation"), ("test", "Test")):
        for height, width in ((90, 120), (75, 60)):
            name = f"ISIC_{number:07d}"
            labels = truth[split, name] = blocks(number, (0, 1), height, width)
            image = root / f"ISIC2018_Task1-2_{kind}_Input" / f"{name}.jpg"
            mask = root / f"ISIC2018_Task1_{kind}_GroundTruth" / f"{name}_segmentation.png"
            pair(image, mask, labels, labels * np.uint8(255))
            (image.parent / "LICENSE.txt").write_text("CC-0")
            number += 1
    return truth


def crag_root(root, labels_folder="Annotation", place="", dtype=np.uint8):
    """Glands are numbered; Overlay is there as well."""
    truth = {}
    for split, count in (("train", 3), ("test", 2)):
        for number in range(1, count + 1):
            glands = blocks(number, range(5), 88, 80)
            name = f"{split}_{number}.png"
            folder = root / place / split
            encoded = np.where(glands > 3, 300, glands).astype(dtype) if dtype != np.uint8 else glands
            pair(folder / "Images" / name, folder / labels_folder / name, glands, encoded)
            truth[split, name[:-4]] = glands > 0
            shutil.copytree(folder / "Images", folder / "Overlay", dirs_exist_ok=True)
    return truth


def cityscapes_root(root, train_ids=False):
    """Two cities to train, one to validate; ids as downloaded, training ids beside them if asked for."""
    truth = {}
    for split, city in (("train", "aachen"), ("train", "bochum"), ("val", "lindau")):
        name = f"{city}_000000_000019"
        labels = blocks(len(city), (*range(19), IGNORE), 64, 128)
        table = np.zeros(256, np.uint8)
        table[:19] = CITYSCAPES_IDS
        table[IGNORE] = 4  # static: not one of the nineteen
        folder = root / "gtFine" / split / city
        image = root / "leftImg8bit" / split / city / f"{name}_leftImg8bit.png"
        truth[split, name] = pair(image, folder / f"{name}_gtFine_labelIds.png", labels, table[labels])
        write(folder / f"{name}_gtFine_instanceIds.png", table[labels])
        if train_ids:
            write(folder / f"{name}_gtFine_labelTrainIds.png", labels)
    return truth


def dubai_root(root, side=40):
    """Six tiles of nine equal parts."""
    colours = [[int(c[i : i + 2], 16) for i in (0, 2, 4)] for c in DUBAI_COLOURS]
    entries = [{"title": t, "color": f"#{c}"} for t, c in zip(DUBAI_TITLES, DUBAI_COLOURS, strict=True)]
    root.mkdir(parents=True, exist_ok=True)
    (root / "classes.json").write_text(json.dumps({"classes": entries}))
    for tile in (1, 3, 4, 5, 7, 8):
        for part in range(1, 10):
            labels = blocks(part, range(6), side, side)
            folder = root / f"Tile {tile}"
            mask = folder / "masks" / f"image_part_{part:03d}.png"
            pair(folder / "images" / f"image_part_{part:03d}.jpg", mask, labels, rgb(labels, colours))


def folder_root(root):
    """A user's own images and masks."""
    root.mkdir(parents=True, exist_ok=True)
    classes = 'classes:\n  - {name: ground, colour: "BEBEBE"}\n  - {name: roof, colour: "D7301F", value: 200}\n'
    (root / "classes.yaml").write_text(classes)
    for seed, split in enumerate(("train", "val")):
        labels = blocks(seed, (0, 1))
        pair(root / split / "images" / "a.tif", root / split / "labels" / "a.png", labels, labels * np.uint8(200))


def assert_read(scenes, truth):
    """Scenes have the names and labels of `truth`, and images that show them."""
    assert [scene.name for scene in scenes] == sorted(truth)
    for scene in scenes:
        labels = np.asarray(scene.labels)
        np.testing.assert_array_equal(labels, truth[scene.name])
        image = np.asarray(scene.image).astype(int)
        assert image.shape == (3, *labels.shape)
        shown = np.where(labels == IGNORE, 20, labels)
        by_label = [image[:, shown == value].mean() for value in np.unique(shown)]
        assert by_label == sorted(by_label)  # `photo` makes higher labels brighter


def of_split(truth, split):
    return {name: labels for (there, name), labels in truth.items() if there == split}


def assert_refuses(load, match):
    """Loading, or reading what was loaded, is refused in one line; returns it."""
    with pytest.raises(DatasetError, match=match) as error:
        [np.asarray(scene.labels) for scene in load()]
    assert "\n" not in str(error.value)
    return str(error.value)
