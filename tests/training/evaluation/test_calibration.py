"""Temperatures are found again that data were made with; errors of calibration equal those computed by hand."""

import numpy as np
import pytest
import torch

from tests.training.conftest import TINY, randomise
from training.data.arrays import IGNORE, Scene
from training.errors import DatasetError, SettingsError
from training.evaluation import calibration
from training.evaluation.calibration import (
    Sample,
    Temperatures,
    calibration_error,
    fit_temperature,
    fit_temperatures,
    sample_pixels,
)
from training.evaluation.parts import SegmentedScene
from training.evaluation.segmenters import NetworkSegmenter
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings, faithful
from training.weights.checkpoint import Trained

NAMES, COLOURS = ["a", "b", "c", "d"], ["102030"] * 4


def segmenter_of(network):
    return NetworkSegmenter(Trained(network, NAMES, COLOURS, {}, 0))


def drawn(logits, temperature, seed=0):
    """Labels drawn from what a network would truly know: softmax of its logits at a temperature."""
    random = torch.Generator().manual_seed(seed)
    return torch.multinomial((logits / temperature).softmax(1), 1, generator=random).squeeze(1)


def noise(pixels, seed=0):
    return 3 * torch.randn(pixels, 4, generator=torch.Generator().manual_seed(seed))


def sample_of(low, fused, labels, weights=None):
    """All pixels unselected at K = 0 and selected at K = 1; at K = 0.5 the second half is."""
    pixels = len(labels)
    half = torch.arange(pixels) >= pixels // 2
    logits = {0.0: low, 0.5: torch.where(half[:, None], fused, low), 1.0: fused}
    chosen = {0.0: torch.zeros(pixels, dtype=torch.bool), 0.5: half, 1.0: torch.ones(pixels, dtype=torch.bool)}
    return Sample(labels, logits, chosen, torch.full((pixels,), 1e-4).double() if weights is None else weights)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_of_the_data_is_found(temperature):
    logits = noise(200_000)
    labels = drawn(logits, temperature)
    assert fit_temperature(logits, labels, torch.ones(len(labels))) == pytest.approx(temperature, rel=0.02)


def test_what_is_always_right_or_wrong_has_the_ends_of_the_range():
    logits = torch.tensor([[4.0, 0.0], [0.0, 4.0]])
    assert fit_temperature(logits, torch.tensor([0, 1]), torch.ones(2)) == pytest.approx(0.1)
    assert fit_temperature(logits, torch.tensor([1, 0]), torch.ones(2)) == pytest.approx(10.0)


def test_both_heads_get_their_own_temperature_and_no_error_is_left():
    low, fused = noise(150_000), noise(150_000, 1)
    labels = drawn(low, 2.0)
    fused = fused + 6 * torch.nn.functional.one_hot(labels, 4)  # knows more
    sample = sample_of(low, fused, labels)
    found = fit_temperatures(sample)
    assert found.low == pytest.approx(2.0, rel=0.02)
    assert found.fused != found.low
    assert calibration_error(sample, 0.0, Temperatures()) > 0.1
    assert calibration_error(sample, 0.0, found) < 0.005
    half = sample_of(low, low / 2, labels)  # at K = 0.5 the second half needs another temperature than the first
    assert calibration_error(half, 0.5, Temperatures(2.0, 1.0)) < 0.005
    assert calibration_error(half, 0.5, Temperatures(2.0, 2.0)) > 0.05


def test_scenes_count_alike():
    """One scene of many pixels at T = 3 and one of few at T = 1: weighed alike, the fit lies between them."""
    logits = noise(110_000)
    labels = torch.cat((drawn(logits[:100_000], 3.0), drawn(logits[100_000:], 1.0)))
    weights = torch.cat((torch.full((100_000,), 1e-5), torch.full((10_000,), 1e-4))).double()
    alike = fit_temperature(logits, labels, weights)
    assert 1.2 < alike < 2.2
    assert fit_temperature(logits, labels, torch.ones(110_000)) > 2.4
    sample = sample_of(logits, logits, labels, weights)
    warm = Temperatures(alike, alike)
    assert calibration_error(sample, 0.0, warm, by_scene=True) < calibration_error(sample, 0.0, warm)


def test_error_by_hand():
    """Claims 0.7 and is right in half of the cases; claims 0.9 and is always right."""
    sure = torch.tensor([[0.7, 0.3], [0.7, 0.3], [0.9, 0.1], [0.9, 0.1]]).log()
    sample = sample_of(sure, sure, torch.tensor([0, 1, 0, 0]))
    assert calibration_error(sample, 0.0, Temperatures()) == pytest.approx((0.2 + 0.1) / 2, abs=1e-6)


@pytest.fixture
def scenes():
    rng = np.random.default_rng(0)
    made = []
    for name, height, width in (("large", 200, 333), ("small", 70, 90)):
        blobs = np.kron(rng.integers(0, 200, (3, height // 24 + 1, width // 24 + 1)), np.ones((24, 24), int))
        image = (blobs[:, :height, :width] + rng.integers(0, 55, (3, height, width))).astype(np.uint8)
        labels = rng.integers(0, 4, (height, width)).astype(np.uint8)
        labels[: height // 3] = IGNORE
        made.append(Scene(name, image, labels))
    return made


def test_sampled_logits_are_those_of_the_scene_segmented_whole(tiny_network, scenes):
    ratios = (0.0, 0.4, 1.0)
    sample = sample_pixels(segmenter_of(tiny_network), scenes, ratios)
    at, step = 0, calibration._STEP
    for scene in scenes:
        grid = np.s_[step // 2 :: step, step // 2 :: step]
        known = scene.labels[grid] != IGNORE
        count = int(known.sum())
        assert sorted(sample.labels[at : at + count].tolist()) == sorted(scene.labels[grid][known].tolist())
        assert sample.weights[at : at + count].tolist() == [1 / calibration._WHOLE] * count
        with torch.inference_mode():
            for ratio in ratios:
                output = tiny_network(torch.from_numpy(scene.image)[None].float(), ratio)
                whole = tiny_network.full_logits(output)[0][:, grid[0], grid[1]][:, torch.from_numpy(known)].T
                torch.testing.assert_close(sample.logits[ratio][at : at + count], whole, atol=2e-3, rtol=1e-3)
                if ratio in (0.0, 1.0):
                    assert (sample.chosen[ratio] == (ratio == 1.0)).all()
        at += count
    assert at == len(sample.labels)
    assert 0.2 < sample.chosen[0.4].float().mean() < 0.6


def test_parts_make_no_difference(tiny_network, scenes):
    """Blocks of 64 pixels, whatever the grid of the sample."""
    scene = scenes[0]
    whole = next(iter(SegmentedScene(tiny_network, scene.image, (0.4,)).scored(scene.labels)))
    seen = torch.zeros(scene.labels.shape)
    for part in SegmentedScene(tiny_network, scene.image, (0.4,), block=64).scored(scene.labels):
        place = part.window.slices()
        seen[place] += 1
        torch.testing.assert_close(part.logits[0], whole.logits[0][(slice(None), *place)], atol=2e-3, rtol=1e-3)
        np.testing.assert_array_equal(part.chosen[0], whole.chosen[0][place])
        np.testing.assert_array_equal(part.truth, scene.labels[place])
    assert (seen == 1).all()


def test_what_cannot_be_sampled_is_refused(tiny_network, scenes):
    blank = Scene("blank", scenes[1].image, np.full_like(scenes[1].labels, IGNORE))
    with pytest.raises(DatasetError, match="labelled"):
        sample_pixels(segmenter_of(tiny_network), [blank], (0.0, 1.0))
    published = randomise(DualStream(Settings(**{**faithful(4, 1.0, 2).__dict__, **TINY})))
    with pytest.raises(SettingsError, match="patches of a fixed side"):
        sample_pixels(segmenter_of(published), scenes, (0.0, 1.0))
