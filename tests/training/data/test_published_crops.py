"""The published augmentation: each change against an independent way to make it, and the crops as a whole."""

import colorsys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training import layouts
from training.data.arrays.scenes import IGNORE, Scene
from training.data.crops.published_augment import distort, rotate, saturate, turn_hue
from training.data.crops.published_crops import PublishedCrops
from training.errors import DatasetError

COLOURS = st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=40)


class FixedAngle:
    """A generator that draws one angle, in degrees."""

    def __init__(self, angle):
        self.angle = angle

    def uniform(self, low, high):
        assert (low, high) == (90, 270)
        return self.angle


def hsv(colours, change):
    """Colours changed in HSV by the standard library."""
    changed = [colorsys.hsv_to_rgb(*change(*colorsys.rgb_to_hsv(*(c / 255 for c in colour)))) for colour in colours]
    return 255 * np.array(changed).T


@given(COLOURS, st.floats(0.5, 1.5))
@settings(max_examples=50, deadline=None)
def test_saturation_is_that_of_hsv(colours, factor):
    expected = hsv(colours, lambda h, s, v: (h, min(1.0, s * factor), v))
    np.testing.assert_allclose(saturate(np.array(colours, np.float32).T, factor), expected, atol=0.02)


@given(COLOURS, st.floats(-36, 36))
@settings(max_examples=50, deadline=None)
def test_hue_is_that_of_hsv(colours, degrees):
    expected = hsv(colours, lambda h, s, v: ((h + degrees / 360) % 1, s, v))
    np.testing.assert_allclose(turn_hue(np.array(colours, np.float32).T, degrees), expected, atol=0.02)


@pytest.mark.parametrize(("angle", "turns"), [(90, 1), (180, 2), (270, 3)])
def test_right_angles_lose_nothing(angle, turns):
    image = np.random.default_rng(0).integers(0, 255, (3, 24, 24), np.uint8)
    labels = layouts.blocks(0, (0, 1, 2, IGNORE), 24, 24)
    turned, mask = rotate(image, labels, FixedAngle(angle))
    quarters = [k for k in (turns, 4 - turns) if np.array_equal(np.rot90(labels, k), mask)]
    assert quarters  # which way is clockwise does not matter: the angles are symmetric
    np.testing.assert_array_equal(turned, np.rot90(image, quarters[0], (1, 2)))


def test_outside_is_black_and_ignored():
    turned, mask = rotate(np.full((3, 40, 40), 200, np.uint8), np.full((40, 40), 3, np.uint8), FixedAngle(135))
    assert (mask[:3, :3] == IGNORE).all()
    assert (turned[:, :3, :3] == 0).all()
    assert set(np.unique(mask)) == {3, IGNORE}
    assert (turned[:, 15:25, 15:25] == 200).all()
    assert np.mean(mask == 3) == pytest.approx(2 * (2**0.5 - 1), abs=0.01)  # a square and one turned by 45 degrees


def test_labels_turn_with_the_image():
    labels = layouts.blocks(1, (0, 200), 60, 90)
    image = np.broadcast_to(labels, (3, 60, 90)).copy()
    turned, mask = rotate(image, labels, FixedAngle(110))
    known = mask != IGNORE
    assert np.mean((turned[0] > 100)[known] == (mask > 100)[known]) > 0.98  # all but blurred edges


@pytest.mark.parametrize("angle", [97.0, 181.5, 233.0])
def test_every_pixel_is_turned_alike_whatever_is_turned_together(angle):
    """Pixels of a crop of several tiles against the formula of one pixel."""
    rng = np.random.default_rng(5)
    image, labels = rng.integers(0, 256, (3, 300, 530), np.uint8), rng.integers(0, 7, (300, 530), np.uint8)
    turned, mask = rotate(image, labels, FixedAngle(angle))
    sine, cosine = np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))
    black = np.pad(image, ((0, 0), (1, 1), (1, 1))).astype(float)
    for row, col in rng.integers(0, (300, 530), (4000, 2)):
        down, across = row - 149.5, col - 264.5
        y, x = sine * across + cosine * down + 149.5, cosine * across - sine * down + 264.5
        if not (-1 < y < 300 and -1 < x < 530):
            assert (turned[:, row, col] == 0).all()
            assert mask[row, col] == IGNORE
            continue
        (i, v), (j, u) = ((int(np.floor(place)) + 1, place - np.floor(place)) for place in (y, x))
        upper, lower = (black[:, k, j] * (1 - u) + black[:, k, j + 1] * u for k in (i, i + 1))
        np.testing.assert_allclose(turned[:, row, col], upper * (1 - v) + lower * v, atol=0.6)
        if min(abs(u - 0.5), abs(v - 0.5)) > 1e-3:  # elsewhere two pixels are equally near
            inside = 0 <= round(y) < 300 and 0 <= round(x) < 530
            assert mask[row, col] == (labels[round(y), round(x)] if inside else IGNORE)


class Draws:
    """A generator that gives what it is told: shares of the ranges, and whether a change happens."""

    def __init__(self, *values):
        self.values = list(values)

    def random(self):
        return self.values.pop(0)

    def uniform(self, low, high):
        return low + (high - low) * self.values.pop(0)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("others", [True, False])
def test_changes_of_colour_follow_each_other(first, others):
    """Brightness, contrast, saturation and hue one after the other on floats, cut off at 0 and 255 after each."""
    image = np.random.default_rng(1).integers(0, 256, (3, 40, 70), np.uint8)
    draws = [0.0, 0.9, 0.0 if first else 1.0, 0.0, 0.8, *((0.0, 0.7, 0.0, 0.2) if others else (1.0, 1.0))]
    values = np.clip(image.reshape(3, -1).astype(np.float32) - 32 + 0.9 * 64, 0, 255)
    if first or not others:
        values = np.clip(values * 1.3, 0, 255)
    if others:
        values = turn_hue(saturate(values, 1.2), -36 + 0.2 * 72)
    if others and not first:
        values = np.clip(values * 1.3, 0, 255)
    np.testing.assert_array_equal(distort(image, Draws(*draws)), np.rint(values).reshape(image.shape))


def test_every_change_of_colour_happens_half_the_time():
    image = layouts.photo(layouts.blocks(0, range(8), 40, 40))
    grey = np.full((3, 8, 8), 100, np.uint8)
    changed = [distort(image, np.random.default_rng(seed)) for seed in range(200)]
    assert np.mean([np.array_equal(image, c) for c in changed]) == pytest.approx(1 / 16, abs=0.06)
    levels = np.array([int(distort(grey, np.random.default_rng(seed))[0, 0, 0]) for seed in range(400)])
    # Grey has no hue and no saturation: brightness and contrast alone change it, with probability 1/2 each.
    assert np.mean(levels == 100) == pytest.approx(1 / 4, abs=0.08)
    assert (100 - 32) * 0.5 - 1 <= levels.min() < 60 < 150 < levels.max() <= (100 + 32) * 1.5 + 1


def scene(labels, name="s"):
    return Scene(name, layouts.photo(labels), labels)


def test_crops_are_a_function_of_seed_epoch_and_number():
    scenes = [scene(layouts.blocks(n, range(4))) for n in range(3)]
    first, second = (PublishedCrops(scenes, 48, 6, seed=3) for _ in range(2))
    for key in ("image", "mask", "origin", "colour_seed"):
        assert torch.equal(first[1, 4][key], second[1, 4][key])
    assert torch.equal(first[4]["image"], first[0, 4]["image"])
    assert not torch.equal(first[0, 4]["image"], first[1, 4]["image"])
    assert not torch.equal(first[4]["image"], PublishedCrops(scenes, 48, 6, seed=4)[4]["image"])
    sample = first[0]
    assert (sample["image"].dtype, sample["mask"].dtype) == (torch.uint8, torch.uint8)
    assert sample["image"].shape == (3, 48, 48)
    assert len(list(first)) == 6


def test_each_scene_comes_once_before_any_comes_again():
    crops = PublishedCrops([scene(layouts.blocks(n, range(4))) for n in range(5)], 32, 4, seed=0)
    order = [int(crops[epoch, i]["origin"][0]) for epoch in range(5) for i in range(4)]
    turns = [order[start : start + 5] for start in range(0, 20, 5)]
    assert all(sorted(turn) == list(range(5)) for turn in turns)
    assert len({tuple(turn) for turn in turns}) > 1


def test_windows_of_one_class_are_drawn_again():
    labels = np.zeros((400, 400), np.uint8)
    labels[:, 340:] = 1
    crops = PublishedCrops([scene(labels)], 64, 60, seed=0)
    both = [len(set(crops[i]["mask"].unique().tolist()) - {IGNORE}) == 2 for i in range(60)]
    assert np.mean(both) > 0.7  # a tenth of all windows has three quarters of one class at most; ten tries are made


def test_small_scenes_are_padded():
    crops = PublishedCrops([scene(layouts.blocks(0, range(4), 30, 100))], 48, 8, seed=0)
    for sample in crops:
        assert sample["image"].shape == (3, 48, 48)
        assert (sample["mask"][30:] == IGNORE).all()
        image = sample["image"].float()
        inside = image[:, :30].mean((1, 2))
        torch.testing.assert_close(image[:, 30:], inside[:, None, None].expand(3, 18, 48), atol=0.51, rtol=0)


def test_rgb_only():
    labels = layouts.blocks(0, range(4))
    with pytest.raises(DatasetError, match="has 4 bands of uint8; the published augmentation is made for three"):
        PublishedCrops([Scene("s", np.zeros((4, *labels.shape), np.uint8), labels)], 32, 4, seed=0)
