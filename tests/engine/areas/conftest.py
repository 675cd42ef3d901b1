"""Fixtures for the tests beside."""

from __future__ import annotations

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.areas import counting as areas


@pytest.fixture
def labels():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, (203, 307)).astype(np.uint8)
    labels[rng.random(labels.shape) < 0.1] = 255
    return labels


@pytest.fixture
def levels():
    return np.random.default_rng(1).integers(0, 256, (2, 26, 39)).astype(np.uint8)


@pytest.fixture
def small_blocks(monkeypatch):
    """Many blocks in a small raster, whose edges do not fall on cells of the uncertainty."""
    monkeypatch.setattr(areas, "BLOCK_PIXELS", 2000)
    monkeypatch.setattr(areas, "BLOCK_ROWS", 30)
