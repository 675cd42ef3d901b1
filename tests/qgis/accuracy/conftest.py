"""Fixtures for the tests beside."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsFeature, QgsField, QgsGeometry, QgsPointXY, QgsVectorLayer
from qgis.PyQt.QtCore import QVariant

from tests.qgis.class_areas.cases import NAMES, labels_of, write_classes
from tests.qgis.conftest import TRANSFORM


@pytest.fixture
def maps():
    """A map and the truth, (200, 300): a quarter of the patches is wrong."""
    mapped = labels_of()
    wrong = np.kron(np.random.default_rng(3).random((20, 30)) < 0.25, np.ones((10, 10), bool))
    return mapped, np.where(mapped < 255, np.where(wrong, (mapped + 1) % 3, mapped), 255).astype(np.uint8)


@pytest.fixture
def classes(tmp_path, maps):
    return write_classes(tmp_path / "classes.tif", maps[0])


@pytest.fixture
def truth(tmp_path, maps):
    return write_classes(tmp_path / "truth.tif", maps[1])


@pytest.fixture
def points(maps):
    """200 random points with the true class in the field `label`, in memory."""
    rng = np.random.default_rng(5)
    layer = QgsVectorLayer("Point?crs=EPSG:32633", "points", "memory")
    layer.dataProvider().addAttributes([QgsField("label", QVariant.String), QgsField("status", QVariant.String)])
    layer.updateFields()
    for row, col in zip(rng.integers(0, 200, 200), rng.integers(0, 300, 200)):
        if maps[1][row, col] == 255:
            continue
        feature = QgsFeature(layer.fields())
        place = QgsPointXY(TRANSFORM[0] + (col + 0.5) * 0.5, TRANSFORM[3] - (row + 0.5) * 0.5)
        feature.setGeometry(QgsGeometry.fromPointXY(place))
        feature["label"] = NAMES[maps[1][row, col]]
        layer.dataProvider().addFeature(feature)
    return layer


@pytest.fixture
def assess(provider, classes, tmp_path, context, feedback):
    """Run the algorithm; returns its results, and the table as (figure, name) -> row."""
    import processing

    def run_algorithm(**changes):
        parameters = {"CLASSES": classes, "OUTPUT": str(tmp_path / "accuracy.csv"), **changes}
        results = processing.run("uhrs:accuracy", parameters, context=context, feedback=feedback)
        output = results["OUTPUT"]
        layer = output if isinstance(output, QgsVectorLayer) else QgsVectorLayer(output, "t")
        assert layer.isValid()
        return results, {(row["figure"], row["name"] or ""): row for row in layer.getFeatures()}

    return run_algorithm
