"""Fixtures of the tests of training samples."""

from __future__ import annotations

import pytest

from tests.engine.corrections.test_apply import labels_of
from tests.engine.samples.cases import CLASSES, image_of, write_class_raster, write_image
from uhrs_qgis_plugin.engine.samples.cutting import SampleSources


@pytest.fixture
def labels():
    return labels_of(200, 300)


@pytest.fixture
def classes(tmp_path, labels):
    """On the pixels of the image from row 12, column 8."""
    return write_class_raster(tmp_path / "classes.tif", labels)


@pytest.fixture
def image(tmp_path):
    return write_image(tmp_path / "site A.tif", image_of(3, 260, 340, "uint8"))


@pytest.fixture
def sources(image, classes):
    return SampleSources(image, classes, CLASSES, {"right": 1})
