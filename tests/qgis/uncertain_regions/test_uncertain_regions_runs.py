"""`uhrs:uncertainregions`: wrong input, cancel, and every way to run it."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingException,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer

from tests.qgis.conftest import write_raster
from tests.qgis.uncertain_regions.cases import (
    NORTH_UP,
    make_classes,
    make_uncertainty,
    rows,
)
from uhrs_qgis_plugin.algorithms.uncertain_regions import output as uncertain_regions_output


@pytest.mark.parametrize("value", [255, 0])
def test_nothing_to_find(find, tmp_path, feedback, value):
    """No data anywhere, or nothing unsure: an empty layer and a warning."""
    path = make_uncertainty(tmp_path / "empty.tif", np.full((2, 20, 30), value, np.uint8))
    results, layer = find(UNCERTAINTY=path, THRESHOLD=None, CLASSES=make_classes(tmp_path / "classes.tif"))
    assert results["COUNT"] == layer.featureCount() == 0
    assert layer.isValid()
    assert "the layer is empty" in feedback.textLog()


def test_all_smaller_than_asked(find, feedback):
    assert find(MIN_AREA=100)[0]["COUNT"] == 0
    assert "Choose a smaller MIN_AREA" in feedback.textLog()


def test_wrong_values_are_told_before_the_run(algorithm, context, uncertainty, tmp_path):
    """One line each, in the dialog, before anything starts."""
    grey = write_raster(tmp_path / "grey.tif", np.zeros((1, 20, 30), np.uint8), transform=NORTH_UP)
    image = write_raster(tmp_path / "image.tif", np.zeros((3, 20, 30), np.uint8), transform=NORTH_UP)
    deep = write_raster(tmp_path / "deep.tif", np.zeros((2, 20, 30), np.uint16), transform=NORTH_UP)
    shifted = make_classes(tmp_path / "shifted.tif", (500040.0, *NORTH_UP[1:]))
    other_crs = make_classes(tmp_path / "other.tif", crs=32632)
    cases = (
        ({"UNCERTAINTY": grey}, "has scale None and offset 0 and is no uncertainty"),
        ({"UNCERTAINTY": image}, "has 3 bands of type uint8 and is no uncertainty raster"),
        ({"UNCERTAINTY": deep}, "has 2 bands of type uint16"),
        ({"UNCERTAINTY": "/no/such/raster.tif"}, "UNCERTAINTY"),
        ({"BAND": 3}, "Band 3 does not exist"),
        ({"CLASSES": shifted}, "does not cover what"),
        ({"CLASSES": other_crs}, "has EPSG:32633 but CLASSES 'other' has EPSG:32632"),
        ({"CLASSES": image}, "but a class raster has one of uint8"),
        ({"CLASSES": "/no/such/classes.tif"}, "CLASSES"),
        ({"TOP": 0}, "TOP"),
        ({"THRESHOLD": 1.5}, "THRESHOLD"),
        ({"MIN_AREA": 0}, "MIN_AREA"),
        ({"LIMIT": 0}, "LIMIT"),
        ({"SPREAD": 5}, "spread=5 cells is not allowed: use 0, or 16 and more"),
    )
    for changes, message in cases:
        parameters = {"UNCERTAINTY": uncertainty, "OUTPUT": "TEMPORARY_OUTPUT", **changes}
        fine, problem = algorithm.checkParameterValues(parameters, context)
        assert not fine, changes
        assert message in problem
        assert "\n" not in problem.strip()


def test_cancel_leaves_nothing(find, feedback, tmp_path, monkeypatch):
    """Before, and in the middle of writing."""
    feedback.cancel()
    with pytest.raises(QgsProcessingException, match="nothing was written"):
        find()
    assert os.listdir(tmp_path) == ["uncertainty.tif"]


@pytest.mark.parametrize("name", ["regions.gpkg", "regions.shp"])
def test_cancel_while_writing_leaves_nothing(find, feedback, tmp_path, monkeypatch, name):
    monkeypatch.setattr(uncertain_regions_output, "FEATURES_AT_ONCE", 1)
    answers = iter([False] * 1000)
    fill = uncertain_regions_output.fill

    class Late:
        def isCanceled(self):  # noqa: N802 (QGIS)
            return next(answers, True)

    def late(sink, name, features, feedback):
        nonlocal answers
        answers = iter([False, False])
        return fill(sink, name, features, Late())

    monkeypatch.setattr("uhrs_qgis_plugin.algorithms.uncertain_regions.output.fill", late)
    with pytest.raises(QgsProcessingException, match="nothing was written"):
        find(OUTPUT=str(tmp_path / name))
    assert os.listdir(tmp_path) == ["uncertainty.tif"]


def test_output_that_cannot_be_written(find, tmp_path):
    with pytest.raises(QgsProcessingException):
        find(OUTPUT=str(tmp_path / "no" / "such" / "regions.gpkg"))


def test_layer_loads_named_and_styled(provider, uncertainty, tmp_path, qgis_new_project):
    """What the Toolbox does: outlines by status and the rank as a label."""
    import processing

    parameters = {"UNCERTAINTY": uncertainty, "THRESHOLD": 0.5, "OUTPUT": str(tmp_path / "regions.gpkg")}
    processing.runAndLoadResults("uhrs:uncertainregions", parameters)
    [layer] = QgsProject.instance().mapLayers().values()
    assert layer.name() == "Uncertain regions: uncertainty"
    renderer = layer.renderer()
    assert renderer.type() == "categorizedSymbol"
    assert renderer.classAttribute() == "status"
    assert [category.value() for category in renderer.categories()] == ["open", "right", "wrong", "unsure"]
    assert layer.labelsEnabled()
    assert layer.labeling().settings().fieldName == "rank"
    del layer
    QgsProject.instance().clear()


def test_runs_in_a_worker_thread(algorithm, context, feedback, uncertainty, tmp_path):
    """As the dialog runs it."""
    path = str(tmp_path / "regions.gpkg")
    finished = []
    loop = QEventLoop()
    task = QgsProcessingAlgRunnerTask(algorithm, {"UNCERTAINTY": uncertainty, "OUTPUT": path}, context, feedback)
    task.executed.connect(lambda fine, results: (finished.append((fine, results)), loop.quit()))
    QTimer.singleShot(60000, loop.quit)
    QgsApplication.taskManager().addTask(task)
    loop.exec()
    [(fine, results)] = finished
    assert fine
    assert results["OUTPUT"] == path


def test_qgis_process(qgis_process, uncertainty, tmp_path):
    """From the command line, with the packaged plugin."""
    done = qgis_process(
        "--json",
        "run",
        "uhrs:uncertainregions",
        "--",
        f"UNCERTAINTY={uncertainty}",
        f"CLASSES={make_classes(tmp_path / 'classes.tif')}",
        "THRESHOLD=0.5",
        "LIMIT=2",
        f"OUTPUT={tmp_path / 'regions.gpkg'}",
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["COUNT"] == 2
    layer = QgsVectorLayer(results["OUTPUT"], "regions", "ogr")
    assert [row["class"] for row in rows(layer)] == ["trees", "roof"]
    assert "Traceback" not in done.stderr
