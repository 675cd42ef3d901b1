"""Blur, noise and JPEG: what they leave alone, and that they do what their names say."""

import math

import pytest
import torch

from training.data.crops.degrade import Degrade, blurred

NUMBERS = torch.arange(1, 41) * 7_919


def test_nothing_is_nothing():
    image = torch.rand(2, 3, 30, 37) * 255
    assert torch.equal(Degrade(0.0)(image, NUMBERS[:2]), image)


def test_each_image_has_its_own_share():
    """At probability p an image stays as it is with (1 - p)^3."""
    image = torch.rand(1, 3, 24, 20).expand(40, -1, -1, -1) * 255
    found = Degrade(0.3)(image, NUMBERS)
    kept = sum(torch.allclose(one, image[0], atol=1e-3) for one in found)
    assert abs(kept - 40 * 0.7**3) < 3 * math.sqrt(40 * 0.343 * 0.657)
    assert found.min() >= 0
    assert found.max() <= 255


@pytest.mark.parametrize("spread", [0.8, 1.5])
def test_blur_is_gaussian(spread):
    image = torch.zeros(2, 1, 21, 21)
    image[:, :, 10, 10] = 1
    found = blurred(image, torch.tensor([spread, 0.0]))
    torch.testing.assert_close(found[1], image[1])
    assert float(found[0].sum()) == pytest.approx(1)
    along = torch.arange(21.0) - 10
    variance = float((found[0, 0].sum(0) * along**2).sum())
    assert variance == pytest.approx(spread**2, rel=0.1)  # a little is cut off
    torch.testing.assert_close(found[0, 0], found[0, 0].T)


def test_jpeg_keeps_flat_blocks_and_coarsens_fine_ones():
    degrade = Degrade(1.0)
    flat = torch.full((1, 3, 16, 16), 128.0)
    torch.testing.assert_close(degrade.compressed(flat, torch.tensor([1.0])), flat)
    image = torch.rand(1, 3, 20, 27) * 255  # not whole blocks
    errors = [float((degrade.compressed(image, torch.tensor([c])) - image).abs().mean()) for c in (0.0, 0.1, 0.5, 1.5)]
    assert errors[0] == 0
    assert errors == sorted(errors)
    assert torch.equal(degrade.compressed(image, torch.tensor([1.5]))[..., 16:, :], image[..., 16:, :])


def test_the_waves_are_a_cosine_transform():
    cosines = Degrade().cosines
    torch.testing.assert_close(cosines @ cosines.T, torch.eye(8), atol=1e-6, rtol=0)
    assert float(cosines[3, 2]) == pytest.approx(0.5 * math.cos(3 * math.pi * 5 / 16), abs=1e-6)
