"""Masks as people have them: palettes, colours, pixels without data, places."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import Affine, from_origin

from tests.training.data.own_rasters import PLACE, RGB, YAML, both, labels_of, refused, shown, write
from training import check_data
from training.data import SceneData
from training.data.arrays import IGNORE, Scene
from training.data.datasets import check_labelled, folder
from training.errors import DatasetError

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


def with_mask(root, mask, name="a.png", **profile):
    labels = labels_of(1)
    both(root, shown(labels), labels)
    (root / "train" / "labels" / "a.tif").unlink()
    write(root / "train" / "labels" / name, mask, **profile)
    return labels


def read(root):
    (scene,) = folder.load(root, "train")
    return np.asarray(scene.labels)


@given(st.permutations(range(8)), st.integers(0, 4))
@settings(max_examples=25, deadline=None)
def test_palettes_decide_by_colour(tmp_path_factory, order, off):
    """Indices in any order, colours a little off, unlabelled pixels in their colour."""
    root = tmp_path_factory.mktemp("set")
    labels = labels_of(1)
    wanted = np.where(np.arange(80) < 9, IGNORE, labels).astype(np.uint8)
    index = np.array([*order[:3], *[order[3]] * 253], np.uint8)[wanted]
    colours = {order[label]: (*(RGB[label].astype(int) - off).tolist(), 255) for label in range(3)}
    colours[order[3]] = (255, 0, 255, 255)
    with_mask(root, index, colours=colours)
    np.testing.assert_array_equal(read(root), wanted)


def test_palettes_of_other_colours_decide_by_number(tmp_path):
    mask = np.where(labels_of(1) == 2, 255, labels_of(1)).astype(np.uint8)
    with_mask(tmp_path, mask, colours={0: (0, 0, 0, 255), 1: (128, 0, 0, 255), 255: (224, 224, 192, 255)})
    np.testing.assert_array_equal(read(tmp_path), mask)


def test_a_colour_of_no_class_in_a_palette_of_classes_is_refused(tmp_path):
    colours = {1: (*RGB[0].tolist(), 255), 0: (*RGB[1].tolist(), 255), 2: (0, 0, 0, 255)}
    with_mask(tmp_path, labels_of(1), colours=colours)
    refused(tmp_path, r"holds the values \[2\]; its palette has the colours of classes.yaml, .*2: 000000")


@pytest.mark.parametrize("alpha", [False, True])
def test_masks_in_colours(tmp_path, alpha):
    rgb = np.moveaxis(RGB[labels_of(1)], -1, 0)
    rgb[:, :4] = np.array([255, 0, 255])[:, None, None]
    opaque = np.full((1, 64, 80), 255, np.uint8)
    opaque[:, -5:] = 0
    labels = with_mask(tmp_path, np.concatenate([rgb, opaque]) if alpha else rgb)
    expected = labels.copy()
    expected[:4] = IGNORE
    expected[-5:] = IGNORE if alpha else labels[-5:]
    np.testing.assert_array_equal(read(tmp_path), expected)


def test_unknown_and_ambiguous_colours_are_refused(tmp_path):
    rgb = np.moveaxis(RGB[labels_of(1)], -1, 0)
    rgb[:, 0, 0] = (1, 2, 3)
    with_mask(tmp_path, rgb)
    refused(tmp_path, r"colours of no class, such as \(1, 2, 3\); the colours of a mask must be those of classes.yaml")
    (tmp_path / "classes.yaml").write_text(YAML.replace("D9C29C", "3C7DC0"))
    refused(tmp_path, "too similar to tell these classes apart")


def test_what_a_mask_declares_as_no_data_is_ignored_and_said_where_it_is_a_class(tmp_path, capsys):
    labels = with_mask(tmp_path, labels_of(1), "a.tif", nodata=0)
    np.testing.assert_array_equal(read(tmp_path), np.where(labels == 0, IGNORE, labels))
    check_data.main(["--data", "folder", "--root", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "declares 0 as no-data value, which is class 'water' in classes.yaml: these pixels are ignored" in printed
    assert "train has no pixel of water" in printed


SHIFTS = {
    "half a pixel": (from_origin(330_000.15, 2_789_999.85, 0.3, 0.3), "EPSG:32640", None),
    "another extent": (from_origin(330_050, 2_790_000, 0.3, 0.3), "EPSG:32640", "166.7 pixels away"),
    "a pixel": (from_origin(330_000.3, 2_790_000, 0.3, 0.3), "EPSG:32640", "1.0 pixels away"),
    "another pixel size": (from_origin(330_000, 2_790_000, 0.31, 0.31), "EPSG:32640", "pixels away"),
    "south-up": (Affine(0.3, 0, 330_000, 0, 0.3, 2_790_000 - 64 * 0.3), "EPSG:32640", "is upside down"),
    "another zone": (PLACE["transform"], "EPSG:32639", "CRS EPSG:32639, the image has EPSG:32640"),
    "the same system by another name": (PLACE["transform"], "+proj=utm +zone=40 +datum=WGS84 +type=crs", None),
    "no system": (PLACE["transform"], None, None),
}


@pytest.mark.parametrize("name", SHIFTS)
def test_masks_must_lie_where_their_image_lies(tmp_path, name):
    transform, crs, told = SHIFTS[name]
    labels = labels_of(1)
    both(tmp_path, shown(labels), labels, **PLACE)
    write(tmp_path / "train/labels/a.tif", labels, transform=transform, crs=crs)
    if told is None:
        np.testing.assert_array_equal(read(tmp_path), labels)
    else:
        refused(tmp_path, told)


def test_training_labels_of_a_single_class_are_refused(tmp_path):
    labels = labels_of(4)
    both(tmp_path, shown(labels), np.where(labels == 2, 2, IGNORE).astype(np.uint8))
    with pytest.raises(DatasetError, match="All labelled pixels of the train split are of class 2") as error:
        SceneData("folder", str(tmp_path), crop=32, workers=0).setup("fit")
    assert "\n" not in str(error.value)
    with pytest.raises(SystemExit):
        check_data.main(["--data", "folder", "--root", str(tmp_path)])
    check_labelled([Scene("v", np.zeros((3, 4, 4)), np.full((4, 4), 2, np.uint8))], "val")
