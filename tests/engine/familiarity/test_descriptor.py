"""What a window looks like, in numbers: against plain formulas, and what it must not depend on."""

import numpy as np
import pytest

from tests.engine.familiarity.cases import DEVIATION, MEAN, scene
from uhrs_qgis_plugin.engine.familiarity import describe, descriptor_names

pytest.importorskip("hypothesis", reason="only in the training environment")
from hypothesis import given, settings
from hypothesis import strategies as st


def named(image, valid=None, mean=MEAN, deviation=DEVIATION):
    found = describe(image, valid, mean, deviation)
    assert found is not None
    assert np.isfinite(found).all()
    return dict(zip(descriptor_names(len(image)), found))


def plain_energy(band, level):
    """Mean square of the Haar differences between means of 2**level pixels, by loops over squares."""
    step = 2**level
    height, width = band.shape
    means = band.reshape(height // step, step, width // step, step).mean(axis=(1, 3))
    straight, diagonal = [], []
    for row in range(0, means.shape[0], 2):
        for col in range(0, means.shape[1], 2):
            (a, b), (c, d) = means[row : row + 2, col : col + 2]
            straight += [((a + c - b - d) / 4) ** 2, ((a + b - c - d) / 4) ** 2]
            diagonal.append(((a - b - c + d) / 4) ** 2)
    return np.mean(straight), np.mean(diagonal)


def test_numbers_against_plain_formulas():
    image = scene(1, 64, 96).astype(np.float32)  # as decimals there is no rounding to allow for
    found = named(image)
    x = (image.astype(np.float64) - np.reshape(MEAN, (3, 1, 1))) / np.reshape(DEVIATION, (3, 1, 1))
    assert found["brightness"] == pytest.approx(x.mean(), abs=1e-6)
    assert found["tint 1-2"] == pytest.approx(x[0].mean() - x[1].mean(), abs=1e-6)
    assert found["contrast 3"] == pytest.approx(np.log2(x[2].std()), abs=1e-5)
    assert np.tanh(found["correlation 2-3"]) == pytest.approx(np.corrcoef(x[1].ravel(), x[2].ravel())[0, 1], abs=1e-5)
    tint, light = x[0] - x[1], x.mean(axis=0)
    slope = np.cov(tint.ravel(), light.ravel(), bias=True)[0, 1] / light.var()
    assert found["tint by brightness 1-2"] == pytest.approx(slope, abs=1e-5)
    skewness = np.mean((tint - tint.mean()) ** 3) / tint.std() ** 3
    assert np.sinh(found["skewness of tint 1-2"]) == pytest.approx(skewness, abs=1e-4)
    energies = [plain_energy(light, level) for level in range(5)]
    for level in range(4):
        slope = 0.5 * np.log2(energies[level + 1][0] / energies[level][0])
        assert found[f"texture slope {2**level}"] == pytest.approx(slope, abs=1e-4)
    assert found["texture"] == pytest.approx(0.5 * np.log2(energies[2][0]), abs=1e-4)
    assert found["diagonal texture 2"] == pytest.approx(0.5 * np.log2(energies[1][1] / energies[1][0]), abs=1e-4)


def test_slopes_give_resampling_away():
    fine = named(scene(2))["texture slope 1"]
    assert named(scene(2, soft=2))["texture slope 1"] > fine + 2  # pixels repeated twice: no differences within pairs


@pytest.mark.parametrize("bands", [1, 2, 3, 4, 8, 12])
def test_any_number_of_bands(bands):
    image = np.random.default_rng(bands).integers(0, 255, (bands, 64, 64)).astype(np.uint16)
    described = min(bands, 8)
    found = describe(image, None, (120.0,) * described, (60.0,) * described)
    assert found.shape == (len(descriptor_names(bands)),)
    assert len(set(descriptor_names(bands))) == found.size


@pytest.mark.parametrize("value", [0, 7, 255])
def test_a_plain_window_has_finite_numbers(value):
    assert np.isfinite(describe(np.full((3, 128, 128), value, np.uint8), None, MEAN, DEVIATION)).all()


def test_what_holds_no_data_does_not_count():
    image, valid = scene(3, 128, 128).astype(np.float32), np.ones((128, 128), np.bool_)
    expected = describe(image[:, :, :96], None, MEAN, DEVIATION)
    valid[:, 97:] = False
    for hidden in (0, 255, np.nan, np.inf):
        image[:, :, 97:] = hidden
        np.testing.assert_allclose(describe(image, valid, MEAN, DEVIATION), expected, atol=1e-5)


def test_too_little_data_is_not_described():
    image, valid = scene(4, 128, 128), np.zeros((128, 128), np.bool_)
    assert describe(image, valid, MEAN, DEVIATION) is None
    valid[:32, :96] = True  # 3 of 16 squares
    assert describe(image, valid, MEAN, DEVIATION) is None
    valid[:32] = True
    assert describe(image, valid, MEAN, DEVIATION) is not None
    assert describe(image[:, :31], None, MEAN, DEVIATION) is None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.booleans(), st.booleans())
def test_mirrored_and_turned_windows_look_the_same(seed, up, left, turned):
    image = scene(seed, 64, 64)
    other = image[:, :: -1 if up else 1, :: -1 if left else 1]
    other = other.transpose(0, 2, 1) if turned else other
    expected = describe(image, None, MEAN, DEVIATION)
    np.testing.assert_allclose(describe(other, None, MEAN, DEVIATION), expected, atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-1000, 1000))
def test_units_of_the_numbers_do_not_matter(seed, factor, offset):
    image = scene(seed, 64, 64).astype(np.float64)
    expected = describe(image, None, MEAN, DEVIATION)
    mean, deviation = [factor * m + offset for m in MEAN], [factor * d for d in DEVIATION]
    np.testing.assert_allclose(describe(factor * image + offset, None, mean, deviation), expected, atol=0.02)
