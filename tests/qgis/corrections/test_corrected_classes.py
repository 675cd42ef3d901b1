"""`uhrs:correctedclasses`: what it writes, and how that loads."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from osgeo import gdal, ogr
from qgis.core import QgsPalettedRasterRenderer, QgsRasterLayer, QgsVectorLayer

from tests.qgis.class_areas.cases import COLOURS, NAMES, write_classes
from tests.qgis.conftest import TRANSFORM
from tests.qgis.corrections.cases import (
    DRAWN,
    HEXAGON,
    JUDGED,
    SQUARE,
    corrected,
    inside,
    read,
    wkt,
    write_corrections,
    write_regions,
)


def test_provider_lists_the_algorithm(provider):
    """Icon, group, tags, help for every parameter; ids are frozen."""
    algorithm = next(item for item in provider.algorithms() if item.id() == "uhrs:correctedclasses")
    assert algorithm.displayName() == "Corrected classes"
    assert algorithm.groupId() == "review"
    assert not algorithm.icon().pixmap(24).isNull()
    ids = [parameter.name() for parameter in algorithm.parameterDefinitions()]
    assert ids == ["CLASSES", "REGIONS", "CORRECTIONS", "OUTPUT"]
    for parameter in algorithm.parameterDefinitions():
        assert parameter.help() in algorithm.shortHelpString()
    assert {output.name() for output in algorithm.outputDefinitions()} == {"OUTPUT", "CHANGED", "JUDGED"}


def test_burns_judgements_and_corrections(correct, labels, regions, corrections, feedback):
    """Pixels as by asking QGIS about each centre; corrections win; what changed is reported class by class."""
    results = correct(REGIONS=regions, CORRECTIONS=corrections)
    wanted, known = corrected(labels)
    np.testing.assert_array_equal(read(results["OUTPUT"]), wanted)
    assert results["CHANGED"] == (wanted != labels).sum() > 1000
    assert results["JUDGED"] == known.sum()
    for old in range(3):
        for new in range(3):
            count = int(((labels == old) & (wanted == new)).sum())
            line = f"  {NAMES[old]} -> {NAMES[new]}: {count:,} pixels"
            assert (line in feedback.lines) == (old != new and count > 0)
    assert not feedback.warnings


def test_each_layer_alone(correct, labels, regions, corrections):
    np.testing.assert_array_equal(read(correct(REGIONS=regions)["OUTPUT"]), corrected(labels, drawn=[])[0])
    np.testing.assert_array_equal(read(correct(CORRECTIONS=corrections)["OUTPUT"]), corrected(labels, judged=[])[0])


def test_later_features_win(correct, labels, tmp_path):
    """By feature id, whatever order they are read in."""
    square = wkt(*SQUARE)
    rows = [(square, {"class": 0}), (square, {"class": 2}), (wkt((50, 50), (70, 50), (70, 65)), {"class": 1})]
    layer = QgsVectorLayer(write_corrections(tmp_path / "c.gpkg", rows), "c", "ogr")
    wanted = corrected(labels, [], rows)[0]
    np.testing.assert_array_equal(read(correct(CORRECTIONS=layer)["OUTPUT"]), wanted)


def test_layers_in_another_crs(correct, labels, tmp_path):
    """Degrees are transformed."""
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsGeometry, QgsProject

    geometry = QgsGeometry.fromWkt(wkt(*HEXAGON))
    utm, degrees = QgsCoordinateReferenceSystem("EPSG:32633"), QgsCoordinateReferenceSystem("EPSG:4326")
    geometry.transform(QgsCoordinateTransform(utm, degrees, QgsProject.instance().transformContext()))
    rows = [(geometry.asWkt(12), {"status": "wrong", "new_class": 1})]
    found = read(correct(REGIONS=write_regions(tmp_path / "r.gpkg", rows, 4326))["OUTPUT"])
    mask = inside(geometry.asWkt(12), labels.shape, crs="EPSG:4326") & (labels != 255)
    assert mask.sum() > 5000
    np.testing.assert_array_equal(found, np.where(mask, 1, labels))


def test_a_class_that_only_its_name_tells(correct, labels, tmp_path, feedback):
    """The panel keeps a name where it had no class raster; one that nobody knows is left out and said."""
    rows = [
        (wkt(*HEXAGON), {"status": "wrong", "new_name": NAMES[1]}),
        (wkt(*SQUARE), {"status": "wrong", "new_name": "lava"}),
        (wkt((90, 5), (99, 5), (99, 9)), {"status": "wrong"}),
    ]
    found = read(correct(REGIONS=write_regions(tmp_path / "r.gpkg", rows))["OUTPUT"])
    mask = inside(wkt(*HEXAGON), labels.shape) & (labels != 255)
    np.testing.assert_array_equal(found, np.where(mask, 1, labels))
    assert any("2 are wrong, but not said to be a class" in line for line in feedback.warnings)
    assert any("'lava', which CLASSES does not have" in line for line in feedback.warnings)


def test_the_raster_is_like_the_class_raster(correct, classes, regions, corrections):
    """Grid, CRS, nodata, colours, names, tiles, overviews, and where it comes from."""
    path = correct(REGIONS=regions, CORRECTIONS=corrections)["OUTPUT"]
    one, other = gdal.Open(classes), gdal.Open(path)
    assert other.GetGeoTransform() == one.GetGeoTransform() == TRANSFORM
    assert other.GetSpatialRef().IsSame(one.GetSpatialRef())
    band = other.GetRasterBand(1)
    assert band.GetNoDataValue() == 255
    assert band.GetCategoryNames() == NAMES
    assert [band.GetColorTable().GetColorEntry(value)[:3] for value in range(3)] == COLOURS
    assert other.GetMetadata("IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    metadata = other.GetMetadata()
    assert metadata["UHRS_CORRECTED_FROM"] == "classes.tif"
    facts = json.loads(metadata["UHRS_CORRECTIONS"])
    assert (facts["right"], facts["wrong"], facts["corrections"]) == (1, 1, 2)
    assert facts["reviewers"] == ["ada", "bo"]


def test_provenance_of_the_class_raster_travels_on(correct, classes, regions):
    dataset = gdal.Open(classes, gdal.GA_Update)
    dataset.SetMetadata({"UHRS_MODEL": "default", "UHRS_OPTIONS": "{}"})
    dataset = None
    metadata = gdal.Open(correct(REGIONS=regions)["OUTPUT"]).GetMetadata()
    assert metadata["UHRS_MODEL"] == "default"
    assert metadata["UHRS_OPTIONS"] == "{}"


def test_the_layer_loads_in_its_colours(correct, regions, context, tmp_path):
    """Named, styled, with a note; and the style lies beside the file."""
    from qgis.core import QgsProcessingContext

    path = str(tmp_path / "corrected.tif")
    details = QgsProcessingContext.LayerDetails("x", context.project(), "OUTPUT")
    context.addLayerToLoadOnCompletion(path, details)
    correct(REGIONS=regions)
    details = context.layerToLoadOnCompletionDetails(path)
    assert details.name == "Corrected classes: classes"
    layer = QgsRasterLayer(path, details.name)
    details.postProcessor().postProcessLayer(layer, context, None)
    assert isinstance(layer.renderer(), QgsPalettedRasterRenderer)
    assert [item.label for item in layer.renderer().classes()] == NAMES
    assert "classes.tif" in layer.metadata().abstract()
    assert (tmp_path / "corrected.qml").exists()
    elsewhere = QgsRasterLayer(path, "elsewhere")
    assert [item.label for item in elsewhere.renderer().classes()] == NAMES


def test_a_class_raster_that_names_nothing(correct, labels, tmp_path):
    """Any number but nodata is a class then."""
    from tests.qgis.conftest import write_raster

    plain = write_raster(tmp_path / "plain.tif", labels[None], nodata=255)
    rows = [(wkt(*SQUARE), {"class": 77})]
    found = read(correct(CLASSES=plain, CORRECTIONS=write_corrections(tmp_path / "c.gpkg", rows))["OUTPUT"])
    assert (found == 77).sum() == (inside(wkt(*SQUARE), labels.shape) & (labels != 255)).sum()


def test_polygons_with_heights_and_holes(correct, labels, tmp_path):
    """PolygonZ, a plain polygon in a table of any geometry, and a hole."""
    hole = wkt(*SQUARE).replace("MULTIPOLYGON(((", "POLYGON((").replace(")))", "), (")
    x, y = TRANSFORM[0], TRANSFORM[3]
    hole += ", ".join(f"{x + a} {y - b}" for a, b in ((50, 50), (70, 50), (70, 60), (50, 50))) + "))"
    geometry = ogr.CreateGeometryFromWkt(hole)
    geometry.Set3D(1)
    rows = [(geometry.ExportToIsoWkt(), {"class": 1})]
    found = read(correct(CORRECTIONS=write_corrections(tmp_path / "c.gpkg", rows))["OUTPUT"])
    mask = inside(hole, labels.shape) & (labels != 255)
    np.testing.assert_array_equal(found, np.where(mask, 1, labels))


def test_qgis_process_runs_it(qgis_process, classes, regions, corrections, labels, tmp_path):
    """From the command line, with the layers named as texts."""
    done = qgis_process(
        "--json", "run", "uhrs:correctedclasses", "--", f"CLASSES={classes}", f"REGIONS={regions}",
        f"CORRECTIONS={corrections}", f"OUTPUT={tmp_path / 'out.tif'}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    wanted = corrected(labels)[0]
    assert results["CHANGED"] == (wanted != labels).sum()
    np.testing.assert_array_equal(read(tmp_path / "out.tif"), wanted)
    assert (tmp_path / "out.qml").exists()


@pytest.mark.parametrize("older", [False, True])
def test_cancelling_leaves_nothing(correct, regions, feedback, tmp_path, older):
    from qgis.core import QgsProcessingException

    if older:
        (tmp_path / "corrected.tif").write_bytes(b"older")
    before = sorted(os.listdir(tmp_path))
    feedback.progressChanged.connect(lambda share: feedback.cancel() if share > 0 else None)
    with pytest.raises(QgsProcessingException, match="Cancelled: nothing was written"):
        correct(REGIONS=regions)
    assert [name for name in sorted(os.listdir(tmp_path)) if "gpkg-" not in name] == before
    if older:
        assert (tmp_path / "corrected.tif").read_bytes() == b"older"


def test_unused_corrections_are_told(correct, regions, corrections, feedback):
    """The GeoPackage holds drawn corrections that were not chosen."""
    correct(REGIONS=regions)
    assert any("holds drawn corrections, which are not used" in line for line in feedback.warnings)


def test_names_that_do_not_fit_are_told(correct, tmp_path, feedback):
    rows = [(wkt(*SQUARE), {"class": 1, "name": "meadow"})]
    correct(CORRECTIONS=write_corrections(tmp_path / "c.gpkg", rows))
    assert any("calls class 1 'meadow'" in line for line in feedback.warnings)


def test_rotated_rasters(correct, labels, tmp_path):
    from tests.qgis.class_areas.cases import ROTATED

    turned = write_classes(tmp_path / "turned.tif", labels, transform=ROTATED)
    rows = [(wkt(*HEXAGON, origin=(TRANSFORM[0] + 60, TRANSFORM[3] + 20)), {"class": 2})]
    found = read(correct(CLASSES=turned, CORRECTIONS=write_corrections(tmp_path / "c.gpkg", rows))["OUTPUT"])
    mask = inside(rows[0][0], labels.shape, ROTATED) & (labels != 255)
    assert mask.sum() > 2000
    np.testing.assert_array_equal(found, np.where(mask, 2, labels))


def test_fixtures_mean_what_they_say(labels):
    """The judgements of these tests change much, keep something, and overlap."""
    assert len(JUDGED) == 4
    assert len(DRAWN) == 2
    square, hexagon = (inside(wkt(*points), labels.shape) for points in (SQUARE, HEXAGON))
    assert (square & hexagon).any()
