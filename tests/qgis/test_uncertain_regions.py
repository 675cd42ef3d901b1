"""`uhrs:uncertainregions` in a QGIS without a screen, on small rasters whose regions are known."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsDistanceArea,
    QgsPointXY,
    QgsProcessingAlgRunnerTask,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer

from tests.qgis.conftest import write_raster
from tests.qgis.test_qgis_process import qgis_process  # noqa: F401 (fixture)
from uhrs_qgis_plugin.algorithms import uncertain_regions_output
from uhrs_qgis_plugin.algorithms import uncertain_regions_parameters as parameters_module
from uhrs_qgis_plugin.engine import regions
from uhrs_qgis_plugin.review_styling import RegionStyle

NORTH_UP = (500000.0, 4.0, 0.0, 5000000.0, 0.0, -4.0)
ROTATED = (500000.0, 3.0, 2.0, 5000000.0, 2.0, -3.0)
DEGREES = (13.0, 4e-5, 0.0, 52.0, 0.0, -4e-5)
SIDE = 8
FIELDS = ["rank", "mean_u", "max_u", "area_m2", "cells", "class", "class_2", "status"]


def make_uncertainty(path, data=None, transform=NORTH_UP, crs=32633, scale=1 / 254):
    """Two bands of 20 x 30 cells; in band 2 a ring of 8, a block of 6, a line of 4 and two single cells."""
    if data is None:
        data = np.full((2, 20, 30), 30, np.uint8)
        data[0, 15:18, 20:29] = 250
        data[1, 1:4, 1:4] = 200
        data[1, 2, 2] = 30
        data[1, 8:10, 10:13] = 240
        data[1, 14, 2:6] = 180
        data[1, 18, 20] = data[1, 4, 25] = 190
        data[:, 0, :] = 255
    write_raster(path, data, crs, transform, 255)
    dataset = gdal.Open(str(path), gdal.GA_Update)
    for band in range(1, len(data) + 1):
        if scale is not None:
            dataset.GetRasterBand(band).SetScale(scale)
    dataset = None
    return str(path)


def make_classes(path, transform=NORTH_UP, crs=32633, names=("water", "trees", "roof"), edge=3):
    """Trees everywhere, water in a part of the ring, roof in all of the block."""
    data = np.ones((1, 20 * SIDE - edge, 30 * SIDE - edge), np.uint8)
    data[0, : 2 * SIDE] = 0
    data[0, 8 * SIDE : 10 * SIDE, 10 * SIDE : 13 * SIDE] = 2
    fine = None
    if transform is not None:
        fine = tuple(number if index in (0, 3) else number / SIDE for index, number in enumerate(transform))
    write_raster(path, data, crs, fine, 255)
    dataset = gdal.Open(str(path), gdal.GA_Update)
    if names:
        table = gdal.ColorTable()
        for value in range(len(names)):
            table.SetColorEntry(value, (value * 50, 100, 100, 255))
        dataset.GetRasterBand(1).SetColorTable(table)
        dataset.GetRasterBand(1).SetCategoryNames(list(names))
    dataset = None
    return str(path)


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


def rows(layer):
    return [feature.attributeMap() for feature in layer.getFeatures()]


def test_provider_lists_the_algorithm(algorithm):
    """In group Review, with icon, help for every parameter, and the engine's defaults."""
    assert algorithm.displayName() == "Uncertain regions"
    assert (algorithm.group(), algorithm.groupId()) == ("Review", "review")
    assert "uncertainty" in algorithm.tags()
    assert os.path.exists(algorithm.svgIconPath())
    assert not algorithm.icon().pixmap(24).isNull()
    names = [parameter.name() for parameter in algorithm.parameterDefinitions()]
    assert names == ["UNCERTAINTY", "BAND", "CLASSES", "TOP", "THRESHOLD", "MIN_AREA", "MERGE", "LIMIT", "OUTPUT"]
    for parameter in algorithm.parameterDefinitions():
        assert parameter.help()
        assert parameter.help() in algorithm.shortHelpString()
    required = [p.name() for p in algorithm.parameterDefinitions() if not p.flags() & p.FlagOptional]
    assert required == ["UNCERTAINTY", "TOP", "MIN_AREA", "MERGE", "LIMIT", "OUTPUT"]
    default = regions.RegionOptions()
    for name, value in (
        ("TOP", default.top),
        ("MIN_AREA", default.min_cells),
        ("MERGE", default.merge),
        ("LIMIT", default.limit),
    ):
        assert algorithm.parameterDefinition(name).defaultValue() == value
    assert (regions.MOST_MERGE, regions.MOST_REGIONS) == (parameters_module.MOST_MERGE, parameters_module.MOST_REGIONS)


def test_regions_in_a_geopackage(find, tmp_path, feedback):
    """Rank, statistics, classes and area of each; geometries valid; nothing else is written."""
    classes = make_classes(tmp_path / "classes.tif")
    results, layer = find(CLASSES=classes)
    assert results["COUNT"] == 3
    assert results["LEAST_UNCERTAINTY"] == pytest.approx(0.5)
    assert layer.dataProvider().storageType() == "GPKG"
    assert layer.crs().authid() == "EPSG:32633"
    assert [name for name in layer.fields().names() if name != "fid"] == FIELDS
    ring, block, line = rows(layer)
    assert [row["rank"] for row in (ring, block, line)] == [1, 2, 3]
    assert [row["cells"] for row in (ring, block, line)] == [8, 6, 4]
    assert [row["class"] for row in (ring, block, line)] == ["trees", "roof", "trees"]
    assert [row["class_2"] or None for row in (ring, block, line)] == ["water", None, None]
    assert {row["status"] for row in (ring, block, line)} == {"open"}
    assert ring["mean_u"] == ring["max_u"] == pytest.approx(200 / 254)
    assert line["mean_u"] == pytest.approx(180 / 254)
    for feature in layer.getFeatures():
        geometry = feature.geometry()
        assert geometry.isGeosValid()
        assert geometry.area() == pytest.approx(feature["cells"] * 16)
        assert feature["area_m2"] == pytest.approx(feature["cells"] * 16, rel=0.002)
    ring_shape = next(layer.getFeatures()).geometry()
    assert len(ring_shape.asMultiPolygon()[0]) == 2
    assert ring_shape.contains(QgsPointXY(500006, 4999994)) is True
    assert ring_shape.contains(QgsPointXY(500010, 4999990)) is False
    del layer
    assert {"regions.gpkg", "uncertainty.tif", "classes.tif"} <= set(os.listdir(tmp_path))
    text = "\n".join(feedback.lines)
    assert "3 of 5 regions, with 90% of these cells; 2 are smaller than MIN_AREA, 0 are beyond LIMIT" in text
    assert feedback.shares == sorted(feedback.shares)


def test_options(find):
    """Texts as `qgis_process` passes them; each option does what its help says."""
    assert [row["cells"] for row in rows(find(BAND="1")[1])] == [27]
    assert [row["cells"] for row in rows(find(MIN_AREA="1", LIMIT="4")[1])] == [8, 6, 4, 1]
    assert [row["cells"] for row in rows(find(MIN_AREA=5)[1])] == [8, 6]
    assert [row["cells"] for row in rows(find(MIN_AREA=1, MERGE=30)[1])] == [20]
    assert [row["cells"] for row in rows(find(THRESHOLD=0.9)[1])] == [6]
    results, layer = find(THRESHOLD=None, TOP=1.0, MIN_AREA=1)
    assert [row["cells"] for row in rows(layer)] == [6]  # 6 of 570 cells are 1.05 per cent
    assert results["LEAST_UNCERTAINTY"] == pytest.approx(240 / 254)
    assert sum(row["cells"] for row in rows(find(THRESHOLD="", TOP="2.4", MIN_AREA=1)[1])) == 14


def test_layer_in_memory(find):
    results, layer = find(OUTPUT="TEMPORARY_OUTPUT")
    assert layer.dataProvider().name() == "memory"
    assert layer.fields().names() == FIELDS
    assert layer.featureCount() == results["COUNT"] == 3
    assert [row["class"] or None for row in rows(layer)] == [None] * 3


@pytest.mark.parametrize("name", ["regions.shp", "regions.geojson"])
def test_other_formats(find, tmp_path, name):
    assert find(OUTPUT=str(tmp_path / name))[1].featureCount() == 3


def test_rotated_raster(find, tmp_path):
    """Regions lie where the cells lie."""
    path = make_uncertainty(tmp_path / "rotated.tif", transform=ROTATED)
    _, layer = find(UNCERTAINTY=path, CLASSES=make_classes(tmp_path / "classes.tif", ROTATED))
    block = list(layer.getFeatures())[1]
    assert block.geometry().isGeosValid()
    x, x_col, x_row, y, y_col, y_row = ROTATED
    centre = QgsPointXY(x + 11.5 * x_col + 9 * x_row, y + 11.5 * y_col + 9 * y_row)
    assert block.geometry().centroid().asPoint().distance(centre) < 1e-6
    assert block.geometry().area() == pytest.approx(6 * 13)
    assert block["area_m2"] == pytest.approx(6 * 13, rel=0.002)
    assert block["class"] == "roof"


def test_degrees(find, tmp_path):
    """Area on the ellipsoid, not in square degrees."""
    path = make_uncertainty(tmp_path / "degrees.tif", transform=DEGREES, crs=4326)
    _, layer = find(UNCERTAINTY=path, CLASSES=make_classes(tmp_path / "classes.tif", DEGREES, 4326))
    ruler = QgsDistanceArea()
    ruler.setEllipsoid("EPSG:7030")
    for feature in layer.getFeatures():
        # 4e-5 degrees at 52 degrees north: 4.451 m from south to north, 2.746 m from west to east.
        assert feature["area_m2"] == pytest.approx(feature["cells"] * 4.4513 * 2.7461, rel=0.001)
        assert feature.geometry().isGeosValid()


def test_map_projection_that_stretches(find, tmp_path):
    """Web Mercator doubles lengths at 60 degrees north; the ground does not care."""
    path = make_uncertainty(tmp_path / "web.tif", transform=(1e6, 4.0, 0.0, 8399737.9, 0.0, -4.0), crs=3857)
    ring = next(find(UNCERTAINTY=path)[1].getFeatures())
    assert ring["area_m2"] == pytest.approx(8 * 4, rel=0.01)


def test_without_crs(find, tmp_path):
    """No area; the regions lie on the layer as QGIS draws it."""
    path = make_uncertainty(tmp_path / "plain.tif", crs=None)
    _, layer = find(UNCERTAINTY=path, CLASSES=make_classes(tmp_path / "classes.tif", crs=None))
    RegionStyle().postProcessLayer(layer, None, None)
    assert not layer.crs().isValid()
    assert not find(UNCERTAINTY=path, OUTPUT="TEMPORARY_OUTPUT")[1].crs().isValid()
    assert [row["area_m2"] or None for row in rows(layer)] == [None] * 3
    assert [row["class"] for row in rows(layer)] == ["trees", "roof", "trees"]


def test_without_georeference(find, tmp_path):
    path = make_uncertainty(tmp_path / "plain.tif", crs=None, transform=None)
    _, layer = find(UNCERTAINTY=path)
    assert QgsRasterLayer(path).extent().contains(layer.extent())
    ring = next(layer.getFeatures()).geometry()
    assert ring.boundingBox().yMaximum() == -1


def test_south_up_raster(find, tmp_path):
    """Also there outer rings go anticlockwise."""
    path = make_uncertainty(tmp_path / "south.tif", transform=(500000.0, 4.0, 0.0, 4000000.0, 0.0, 4.0))
    ring = next(find(UNCERTAINTY=path)[1].getFeatures()).geometry()
    assert ring.isGeosValid()
    outer = np.array([(point.x() - 500000, point.y() - 4000000) for point in ring.asMultiPolygon()[0][0]])
    assert np.sum(outer[:-1, 0] * outer[1:, 1] - outer[1:, 0] * outer[:-1, 1]) == pytest.approx(2 * 144)


def test_noise_is_valid(find, tmp_path):
    """A thousand regions that touch at corners, with holes that do."""
    rng = np.random.default_rng(1)
    data = rng.integers(0, 255, (1, 300, 300)).astype(np.uint8)
    path = make_uncertainty(tmp_path / "noise.tif", data)
    for merge in (0, 1):
        results, layer = find(UNCERTAINTY=path, THRESHOLD=0.6, MERGE=merge, MIN_AREA=1)
        assert results["COUNT"] > 0
        for feature in layer.getFeatures():
            assert feature.geometry().isGeosValid()
            assert feature.geometry().area() == pytest.approx(feature["cells"] * 16)


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


def test_classes_without_names(find, tmp_path):
    _, layer = find(CLASSES=make_classes(tmp_path / "classes.tif", names=()))
    assert [row["class"] for row in rows(layer)] == ["class 1", "class 2", "class 1"]


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
        ({"CLASSES": image}, "is no class raster"),
        ({"CLASSES": "/no/such/classes.tif"}, "CLASSES"),
        ({"TOP": 0}, "TOP"),
        ({"THRESHOLD": 1.5}, "THRESHOLD"),
        ({"MIN_AREA": 0}, "MIN_AREA"),
        ({"LIMIT": 0}, "LIMIT"),
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

    monkeypatch.setattr("uhrs_qgis_plugin.algorithms.uncertain_regions.fill", late)
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
    assert layer.name() == "Uncertain regions"
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


def test_qgis_process(qgis_process, uncertainty, tmp_path):  # noqa: F811 (fixture)
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
