"""`uhrs:compareresults` as users run it."""

import json

import numpy as np
import pytest
from qgis.core import QgsApplication, QgsRasterLayer, QgsVectorLayer

from tests.qgis.class_areas.cases import NAMES, write_classes, write_uncertainty
from uhrs_qgis_plugin.algorithms.accuracy import compare_results
from uhrs_qgis_plugin.engine import comparison
from uhrs_qgis_plugin.layers import read_palette


@pytest.fixture
def compare(provider, classes, truth, tmp_path, context, feedback):
    """Run the algorithm; returns its results, and the table as (before, after) -> row."""
    import processing

    def run_algorithm(**changes):
        parameters = {"BEFORE": classes, "AFTER": truth, "OUTPUT": str(tmp_path / "table.gpkg"), **changes}
        results = processing.run("uhrs:compareresults", parameters, context=context, feedback=feedback)
        layer = QgsVectorLayer(results["OUTPUT"], "t")
        assert layer.isValid()
        return results, {(row["before_name"], row["after_name"]): row for row in layer.getFeatures()}

    return run_algorithm


def test_columns_and_kinds_are_those_of_the_engine():
    assert tuple(name for name, _ in compare_results.FIELDS) == comparison.COLUMNS
    assert compare_results.KINDS == comparison.KINDS


def test_everything_that_is_written(compare, maps, tmp_path, feedback):
    files = {"CHANGES": "c.tif", "POLYGONS": "c.gpkg", "JSON": "c.json"}
    files = {name: str(tmp_path / path) for name, path in files.items()}
    results, rows = compare(**files, MIN_AREA=0)
    assert {name: results[name] for name in files} == files
    keep = maps[0] < 255
    assert results["CHANGED"] == pytest.approx((maps[0] != maps[1])[keep].mean())
    pixels = ((maps[0] == 0) & (maps[1] == 1)).sum()
    assert rows[NAMES[0], NAMES[1]]["pixels"] == pixels
    assert rows[NAMES[0], NAMES[1]]["area"] == pytest.approx(pixels * 0.25, rel=2e-3)
    assert QgsRasterLayer(files["CHANGES"], "c").isValid()
    polygons = QgsVectorLayer(files["POLYGONS"], "p")
    assert polygons.featureCount() > 0
    assert json.loads((tmp_path / "c.json").read_text())["changed"] == results["CHANGED"]
    assert any("differs" in line for line in feedback.lines)


def test_uncertainty(compare, tmp_path, feedback):
    levels = np.full((2, 25, 38), 200, np.uint8)
    doubts = [write_uncertainty(tmp_path / f"u{index}.tif", levels) for index in range(2)]
    changes = str(tmp_path / "c.tif")
    _, rows = compare(UNCERTAINTY_BEFORE=doubts[0], UNCERTAINTY_AFTER=doubts[1], CHANGES=changes)
    assert rows[NAMES[0], NAMES[1]]["unsure_share"] == pytest.approx(1)
    assert any("0.0% where both are sure" in line for line in feedback.lines)
    # Numbers between the pairs and "unsure" stand for nothing: the legend leaves them out.
    names = [name for _, _, name in read_palette(changes)]
    assert len(names) == 2 + sum(before != after for before, after in rows)
    assert (names[0], names[-1]) == ("same class", "differs, but unsure")
    assert all(names)


def test_the_same_twice(compare, maps, tmp_path, feedback):
    same = write_classes(tmp_path / "same.tif", maps[0])
    results, _ = compare(AFTER=same, POLYGONS=str(tmp_path / "c.gpkg"))
    assert results["CHANGED"] == 0
    assert "POLYGONS" not in results
    assert any("Nothing differs" in line for line in feedback.warnings)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"AFTER": "classes"}, "BEFORE itself"), ({"MAPPING": "x"}, "not understood"), ({"KIND": "x"}, "KIND")],
)
def test_checks_before_the_run(provider, classes, truth, context, changes, message):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("uhrs:compareresults")
    changes = {name: classes if value == "classes" else value for name, value in changes.items()}
    parameters = {"BEFORE": classes, "AFTER": truth, "OUTPUT": "memory:", **changes}
    fine, why = algorithm.checkParameterValues(parameters, context)
    assert not fine
    assert message in why
