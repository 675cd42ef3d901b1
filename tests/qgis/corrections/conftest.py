"""Fixtures for the tests beside."""

from __future__ import annotations

import pytest
from qgis.core import QgsApplication

from tests.qgis.class_areas.cases import Recorder, labels_of, write_classes
from tests.qgis.corrections.cases import DRAWN, JUDGED, write_corrections, write_image, write_regions


@pytest.fixture
def feedback():
    return Recorder()


@pytest.fixture
def labels():
    return labels_of()


@pytest.fixture
def classes(tmp_path, labels):
    return write_classes(tmp_path / "classes.tif", labels)


@pytest.fixture
def image(tmp_path):
    return write_image(tmp_path / "image.tif")


@pytest.fixture
def regions(tmp_path):
    return write_regions(tmp_path / "review.gpkg", JUDGED)


@pytest.fixture
def corrections(tmp_path, regions):
    """In the GeoPackage of the regions."""
    return write_corrections(tmp_path / "review.gpkg", DRAWN)


@pytest.fixture
def correct(provider, classes, tmp_path, context, feedback):
    """Run `uhrs:correctedclasses`."""
    import processing

    def run_algorithm(**changes):
        parameters = {"CLASSES": classes, "OUTPUT": str(tmp_path / "corrected.tif"), **changes}
        return processing.run("uhrs:correctedclasses", parameters, context=context, feedback=feedback)

    return run_algorithm


@pytest.fixture
def cut(provider, image, classes, tmp_path, context, feedback):
    """Run `uhrs:trainingsamples`."""
    import processing

    def run_algorithm(**changes):
        parameters = {
            "INPUT": image,
            "CLASSES": classes,
            "CROP": 96,
            "OUTPUT": str(tmp_path / "samples"),
            **changes,
        }
        return processing.run("uhrs:trainingsamples", parameters, context=context, feedback=feedback)

    return run_algorithm


@pytest.fixture
def make(provider):
    """A fresh instance of an algorithm."""
    return lambda name: QgsApplication.processingRegistry().createAlgorithmById(f"uhrs:{name}")
