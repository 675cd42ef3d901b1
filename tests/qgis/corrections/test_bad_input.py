"""Bad input of both algorithms: one clear line each, and nothing is written."""

from __future__ import annotations

import contextlib
import os

import numpy as np
import pytest
from osgeo import ogr
from qgis.core import QgsProcessingException, QgsVectorLayer

from tests.qgis.class_areas.cases import write_classes
from tests.qgis.conftest import TRANSFORM, write_raster
from tests.qgis.corrections.cases import FAR, HEXAGON, SQUARE, wkt, write_corrections, write_image, write_regions

RIGHT = {"status": "right"}
WRONG = {"status": "wrong", "new_class": 1}
NO_STATUS = {"rank": ogr.OFTInteger}
OLD = {"status": ogr.OFTString}  # never opened in the review panel


@pytest.fixture(params=["correct", "cut"])
def run(request):
    """Each of the two algorithms."""
    return request.getfixturevalue(request.param)


def fails(run, tmp_path, **changes):
    """The line that a run ends with; it must leave no output."""
    before = set(os.listdir(tmp_path))
    with pytest.raises(QgsProcessingException) as caught:
        run(**changes)
    text = str(caught.value)
    assert "Traceback" not in text
    assert {name for name in set(os.listdir(tmp_path)) - before if "gpkg-" not in name} == set()
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) <= 2  # Processing itself may put a title above ours
    return lines[-1]


def test_no_judgements_at_all(run, tmp_path):
    assert "Neither REGIONS nor CORRECTIONS was given" in fails(run, tmp_path)


def test_nothing_judged_yet(run, tmp_path):
    """All open or unsure, with and without the fields of the panel."""
    rows = [(wkt(*SQUARE), {"status": "open"}), (wkt(*HEXAGON), {"status": "unsure"})]
    for number, fields in enumerate((None, OLD)):
        path = tmp_path / f"r{number}.gpkg"
        layer = write_regions(path, rows) if fields is None else write_regions(path, rows, fields=fields)
        line = fails(run, tmp_path, REGIONS=layer)
        assert "judge" in line
        assert "first" in line


def test_missing_fields(run, tmp_path):
    line = fails(run, tmp_path, REGIONS=write_regions(tmp_path / "r.gpkg", [(wkt(*SQUARE), {})], fields=NO_STATUS))
    assert "has no field 'status' (its fields: fid, rank)" in line
    line = fails(
        run, tmp_path, CORRECTIONS=write_corrections(tmp_path / "c.gpkg", [(wkt(*SQUARE), {})], fields=NO_STATUS)
    )
    assert "has no field 'class'" in line


@pytest.mark.parametrize("value", [17, -1, 255, 300])
def test_unknown_classes(run, tmp_path, value):
    line = fails(run, tmp_path, CORRECTIONS=write_corrections(tmp_path / "c.gpkg", [(wkt(*SQUARE), {"class": value})]))
    assert f"has the class {value}, which" in line
    assert "0 road, 1 <b>tree</b>, 2 water" in line
    rows = [(wkt(*SQUARE), {"status": "wrong", "new_class": value})]
    assert "Region 1 of" in fails(run, tmp_path, REGIONS=write_regions(tmp_path / "r.gpkg", rows))


def test_layers_elsewhere(run, tmp_path):
    line = fails(run, tmp_path, REGIONS=write_regions(tmp_path / "r.gpkg", [(wkt(*FAR), WRONG), (None, WRONG)]))
    assert "None of the 2 judged polygons lies on" in line


def test_no_crs_on_one_side(correct, tmp_path, labels):
    """Layer or raster without a CRS while the other one has one; both without is fine."""
    regions = write_regions(tmp_path / "r.gpkg", [(wkt(*SQUARE), WRONG)], crs=None)
    assert "has no coordinate reference system but CLASSES has one" in fails(correct, tmp_path, REGIONS=regions)
    plain = write_classes(tmp_path / "plain.tif", labels, crs=None)
    placed = write_regions(tmp_path / "p.gpkg", [(wkt(*SQUARE), WRONG)])
    line = fails(correct, tmp_path, CLASSES=plain, REGIONS=placed)
    assert line.startswith("CLASSES has no coordinate reference system but REGIONS")
    assert correct(CLASSES=plain, REGIONS=regions)["CHANGED"] > 0


def test_samples_without_crs(cut, tmp_path, labels):
    """Image, classes and regions may all lack one; the image alone may not."""
    regions = write_regions(tmp_path / "r.gpkg", [(wkt(*SQUARE), WRONG)], crs=None)
    plain = write_classes(tmp_path / "plain.tif", labels, crs=None)
    line = fails(cut, tmp_path, CLASSES=plain, REGIONS=regions)
    assert "INPUT is in EPSG:32633 but CLASSES in no CRS" in line
    assert cut(INPUT=write_image(tmp_path / "i.tif", crs=None), CLASSES=plain, REGIONS=regions)["JUDGED"] > 0


def test_coordinates_that_fit_no_crs(run, tmp_path):
    rows = [("POLYGON((1e300 1e300, 2e300 1e300, 2e300 2e300, 1e300 1e300))", WRONG)]
    line = fails(run, tmp_path, REGIONS=write_regions(tmp_path / "r.gpkg", rows, 4326))
    assert "cannot be transformed" in line or "lies on" in line


def test_rasters_that_are_no_class_rasters(run, tmp_path):
    regions = write_regions(tmp_path / "r.gpkg", [(wkt(*SQUARE), WRONG)])
    wide = write_raster(tmp_path / "wide.tif", np.ones((3, 50, 50), np.uint8))
    assert "a class raster has one of uint8" in fails(run, tmp_path, CLASSES=wide, REGIONS=regions)


def test_a_layer_whose_file_is_gone(run, tmp_path):
    """Deleted while it is open in QGIS."""
    source = write_regions(tmp_path / "r.gpkg", [(wkt(*SQUARE), WRONG)])
    layer = QgsVectorLayer(source, "regions", "ogr")
    assert layer.featureCount() == 1
    for name in os.listdir(tmp_path):
        if name.startswith("r.gpkg"):
            os.remove(tmp_path / name)
    with contextlib.suppress(QgsProcessingException):  # on Linux an open file is read on after it was deleted
        run(REGIONS=layer)


def test_edits_that_are_not_saved_count(correct, tmp_path, labels):
    """A layer that is being edited gives what the user sees."""
    layer = QgsVectorLayer(write_regions(tmp_path / "r.gpkg", [(wkt(*SQUARE), {"status": "open"})]), "regions", "ogr")
    layer.startEditing()
    layer.changeAttributeValue(1, layer.fields().lookupField("status"), "wrong")
    layer.changeAttributeValue(1, layer.fields().lookupField("new_class"), 1)
    assert correct(REGIONS=layer)["CHANGED"] > 0
    layer.rollBack()


def test_outputs_of_corrected_classes(correct, classes, tmp_path):
    regions = write_regions(tmp_path / "r.gpkg", [(wkt(*SQUARE), WRONG)])
    assert "is also the class raster" in fails(correct, tmp_path, REGIONS=regions, OUTPUT=classes)
    assert "no GeoTIFF by its name" in fails(correct, tmp_path, REGIONS=regions, OUTPUT=str(tmp_path / "o.png"))
    missing = fails(correct, tmp_path, REGIONS=regions, OUTPUT="/proc/nowhere/o.tif")
    assert "does not exist" in missing or "cannot be" in missing.lower() or "Could not" in missing
    line = fails(correct, tmp_path, REGIONS=write_regions(tmp_path / "k.gpkg", [(wkt(*SQUARE), RIGHT)]))
    assert "Nothing is to be corrected (1 regions are right)" in line


def test_inputs_and_outputs_of_training_samples(cut, image, labels, tmp_path):
    regions = write_regions(tmp_path / "r.gpkg", [(wkt(*SQUARE), WRONG)])
    x, a, b, y, c, d = TRANSFORM
    moved = write_classes(tmp_path / "moved.tif", labels, transform=(x + 0.2, a, b, y, c, d))
    assert "does not lie on the pixels" in fails(cut, tmp_path, REGIONS=regions, CLASSES=moved)
    other = write_image(tmp_path / "other.tif", crs=32634)
    assert "INPUT is in EPSG:32634 but CLASSES in EPSG:32633" in fails(cut, tmp_path, REGIONS=regions, INPUT=other)
    plain = write_raster(tmp_path / "plain.tif", labels[None], nodata=255)
    assert "has no colour table" in fails(cut, tmp_path, REGIONS=regions, CLASSES=plain)
    assert "9" in fails(cut, tmp_path, REGIONS=regions, BANDS=[9])
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("x")
    for append in (False, True):
        line = fails(cut, tmp_path, REGIONS=regions, OUTPUT=str(tmp_path / "mine"), APPEND=append)
        assert "is not empty and no set of training samples" in line
    assert os.listdir(tmp_path / "mine") == ["letter.txt"]
    cut(REGIONS=regions)
    assert "holds training samples already" in fails(cut, tmp_path, REGIONS=regions)
    assert "cannot be written" in fails(cut, tmp_path, REGIONS=regions, OUTPUT="/proc/samples")


def test_web_maps_are_no_files(run, tmp_path):
    from qgis.core import QgsRasterLayer

    layer = QgsRasterLayer("type=xyz&url=http://127.0.0.1:9/{z}/{x}/{y}.png&zmax=1", "web", "wms")
    regions = write_regions(tmp_path / "r.gpkg", [(wkt(*SQUARE), WRONG)])
    assert "raster files" in fails(run, tmp_path, CLASSES=layer, REGIONS=regions)
