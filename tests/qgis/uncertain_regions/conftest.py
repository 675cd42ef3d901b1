"""Fixtures for the tests beside."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsVectorLayer,
)

from tests.qgis.uncertain_regions.cases import (
    make_uncertainty,
)


@pytest.fixture
def uncertainty(tmp_path):
    return make_uncertainty(tmp_path / "uncertainty.tif")


@pytest.fixture
def find(provider, uncertainty, tmp_path, context, feedback):
    """Run the algorithm; returns results and the layer."""
    import processing

    def run_algorithm(**changes):
        parameters = {
            "UNCERTAINTY": uncertainty,
            "THRESHOLD": 0.5,
            "OUTPUT": str(tmp_path / "regions.gpkg"),
            **changes,
        }
        results = processing.run("uhrs:uncertainregions", parameters, context=context, feedback=feedback)
        output = results["OUTPUT"]
        return results, QgsVectorLayer(output, "regions", "ogr") if isinstance(output, str) else output

    return run_algorithm


@pytest.fixture
def algorithm(provider):
    return QgsApplication.processingRegistry().createAlgorithmById("uhrs:uncertainregions")
