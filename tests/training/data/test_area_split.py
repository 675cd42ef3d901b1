"""Validation taken by area: whole blocks, the same for the same seed, and no label of them in training."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data.arrays import IGNORE, Scene
from training.data.crops import RandomCrops
from training.data.datasets import SceneSource
from training.data.datasets.area_split import MARGIN, split_by_area
from training.errors import DatasetError, SettingsError


def scenes_of(seed, sizes):
    rng = np.random.default_rng(seed)
    made = []
    for number, (height, width) in enumerate(sizes):
        labels = np.kron(rng.integers(0, 4, (-(-height // 32), -(-width // 32))), np.ones((32, 32), np.int64))
        labels = labels[:height, :width].astype(np.uint8)
        labels[labels == 3] = IGNORE
        made.append(Scene(f"s{number}", rng.integers(0, 255, (3, height, width), np.uint8), labels))
    return made


def boxes_of(split, scene):
    """Rows and columns of the validation blocks of a scene, from their names."""
    pattern = rf"{scene.name}_rows(\d+)-(\d+)_columns(\d+)-(\d+)$"
    return [tuple(map(int, found.groups())) for val in split.val if (found := re.match(pattern, val.name))]


SIZES = st.lists(st.tuples(st.integers(60, 700), st.integers(60, 700)), min_size=1, max_size=4)


@given(st.integers(0, 1000), SIZES, st.floats(0.05, 0.5), st.integers(64, 300))
@settings(max_examples=60, deadline=None)
def test_each_label_is_in_training_or_validation_or_near_the_border(seed, sizes, share, side):
    scenes = scenes_of(seed, sizes)
    if sum(max(1, height // side) * max(1, width // side) for height, width in sizes) < 2:
        with pytest.raises(DatasetError, match="two blocks"):
            split_by_area(scenes, share, side, seed)
        return
    split = split_by_area(scenes, share, side, seed)
    assert split.train
    assert split.val
    train = {scene.name: np.asarray(scene.labels) for scene in split.train}
    for scene in scenes:
        height, width = scene.labels.shape
        inside, near = np.zeros((height, width), bool), np.zeros((height, width), bool)
        for top, bottom, left, right in boxes_of(split, scene):
            assert min(bottom - top, height) >= min(side, height)
            assert min(right - left, width) >= min(side, width)
            inside[top:bottom, left:right] = True
            near[max(0, top - MARGIN) : bottom + MARGIN, max(0, left - MARGIN) : right + MARGIN] = True
        if scene.name in train:
            np.testing.assert_array_equal(train[scene.name], np.where(near, IGNORE, scene.labels))
        else:
            assert (inside | (scene.labels == IGNORE))[::8, ::8].all()
        seen = np.full((height, width), IGNORE, np.uint8)
        for val in (val for val in split.val if val.name.startswith(f"{scene.name}_")):
            top, _, left, _ = map(int, re.findall(r"\d+", val.name.split("rows")[1]))
            row, col = max(0, top - MARGIN), max(0, left - MARGIN)
            part = np.s_[row : row + val.labels.shape[0], col : col + val.labels.shape[1]]
            np.testing.assert_array_equal(np.asarray(val.image), scene.image[(slice(None), *part)])
            seen[part] = np.minimum(seen[part], np.asarray(val.labels))
        np.testing.assert_array_equal(seen, np.where(inside, scene.labels, IGNORE))


def test_no_crop_of_training_shows_a_label_of_validation():
    scenes = scenes_of(1, [(640, 700)])
    split = split_by_area(scenes, 0.2, 128, 0)
    crops = RandomCrops(split.train, [1.0], 128, 60, seed=0, balance=0.5)
    marked = np.zeros((640, 700), bool)
    for top, bottom, left, right in boxes_of(split, scenes[0]):
        marked[max(0, top - MARGIN) : bottom + MARGIN, max(0, left - MARGIN) : right + MARGIN] = True
    for sample in (crops[index] for index in range(60)):
        _, row, col, side = sample["origin"].tolist()
        free = ~marked[row : row + side, col : col + side]
        assert int((sample["mask"] != IGNORE).sum()) == int(
            (scenes[0].labels[row : row + side, col : col + side][free] != IGNORE).sum()
        )


def test_the_same_seed_gives_the_same_blocks_and_all_classes_are_shared_out():
    scenes = scenes_of(2, [(900, 800), (500, 900)])
    names = [[val.name for val in split_by_area(scenes, 0.25, 100, seed).val] for seed in (0, 0, 1)]
    assert names[0] == names[1] != names[2]
    split = split_by_area(scenes, 0.25, 100, 0)
    counts = sum(np.bincount(np.asarray(val.labels).ravel(), minlength=256) for val in split.val)[:3]
    whole = sum(np.bincount(scene.labels.ravel(), minlength=256) for scene in scenes)[:3]
    assert np.abs(counts / whole - 0.25).max() < 0.08
    assert re.match(
        r"split by area: \d+ of \d+ labelled blocks of about 100 px are validation \(2\d\.\d %", split.message
    )


def test_what_cannot_be_split_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="labels in two blocks of 200 px"):
        split_by_area(scenes_of(0, [(300, 300)]), 0.2, 200, 0)
    for share in (0, -0.1, 0.6, float("nan")):
        with pytest.raises(SettingsError, match=r"data\.split is"):
            SceneSource("folder", tmp_path, split=share)
    with pytest.raises(SettingsError, match="has published splits"):
        SceneSource("deepglobe", tmp_path, split=0.2)
    (tmp_path / "val").mkdir()
    with pytest.raises(DatasetError, match=r"has a folder 'val'; leave --data\.split out"):
        SceneSource("folder", tmp_path, split=0.2)
