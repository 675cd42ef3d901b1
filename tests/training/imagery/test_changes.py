"""Changed copies: what they are, and that they keep shape and type."""

import numpy as np
import pytest

from training.imagery import band_orders, change_window, hazy, resampled_pixels
from uhrs_qgis_plugin.engine.bundle import CHANGES


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_windows_keep_shape_and_type(kind, dtype):
    image = np.random.default_rng(0).integers(0, 255, (3, 900, 1000)).astype(dtype)
    found = change_window(kind, image, 700, 3, 120.0, 50.0, np.random.default_rng(1))
    assert found.shape == (3, 128, 128)
    assert found.dtype == dtype
    assert not np.array_equal(found, image[:, 700:828, 3:131])


def test_what_cannot_be_changed_is_left_out():
    rng, image = np.random.default_rng(0), np.zeros((1, 130, 130), np.uint8)
    assert change_window("band order", image, 0, 0, 1.0, 1.0, rng) is None
    assert change_window("coarser", image, 0, 0, 1.0, 1.0, rng) is None


def test_haze_is_a_mean_with_its_light():
    pixels = np.array([[[0, 100]], [[200, 50]]], np.uint8)
    np.testing.assert_array_equal(hazy(pixels, 0.25, 200.0), [[[50, 125]], [[200, 88]]])


def test_averages_and_orders():
    pixels = np.arange(16, dtype=np.uint8).reshape(1, 4, 4)
    np.testing.assert_array_equal(resampled_pixels(pixels, (2, 2), "area")[0], [[2, 4], [10, 12]])
    assert band_orders(2, 5) == [(1, 0)]
    assert len(band_orders(3, 9)) == 5
    assert (0, 1, 2) not in band_orders(3, 9)
    assert band_orders(1, 5) == []
