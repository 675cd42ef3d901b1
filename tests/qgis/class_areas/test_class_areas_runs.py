"""`uhrs:classareas`: files, wrong input, and every way to run it."""

from __future__ import annotations

import csv
import json
import os
import re

import numpy as np
import pytest
from osgeo import osr
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingException,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterRasterLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer

from tests.qgis.class_areas.cases import (
    Recorder,
    box,
    polygons,
    table,
    write_classes,
    write_uncertainty,
)
from tests.qgis.conftest import TRANSFORM, write_raster


def test_csv_and_report(measure, tmp_path, classes, uncertainty, context):
    """A CSV table; a report that stands alone, escapes names and shows bars in the classes' colours."""
    import processing

    zones = polygons(box(500010, 4999950, 500060, 4999990), names=["<script>alert('x')</script>"])
    parameters = {
        "CLASSES": classes,
        "UNCERTAINTY": uncertainty,
        "ZONES": zones,
        "ZONE_FIELD": "label",
        "OUTPUT": str(tmp_path / "areas.csv"),
        "HTML": str(tmp_path / "areas.html"),
    }
    results = processing.run("uhrs:classareas", parameters, context=context)
    with open(results["OUTPUT"], newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert rows[0]["zone"] == "whole raster"
    with open(results["HTML"], encoding="utf-8") as file:
        text = file.read()
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;tree&lt;/b&gt;" in text
    assert not re.search(r"(src|href)=|@import|http", text)
    for colour in ("#c80000", "#00c800", "#0000c8"):
        assert colour in text
    assert "final uncertainty" in text
    assert f"{int(rows[0]['pixels']):,}" in text
    assert [name for name in os.listdir(tmp_path) if "part" in name] == []


def test_wrong_class_rasters(measure, tmp_path):
    with pytest.raises(QgsProcessingException, match=r"1 band\(s\) of uint16 but a class raster"):
        measure(CLASSES=write_raster(tmp_path / "wide.tif", np.zeros((1, 9, 9), np.uint16)))
    with pytest.raises(QgsProcessingException, match=r"3 band\(s\) of uint8"):
        measure(CLASSES=write_raster(tmp_path / "rgb.tif", np.zeros((3, 9, 9), np.uint8)))
    with pytest.raises(QgsProcessingException, match=r"gone\.tif"):
        measure(CLASSES=str(tmp_path / "gone.tif"))
    assert not (tmp_path / "areas.gpkg").exists()


def test_wrong_uncertainty(measure, tmp_path, levels, classes):
    x, a, b, y, c, d = TRANSFORM
    for name, transform in (("moved", (x + 4, a, b, y, c, d)), ("bigger", (x, a * 1.01, b, y, c, d))):
        path = write_uncertainty(tmp_path / f"{name}.tif", levels, 32633, transform)
        with pytest.raises(QgsProcessingException, match="does not cover what"):
            measure(UNCERTAINTY=path)
    with pytest.raises(QgsProcessingException, match="does not cover what"):
        measure(UNCERTAINTY=write_uncertainty(tmp_path / "cut.tif", levels[:, :20]))
    with pytest.raises(QgsProcessingException, match="EPSG:32632 but CLASSES in EPSG:32633"):
        measure(UNCERTAINTY=write_uncertainty(tmp_path / "crs.tif", levels, 32632))
    with pytest.raises(QgsProcessingException, match=r"Band 2 .*cannot be used"):
        measure(UNCERTAINTY=classes)
    assert not (tmp_path / "areas.gpkg").exists()


def test_wrong_zones(measure, tmp_path):
    with pytest.raises(QgsProcessingException, match="holds no polygons"):
        measure(ZONES=polygons())
    with pytest.raises(QgsProcessingException, match="ZONES 'zones' has no coordinate reference system"):
        measure(ZONES=polygons(box(0, 0, 9, 9), crs=None))
    with pytest.raises(QgsProcessingException, match=r"no field 'x': choose one of its fields \(label\)"):
        measure(ZONES=polygons(box(0, 0, 9, 9)), ZONE_FIELD="x")
    bow = "POLYGON((500000 4999950,500050 4999990,500050 4999950,500000 4999990,500000 4999950))"
    with pytest.raises(QgsProcessingException, match=r"Zone 'bow' .*invalid geometry.*Fix geometries"):
        measure(ZONES=polygons(bow, names=["bow"]), ZONE_FIELD="label")
    assert not (tmp_path / "areas.gpkg").exists()


def test_raster_without_crs_and_zones_with(measure, tmp_path, labels):
    path = write_classes(tmp_path / "c.tif", labels, None, TRANSFORM)
    with pytest.raises(QgsProcessingException, match="CLASSES has no coordinate reference system"):
        measure(CLASSES=path, ZONES=polygons(box(0, 0, 9, 9)))
    rows = measure(CLASSES=path, ZONES=polygons(box(500000, 4999900, 500150, 5000000), crs=None))
    assert [row["pixels"] for row in rows[3:]] == [row["pixels"] for row in rows[:3]]


def test_cancelled_run_writes_nothing(provider, classes, tmp_path, context):
    import processing

    feedback = Recorder()
    feedback.cancel()
    parameters = {
        "CLASSES": classes,
        "OUTPUT": str(tmp_path / "areas.gpkg"),
        "HTML": str(tmp_path / "areas.html"),
    }
    with pytest.raises(QgsProcessingException, match="Cancelled: nothing was written"):
        processing.run("uhrs:classareas", parameters, context=context, feedback=feedback)
    assert set(os.listdir(tmp_path)) == {"classes.tif", "classes.tif.aux.xml"}


def test_report_that_cannot_be_written(measure, tmp_path):
    """Said before the table is written."""
    (tmp_path / "file").write_text("")
    with pytest.raises(QgsProcessingException, match="cannot be written"):
        measure(HTML=str(tmp_path / "file" / "areas.html"))
    assert not (tmp_path / "areas.gpkg").exists()


def test_checks_before_the_run(provider, context, tmp_path):
    """The dialog says it before the run starts."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("uhrs:classareas")
    wide = write_raster(tmp_path / "wide.tif", np.zeros((1, 9, 9), np.uint16))
    fine, why = algorithm.checkParameterValues({"CLASSES": wide, "OUTPUT": "memory:"}, context)
    assert not fine
    assert "class raster" in why
    assert "\n" not in why


def test_crs_is_that_of_the_layer():
    """The engine's plain WKT is read by GDAL of any age."""
    from uhrs_qgis_plugin.engine.areas import NO_GROUND, NOT_MEASURED, measure

    assert measure("", TRANSFORM, False) == (None, NOT_MEASURED)
    assert measure("rubbish", TRANSFORM, False) == (None, NOT_MEASURED)
    geocentric = osr.SpatialReference()
    geocentric.ImportFromEPSG(4978)
    assert measure(geocentric.ExportToWkt(), TRANSFORM, False) == (None, NO_GROUND)


def test_qgis_process(qgis_process, classes, uncertainty, labels, tmp_path):
    """Numbers as texts, zones from a file, table and report; bad input ends with one line."""
    folder = tmp_path / "out"
    folder.mkdir()
    zones = tmp_path / "zones.geojson"
    corners = [[500010, 4999950], [500060, 4999950], [500060, 4999990], [500010, 4999990], [500010, 4999950]]
    feature = {
        "type": "Feature",
        "properties": {"label": "field"},
        "geometry": {"type": "Polygon", "coordinates": [corners]},
    }
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
    zones.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
    call = ["--json", "run", "uhrs:classareas", "--", f"UNCERTAINTY={uncertainty}", "BAND=1", "UNSURE=0.4"]
    call += [f"ZONES={zones}", "ZONE_FIELD=label", f"OUTPUT={folder / 'areas.csv'}", f"HTML={folder / 'areas.html'}"]
    done = qgis_process(*call, f"CLASSES={classes}")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results == {"OUTPUT": str(folder / "areas.csv"), "HTML": str(folder / "areas.html")}
    with open(results["OUTPUT"], newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["zone"] for row in rows] == ["whole raster"] * 3 + ["field"] * 3
    part = labels[20:100, 20:120]
    assert [int(row["pixels"]) for row in rows[3:]] == np.bincount(part.ravel())[:3].tolist()
    assert {row["unit"] for row in rows} == {"m²"}
    assert set(os.listdir(folder)) == {"areas.csv", "areas.html"}

    done = qgis_process(*call[1:], f"CLASSES={uncertainty}")
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "2 band(s) of uint8 but a class raster has one" in said
    assert "Traceback" not in said


def test_in_a_model(provider, classes, uncertainty, tmp_path, context, feedback):
    """The Model Designer: as a step, with its table and report as results of the model."""
    model = QgsProcessingModelAlgorithm("m", "m")
    for name in ("CLASSES", "UNCERTAINTY"):
        model.addModelParameter(QgsProcessingParameterRasterLayer(name, name), QgsProcessingModelParameter(name))
    child = QgsProcessingModelChildAlgorithm("uhrs:classareas")
    child.setChildId("areas")
    source = QgsProcessingModelChildParameterSource
    child.addParameterSources("CLASSES", [source.fromModelParameter("CLASSES")])
    child.addParameterSources("UNCERTAINTY", [source.fromModelParameter("UNCERTAINTY")])
    outputs = {}
    for name in ("OUTPUT", "HTML"):
        output = QgsProcessingModelOutput(name, name)
        output.setChildId("areas")
        output.setChildOutputName(name)
        outputs[name] = output
    child.setModelOutputs(outputs)
    model.addChildAlgorithm(child)
    model.updateDestinationParameters()
    # "areas:OUTPUT" in one QGIS, "output" in another
    names = {
        definition.name().lower().split(":")[-1]: definition.name()
        for definition in model.destinationParameterDefinitions()
    }
    files = {names["output"]: str(tmp_path / "m.gpkg"), names["html"]: str(tmp_path / "m.html")}
    results, fine = model.run({"CLASSES": classes, "UNCERTAINTY": uncertainty, **files}, context, feedback)
    assert fine, feedback.errors
    assert len(table(results[names["output"]])) == 3
    assert os.path.exists(results[names["html"]])


def test_runs_in_a_worker_thread(provider, classes, tmp_path, context, feedback):
    """As the dialog runs it, with zones that live in the project."""
    zones = polygons(box(500010, 4999950, 500060, 4999990))
    context.project().addMapLayer(zones)
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("uhrs:classareas")
    parameters = {"CLASSES": classes, "ZONES": zones.id(), "OUTPUT": str(tmp_path / "areas.gpkg")}
    finished = []
    loop = QEventLoop()
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
    task.executed.connect(lambda fine, results: (finished.append((fine, results)), loop.quit()))
    QTimer.singleShot(60000, loop.quit)
    QgsApplication.taskManager().addTask(task)
    loop.exec()
    [(fine, results)] = finished
    assert fine, feedback.errors
    assert len(table(results["OUTPUT"])) == 6
