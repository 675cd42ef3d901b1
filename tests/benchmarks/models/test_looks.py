"""benchmarks/models/looks.py on generated scenes: looks change what they say, and scores are those of the pixels."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.models import looks


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(0).integers(0, 256, (3, 64, 64), dtype=np.uint8)


@pytest.mark.parametrize("name", list(looks.LOOKS))
def test_looks_keep_shape_and_kind(name, image):
    changed = looks.LOOKS[name](image)
    assert (changed.shape, changed.dtype) == (image.shape, image.dtype)
    assert (changed == image).all() == (name == "as it is")


def test_haze_takes_contrast_and_adds_light(image):
    hazed = looks.LOOKS["haze, 40 % of the light"](image).astype(float)
    np.testing.assert_allclose(hazed, 0.6 * image + 0.4 * np.reshape(looks.AIRLIGHT, (3, 1, 1)), atol=0.51)


def test_scores_are_printed_for_each_look(capsys):
    rows = looks.main(["--data", "generated", "--looks", "as it is", "JPEG of quality 30", "--ratios", "0"])
    assert [row["look"] for row in rows] == ["as it is", "JPEG of quality 30"]
    assert all(20 < row["K = 0"] < 100 for row in rows)
