"""`uhrs:samplepoints` as users run it, and its points in the review panel."""

import numpy as np
import pytest
from qgis.core import QgsApplication, QgsProcessingException, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QLabel

from tests.qgis.class_areas.cases import NAMES, write_uncertainty
from tests.qgis.conftest import TRANSFORM
from uhrs_qgis_plugin.algorithms.accuracy import sample_points
from uhrs_qgis_plugin.engine import sampling
from uhrs_qgis_plugin.engine.accuracy import reference
from uhrs_qgis_plugin.engine.sampling import draw
from uhrs_qgis_plugin.layers import NEW_CLASS, NEW_NAME, STATUS
from uhrs_qgis_plugin.layers.raster_styles import style_classes
from uhrs_qgis_plugin.review import ReviewDock


@pytest.fixture
def sample(provider, classes, tmp_path, context, feedback):
    """Run the algorithm; returns its results and the layer."""
    import processing

    def run_algorithm(**changes):
        parameters = {"CLASSES": classes, "POINTS": 90, "OUTPUT": str(tmp_path / "points.gpkg"), **changes}
        results = processing.run("uhrs:samplepoints", parameters, context=context, feedback=feedback)
        output = results["OUTPUT"]
        layer = output if isinstance(output, QgsVectorLayer) else QgsVectorLayer(output, "points", "ogr")
        assert layer.isValid()
        return results, layer

    return run_algorithm


def test_defaults_and_fields_are_those_of_the_engine(classes):
    options = draw.SampleOptions()
    assert (
        options.points,
        options.least,
        options.seed,
    ) == (sample_points.POINTS, sample_points.LEAST, sample_points.SEED)
    assert sample_points.STRATA == sampling.STRATA
    assert sample_points.ALLOCATIONS == sampling.ALLOCATIONS
    assert sample_points.MOST_POINTS == draw.MOST_POINTS
    drawn = sampling.draw_sample(classes, None, draw.SampleOptions(points=90))
    assert [name for name, _ in sample_points.FIELDS] == list(sampling.columns_of(drawn, False))
    assert (reference.STATUS, reference.NEW_CLASS, reference.NEW_NAME) == (STATUS, NEW_CLASS, NEW_NAME)


def test_points(sample, maps, feedback):
    results, layer = sample()
    assert results["COUNT"] == layer.featureCount() == 90
    assert layer.crs().authid() == "EPSG:32633"
    for feature in layer.getFeatures():
        place = feature.geometry().asPoint()
        row, col = int((TRANSFORM[3] - place.y()) / 0.5), int((place.x() - TRANSFORM[0]) / 0.5)
        assert feature["class"] == feature["stratum_name"] == NAMES[maps[0][row, col]]
        assert feature["status"] == "open"
    ranks = sorted(feature["rank"] for feature in layer.getFeatures())
    assert ranks == list(range(1, 91))
    assert any("points of" in line for line in feedback.lines)


def test_strata_of_uncertainty(sample, tmp_path):
    levels = np.random.default_rng(2).integers(0, 255, (2, 25, 38)).astype(np.uint8)
    uncertainty = write_uncertainty(tmp_path / "u.tif", levels)
    _, layer = sample(UNCERTAINTY=uncertainty, STRATA="uncertainty", ALLOCATION="equal", BLIND=True)
    assert {feature["class"] or None for feature in layer.getFeatures()} == {None}
    assert len({feature["stratum"] for feature in layer.getFeatures()}) == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"STRATA": "uncertainty"}, "need an uncertainty raster"),
        ({"EXPECTED": "road"}, "is not understood"),
        ({"STRATA": "klass"}, "STRATA"),
    ],
)
def test_checks_before_the_run(provider, classes, context, changes, message):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("uhrs:samplepoints")
    fine, why = algorithm.checkParameterValues({"CLASSES": classes, "OUTPUT": "memory:", **changes}, context)
    assert not fine
    assert message in why


def test_nothing_is_left_after_an_error(sample, tmp_path):
    with pytest.raises(QgsProcessingException, match="too few for 3 strata"):
        sample(POINTS=20)
    assert not (tmp_path / "points.gpkg").exists()


# The review panel.


@pytest.fixture
def project(qgis_app):
    project = QgsProject.instance()
    project.clear()
    yield project
    project.clear()


@pytest.fixture
def review(project, sample, classes):
    """Open a fresh sample in the panel; its arguments are those of the algorithm."""
    canvas = QgsMapCanvas()
    canvas.resize(400, 300)
    dock = ReviewDock(canvas)
    dock.show()

    def open_sample(**changes):
        _, layer = sample(**changes)
        raster = QgsRasterLayer(classes, "classes")
        style_classes(raster)
        project.addMapLayer(raster)
        project.addMapLayer(layer)
        assert dock.controller.open_layer(layer), dock.controller.message()
        return dock.controller, layer, canvas

    yield open_sample
    dock.remove()
    dock.deleteLater()
    canvas.stopRendering()


def test_points_are_reviewed_like_regions(review):
    controller, layer, canvas = review()
    assert controller.session.are_points
    assert controller.region().rank == 1
    assert controller.progress_text() == "0 of 90"
    assert layer.renderer().type() == "categorizedSymbol"
    # The map shows the point in its middle, with its surroundings.
    place = layer.getFeature(controller.fid).geometry().asPoint()
    assert canvas.extent().contains(place)
    assert 40 < canvas.extent().width() < 400
    assert abs(canvas.extent().center().x() - place.x()) < 0.01
    assert controller.panel.regions.currentLayer() is layer


def test_the_key_of_a_class_judges_at_once(review):
    controller, layer, _ = review()
    fid, seen = controller.fid, controller.region().first
    other = next(index for index, name in enumerate(NAMES) if name != seen)
    controller.panel.list.setFocus()
    QTest.keyClick(controller.panel.list, Qt.Key(int(Qt.Key.Key_1) + other))
    row = layer.getFeature(fid)
    assert (row["status"], row["new_name"], row["new_class"]) == ("wrong", NAMES[other], other)
    assert controller.fid != fid  # goes on
    fid, seen = controller.fid, controller.region().first
    QTest.keyClick(controller.panel.list, Qt.Key(int(Qt.Key.Key_1) + NAMES.index(seen)))
    assert layer.getFeature(fid)["status"] == "right"
    assert controller.progress_text() == "2 of 90"
    assert controller.undo()
    assert layer.getFeature(fid)["status"] == "open"


def test_the_hint_tells_what_digits_do(review):
    """With points they judge, with regions they only choose."""
    controller, _, _ = review()
    labels = [label.text() for label in controller.panel.message.findChildren(QLabel)]
    assert labels == ["R right, S unsure; 1 to 9 judge at once: it is that class"]
    controller.open_layer(None)
    controller.display.show_message("")
    labels = [label.text() for label in controller.panel.message.findChildren(QLabel)]
    assert labels == ["R right, S unsure; 1 to 9 choose a class, then W all of it, D or B a part"]


def test_a_point_needs_a_class(review):
    controller, layer, _ = review(BLIND=True)
    assert not controller.judge("right")
    assert "does not show the class" in controller.message()
    assert not controller.judge("wrong")
    assert "Choose which class" in controller.message()
    fid = controller.fid
    assert controller.judge("wrong", NAMES[1])
    assert layer.getFeature(fid)["new_name"] == NAMES[1]


def test_points_that_nobody_judges_are_not_offered(review, project):
    controller, _, _ = review()
    cities = QgsVectorLayer("Point?crs=EPSG:4326&field=name:string", "cities", "memory")
    project.addMapLayer(cities)
    box = controller.panel.regions
    assert "cities" not in [box.itemText(index) for index in range(box.count())]
    assert not controller.open_layer(cities)


def test_from_points_to_accuracy(review, maps, classes, context, feedback):
    """Judged as the truth has it, the corrected areas are the true ones within three standard errors."""
    import processing

    controller, layer, _ = review(POINTS=250, LEAST=60)
    for _ in range(250):
        place = layer.getFeature(controller.fid).geometry().asPoint()
        truth = maps[1][int((TRANSFORM[3] - place.y()) / 0.5), int((place.x() - TRANSFORM[0]) / 0.5)]
        assert controller.judge("wrong", NAMES[truth]), controller.message()
    assert "judged" in controller.message()
    parameters = {"CLASSES": classes, "REFERENCE": layer, "OUTPUT": "TEMPORARY_OUTPUT"}
    results = processing.run("uhrs:accuracy", parameters, context=context, feedback=feedback)
    found = {(row["figure"], row["name"]): row for row in results["OUTPUT"].getFeatures()}
    valid = maps[0] < 255
    for index, name in enumerate(NAMES):
        area = found["corrected area", name]
        assert abs(area["value"] - (maps[1][valid] == index).sum() * 0.25) < 3 * area["error"]
    assert not any("how its points were chosen" in line for line in feedback.warnings)
