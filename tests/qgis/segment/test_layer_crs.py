"""The coordinate reference system that a user has set on a layer counts, not what its file says."""

from __future__ import annotations

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
)

from tests.engine.raster.test_georeference import place
from tests.qgis.conftest import TRANSFORM, grey_steps, write_raster

UTM = QgsCoordinateReferenceSystem("EPSG:32633")
CUSTOM = "+proj=tmerc +lat_0=0 +lon_0=15 +k=0.9996 +x_0=500000 +y_0=0 +ellps=bessel +units=m +no_defs"


@pytest.fixture
def plan(qgis_app, tmp_path):
    """A layer whose file has a geotransform and no CRS; `crs` is set on it as by hand."""

    def open_plan(crs=UTM, of_file=None):
        layer = QgsRasterLayer(write_raster(tmp_path / "plan.tif", grey_steps(), crs=of_file), "plan")
        assert layer.isValid()
        layer.setCrs(crs)
        return layer

    return open_plan


def outputs_of(results):
    return [gdal.Open(results[name]) for name in ("CLASSES", "UNCERTAINTY")]


def test_outputs_carry_the_crs_of_the_layer(run, plan, feedback):
    for dataset in outputs_of(run(INPUT=plan())):
        assert dataset.GetSpatialRef().GetAuthorityCode(None) == "32633"
        assert (dataset.GetGeoTransform()[0], dataset.GetGeoTransform()[3]) == (TRANSFORM[0], TRANSFORM[3])
    assert any("taken to be 'WGS 84 / UTM zone 33N', as given" in line for line in feedback.lines)
    assert not feedback.warnings


def test_the_layer_overrides_the_file(run, plan):
    for dataset in outputs_of(run(INPUT=plan(QgsCoordinateReferenceSystem("EPSG:25833"), of_file=32633))):
        assert dataset.GetSpatialRef().GetAuthorityCode(None) == "25833"


def test_what_the_file_says_itself_is_not_given(run, plan, feedback):
    run(INPUT=plan(UTM, of_file=32633))
    assert not any("as given" in line for line in feedback.lines)


def test_a_crs_without_a_number_arrives_whole(run, plan):
    custom = QgsCoordinateReferenceSystem.fromProj(CUSTOM)
    for dataset in outputs_of(run(INPUT=plan(custom))):
        found = QgsCoordinateReferenceSystem.fromWkt(dataset.GetProjection())
        there = QgsCoordinateTransform(custom, found, QgsProject.instance()).transform(500100, 5000000)
        assert there.x() == pytest.approx(500100, abs=1e-3)
        assert dataset.GetSpatialRef().GetSemiMajor() == pytest.approx(6377397.155)


def test_areas_are_measured_in_it(run, plan, context):
    import processing

    results = run(INPUT=plan())
    table = processing.run(
        "uhrs:classareas", {"CLASSES": results["CLASSES"], "OUTPUT": "memory:areas"}, context=context
    )["OUTPUT"]
    layer = context.takeResultLayer(table) if isinstance(table, str) else table
    total = sum(feature["area"] for feature in layer.getFeatures())
    assert total == pytest.approx(200 * 300 / 4, rel=2e-3)  # the scale of the projection is 0.9996


def test_an_extent_in_another_crs_finds_its_place(run, plan):
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    part = QgsRectangle(500050, 4999950, 500100, 4999975)
    box = QgsCoordinateTransform(UTM, degrees, QgsProject.instance()).transformBoundingBox(part)
    dataset = outputs_of(run(INPUT=plan(), EXTENT=QgsReferencedRectangle(box, degrees)))[0]
    assert dataset.GetSpatialRef().GetAuthorityCode(None) == "32633"
    assert dataset.GetGeoTransform()[0] == pytest.approx(500050, abs=1)
    assert dataset.GetGeoTransform()[3] == pytest.approx(4999975, abs=1)


@pytest.mark.parametrize(("kind", "words"), [("points", "4 ground control points"), ("rpc", "RPC")])
def test_control_points_alone_are_a_warning_before_the_run(run, tmp_path, feedback, kind, words):
    path = write_raster(tmp_path / "placed.tif", grey_steps(), crs=None, transform=None)
    place(path, kind)
    results = run(INPUT=path)
    assert outputs_of(results)[0].GetGeoTransform(can_return_null=True) is None
    assert any(words in line and "gdalwarp" in line for line in feedback.warnings)
    with pytest.raises(QgsProcessingException, match=f"{words}.*gdalwarp"):
        run(INPUT=path, EXTENT="500050,500100,4999950,4999975 [EPSG:32633]")
