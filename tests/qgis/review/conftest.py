"""Fixtures for the tests beside."""

from __future__ import annotations

import sys

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRasterLayer, QgsSettings, QgsVectorLayer
from qgis.gui import QgsMapCanvas

from tests.qgis.review.cases import make_classes, make_image, make_regions, make_uncertainty
from uhrs_qgis_plugin.layers.raster_styles import style_classes, style_uncertainty
from uhrs_qgis_plugin.layers.region_fields import add_fields
from uhrs_qgis_plugin.review import ReviewDock
from uhrs_qgis_plugin.review.data import ReviewSession, open_store


@pytest.fixture(autouse=True)
def no_tracebacks(monkeypatch):
    """An exception in a slot is printed only; here it fails the test."""
    caught = []
    monkeypatch.setattr(sys, "excepthook", lambda *error: caught.append(error))
    yield
    assert not caught, caught


@pytest.fixture
def project(qgis_app):
    """The open project, empty before and after."""
    project = QgsProject.instance()
    project.clear()
    yield project
    project.clear()


@pytest.fixture
def path(tmp_path):
    """A GeoPackage of six regions as `uhrs:uncertainregions` writes it."""
    return make_regions(tmp_path / "regions.gpkg")


@pytest.fixture
def open_session(qgis_app):
    """Open a review of a file, without any widget; each with a layer of its own, as another QGIS has."""
    layers = []

    def open_file(path, reviewer="Anna"):
        layer = QgsVectorLayer(str(path), "regions", "ogr")
        assert layer.isValid()
        assert add_fields(layer) == ""
        session = ReviewSession(open_store(layer), reviewer)
        layers.append(layer)
        return session

    yield open_file
    layers.clear()


@pytest.fixture
def canvas(project):
    """A map in UTM, as large as a small window."""
    canvas = QgsMapCanvas()
    canvas.resize(400, 300)
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32633"))
    canvas.show()
    yield canvas
    canvas.stopRendering()


@pytest.fixture
def dock(canvas):
    """The dock, shown."""
    QgsSettings().setValue("uhrs/reviewer", "Anna")
    dock = ReviewDock(canvas)
    dock.resize(360, 800)
    dock.show()
    yield dock
    dock.remove()
    dock.deleteLater()
    QgsSettings().remove("uhrs/reviewer")


@pytest.fixture
def add(project):
    """Add a file to the project: regions, or a raster with its style."""

    def add_file(path, name=None, kind=None):
        if kind is None:
            layer = QgsVectorLayer(str(path), name or "regions", "ogr")
        else:
            layer = QgsRasterLayer(str(path), name or kind)
            {"classes": style_classes, "uncertainty": style_uncertainty}.get(kind, lambda layer: None)(layer)
        assert layer.isValid()
        project.addMapLayer(layer)
        return layer

    return add_file


@pytest.fixture(scope="session")
def rasters(tmp_path_factory):
    """Image, classes and uncertainty over the six regions; read only, so one set is enough."""
    folder = tmp_path_factory.mktemp("rasters")
    makers = {"image": make_image, "classes": make_classes, "uncertainty": make_uncertainty}
    return {kind: make(folder / f"{kind}.tif") for kind, make in makers.items()}


@pytest.fixture
def controller(dock):
    """The controller of the dock; no layer is open."""
    return dock.controller


@pytest.fixture
def review(controller, add, path, rasters):
    """The controller with image, classes, uncertainty and six regions open, as after a run."""
    for kind, file in rasters.items():
        add(file, kind=kind)
    assert controller.open_layer(add(path))
    return controller
