"""`uhrs:accuracy` as users run it."""

import json
import os

import numpy as np
import pytest
from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsProcessingException, QgsVectorLayer

from tests.qgis.class_areas.cases import NAMES, box, polygons, write_classes
from uhrs_qgis_plugin.engine.accuracy import COLUMNS


def by_hand(mapped, truth):
    keep = (mapped < 255) & (truth < 255)
    return np.bincount(mapped[keep] * 3 + truth[keep], minlength=9).reshape(3, 3)


def test_raster(assess, truth, maps, tmp_path, feedback):
    files = {name: str(tmp_path / f"out.{name.lower()}") for name in ("HTML", "MATRIX", "JSON")}
    results, rows = assess(REFERENCE_RASTER=truth, **files)
    matrix = by_hand(*maps)
    assert results["OVERALL"] == pytest.approx(np.trace(matrix) / matrix.sum())
    assert float(rows["overall accuracy", ""]["value"]) == pytest.approx(results["OVERALL"])
    assert {name: results[name] for name in files} == files
    content = json.loads((tmp_path / "out.json").read_text())
    assert content["matrix"] == matrix.tolist()
    area = rows["corrected area", NAMES[1]]
    assert float(area["value"]) == pytest.approx(matrix[:, 1].sum() * 0.25, rel=2e-3)
    assert area["unit"] == "m\u00b2"
    assert "Accuracy of classes.tif" in (tmp_path / "out.html").read_text(encoding="utf-8")
    assert any(line.startswith("Overall accuracy") for line in feedback.lines)


def test_the_table_has_the_columns_of_the_engine(assess, truth):
    results, _ = assess(REFERENCE_RASTER=truth, OUTPUT="TEMPORARY_OUTPUT")
    layer = results["OUTPUT"]
    assert tuple(name for name in layer.fields().names() if name != "fid") == COLUMNS


def test_points(assess, points, maps):
    results, rows = assess(REFERENCE=points, FIELD="label")
    assert 0.6 < results["OVERALL"] < 0.9
    assert float(rows["user's accuracy", NAMES[0]]["low"]) < float(rows["user's accuracy", NAMES[0]]["value"])


def test_polygons_in_another_crs(assess, maps, feedback):
    layer = polygons(box(500010, 4999950, 500060, 4999990), box(500070, 4999920, 500140, 4999980), names=["road", "x"])
    with pytest.raises(QgsProcessingException, match="'x' \\(1\\)"):
        assess(REFERENCE=layer, FIELD="label")
    _, rows = assess(REFERENCE=layer, FIELD="label", MAPPING="x=water")
    part = maps[0][20:100, 20:120]
    users = rows["user's accuracy", "road"]
    both = (part == 0).sum()
    assert float(users["value"]) == pytest.approx(both / (both + (maps[0][40:160, 140:280] == 0).sum()))
    assert any("seldom drawn at random" in line for line in feedback.warnings)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "No reference given"),
        ({"FIELD": "label"}, "No reference given"),
        ({"MAPPING": "road", "REFERENCE_RASTER": "truth"}, "not understood"),
        ({"REFERENCE_RASTER": "classes"}, "is CLASSES itself"),
        ({"REFERENCE": "points"}, None),
        ({"REFERENCE": "points", "FIELD": "klass"}, "has no field 'klass'"),
        ({"REFERENCE": "points", "REFERENCE_RASTER": "truth"}, "Both REFERENCE and REFERENCE_RASTER"),
    ],
)
def test_checks_before_the_run(provider, classes, truth, points, context, changes, message):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("uhrs:accuracy")
    known = {"truth": truth, "classes": classes, "points": points}
    context.project().addMapLayer(points, False)
    parameters = {name: known.get(value, value) for name, value in changes.items()}
    fine, why = algorithm.checkParameterValues({"CLASSES": classes, "OUTPUT": "memory:", **parameters}, context)
    assert fine == (message is None)
    assert message is None or message in why
    assert "\n" not in why
    context.project().takeMapLayer(points)


def test_nothing_is_left_after_an_error(assess, points, tmp_path):
    """Nobody has judged the points."""
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(QgsProcessingException, match="No labelled point"):
        assess(REFERENCE=points, HTML=str(tmp_path / "r.html"))
    assert sorted(os.listdir(tmp_path)) == before


def test_layers_without_a_crs(assess, points):
    points.setCrs(QgsCoordinateReferenceSystem())
    with pytest.raises(QgsProcessingException, match="has no coordinate reference system"):
        assess(REFERENCE=points, FIELD="label")


def test_empty_layer(assess):
    with pytest.raises(QgsProcessingException, match="holds no features"):
        assess(REFERENCE=QgsVectorLayer("Point?crs=EPSG:32633&field=label:string", "none", "memory"), FIELD="label")


def test_other_names_in_a_raster(assess, maps, tmp_path):
    """Numbers that the map does not have."""
    other = write_classes(tmp_path / "other.tif", np.where(maps[1] == 2, 7, maps[1]).astype(np.uint8))
    with pytest.raises(QgsProcessingException, match="'class 7'"):
        assess(REFERENCE_RASTER=other)
    results, _ = assess(REFERENCE_RASTER=other, MAPPING="class 7=water")
    matrix = by_hand(*maps)
    assert results["OVERALL"] == pytest.approx(np.trace(matrix) / matrix.sum())
