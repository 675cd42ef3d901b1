"""Fixtures for the tests beside."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
)

from tests.qgis.class_areas.cases import (
    Recorder,
    labels_of,
    table,
    write_classes,
    write_uncertainty,
)


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
def levels():
    return np.random.default_rng(2).integers(0, 255, (2, 25, 38)).astype(np.uint8)


@pytest.fixture
def uncertainty(tmp_path, levels):
    return write_uncertainty(tmp_path / "uncertainty.tif", levels)


@pytest.fixture
def planimetric(context):
    """A project that measures in the plane of the map."""
    context.project().setCrs(QgsCoordinateReferenceSystem("EPSG:32633"))
    context.project().setEllipsoid("NONE")
    context.setEllipsoid("NONE")
    return context


@pytest.fixture
def measure(provider, classes, tmp_path, context, feedback):
    """Run the algorithm; returns the rows of the table as dictionaries."""
    import processing

    def run_algorithm(**changes):
        parameters = {"CLASSES": classes, "OUTPUT": str(tmp_path / "areas.gpkg"), **changes}
        results = processing.run("uhrs:classareas", parameters, context=context, feedback=feedback)
        return table(results["OUTPUT"])

    return run_algorithm
