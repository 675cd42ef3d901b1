"""`uhrs:classpolygons` and `uhrs:cleanclasses` as users run them."""

import json
import os

import numpy as np
import pytest
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
    QgsRasterLayer,
    QgsVectorLayer,
)

from tests.qgis.class_areas.cases import COLOURS, DEGREES, NAMES, ROTATED, labels_of, write_classes
from tests.qgis.conftest import write_raster
from uhrs_qgis_plugin.algorithms.class_polygons import clean_classes, polygons
from uhrs_qgis_plugin.layers import style_class_polygons

FIELDS = ["fid", "class", "name", "area_m2", "pixels", "mean_u", "mean_final", "unsure_share"]


@pytest.fixture
def labels():
    """Patches of 10 x 10 pixels, specks, and a hole without data."""
    labels = labels_of()
    labels[50, 50], labels[100:103, 200] = (labels[50, 50] + 1) % 3, (labels[100:103, 200] + 1) % 3
    return labels


@pytest.fixture
def classes(tmp_path, labels):
    return write_classes(tmp_path / "classes.tif", labels)


@pytest.fixture
def uncertainty(tmp_path):
    bands = np.random.default_rng(4).integers(0, 255, (2, 25, 38)).astype(np.uint8)
    place = (500000.0, 4.0, 0.0, 5000000.0, 0.0, -4.0)
    return write_raster(tmp_path / "uncertainty.tif", bands, 32633, place, 255)


@pytest.fixture
def outline(provider, classes, tmp_path, context, feedback):
    import processing

    def run_algorithm(**changes):
        parameters = {"CLASSES": classes, "OUTPUT": str(tmp_path / "polygons.gpkg"), **changes}
        return processing.run("uhrs:classpolygons", parameters, context=context, feedback=feedback)

    return run_algorithm


@pytest.fixture
def clean(provider, classes, tmp_path, context, feedback):
    import processing

    def run_algorithm(**changes):
        parameters = {"CLASSES": classes, "OUTPUT": str(tmp_path / "clean.tif"), **changes}
        return processing.run("uhrs:cleanclasses", parameters, context=context, feedback=feedback)

    return run_algorithm


def open_layer(path):
    layer = QgsVectorLayer(path, "polygons", "ogr")
    assert layer.isValid()
    return layer


@pytest.mark.parametrize("ending", [".gpkg", ".fgb"])
@pytest.mark.parametrize("smoothing", [0, 1.5])
def test_fields_and_geometry(outline, labels, uncertainty, tmp_path, ending, smoothing):
    results = outline(UNCERTAINTY=uncertainty, OUTPUT=str(tmp_path / f"out{ending}"), SMOOTHING=smoothing, MIN_AREA=1)
    layer = open_layer(results["OUTPUT"])
    assert [name for name in layer.fields().names() if name != "fid"] == FIELDS[1:]
    assert layer.crs().authid() == "EPSG:32633"
    features = list(layer.getFeatures())
    assert len(features) == results["COUNT"] > 10
    assert all(feature.geometry().isGeosValid() for feature in features)
    assert sum(feature["pixels"] for feature in features) == (labels != 255).sum()
    assert sum(feature.geometry().area() for feature in features) == pytest.approx((labels != 255).sum() * 0.25)
    assert sum(feature["area_m2"] for feature in features) == pytest.approx((labels != 255).sum() * 0.25, rel=2e-3)
    assert {feature["name"] for feature in features} == set(NAMES)
    assert all(0 <= feature["unsure_share"] <= 1 and 0 <= feature["mean_u"] <= 1 for feature in features)
    assert min(feature["pixels"] for feature in features) >= 4, "a square metre is four pixels"
    assert (results["SHIFT"] == 0) == (smoothing == 0)


def test_areas_are_those_of_class_areas(outline, provider, classes, context, feedback):
    import processing

    path = outline(MIN_AREA=0, SMOOTHING=0)["OUTPUT"]
    table = processing.run("uhrs:classareas", {"CLASSES": classes, "OUTPUT": "memory:"}, context=context)["OUTPUT"]
    for row in table.getFeatures():
        areas = [feature["area_m2"] for feature in open_layer(path).getFeatures() if feature["class"] == row["class"]]
        assert sum(areas) == pytest.approx(row["area"], rel=1e-6)


@pytest.mark.parametrize(("transform", "crs"), [(DEGREES, 4326), (ROTATED, 32633), (None, None)])
def test_places(outline, labels, tmp_path, transform, crs):
    """Degrees, a rotated raster, and none at all: polygons lie where QGIS draws the raster."""
    path = write_classes(tmp_path / "other.tif", labels, crs, transform)
    layer = open_layer(outline(CLASSES=path, MIN_AREA=0, SMOOTHING=0)["OUTPUT"])
    extent, raster = layer.extent(), QgsRasterLayer(path).extent()
    if transform != ROTATED:
        assert extent.xMaximum() == pytest.approx(raster.xMaximum())
        assert extent.yMinimum() == pytest.approx(raster.yMinimum())
    areas = [feature["area_m2"] for feature in layer.getFeatures()]
    assert all((area is None or not area) == (crs is None) for area in areas)


def test_chosen_classes_report_and_log(outline, tmp_path, feedback):
    results = outline(NAMES="water, ROAD", REPORT=str(tmp_path / "r.json"), SMOOTHING=2)
    assert {feature["name"] for feature in open_layer(results["OUTPUT"]).getFeatures()} == {"water", "road"}
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["polygons"] == results["COUNT"]
    assert report["max_shift_pixels"] == results["SHIFT"] <= 2 + np.sqrt(0.5)
    assert any("polygons with" in line for line in feedback.lines)


def test_style_is_that_of_the_class_map(outline, classes):
    layer = open_layer(outline()["OUTPUT"])
    style_class_polygons(layer, classes)
    shown = [(item.value(), item.label(), item.symbol().color().getRgb()[:3]) for item in layer.renderer().categories()]
    assert shown == [(value, NAMES[value], COLOURS[value]) for value in range(3)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"NAMES": "sea"}, "Class 'sea' is unknown: choose from 'road'"),
        ({"CLASSES": "uncertainty"}, "a class raster has one"),
        ({"UNCERTAINTY": "classes"}, None),
        ({"SMOOTHING": 1000}, "SMOOTHING"),
    ],
)
def test_checks_before_the_run(provider, classes, uncertainty, context, tmp_path, changes, message):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("uhrs:classpolygons")
    known = {"classes": classes, "uncertainty": uncertainty}
    parameters = {name: known.get(value, value) for name, value in changes.items()}
    output = str(tmp_path / "p.gpkg")
    fine, why = algorithm.checkParameterValues({"CLASSES": classes, "OUTPUT": output, **parameters}, context)
    assert fine == (message is None)
    assert message is None or message in why
    assert "\n" not in why


def test_nothing_is_left_after_an_error(outline, tmp_path):
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(QgsProcessingException, match=r"neither \.gpkg nor \.fgb"):
        outline(OUTPUT=str(tmp_path / "p.shp"))
    with pytest.raises(QgsProcessingException, match="does not exist"):
        outline(OUTPUT=str(tmp_path / "none" / "p.gpkg"))
    assert sorted(os.listdir(tmp_path)) == before


def test_right_angles(outline, tmp_path, feedback):
    rows, cols = np.indices((120, 140))
    turned = np.abs((cols - 70) * 0.94 + (rows - 60) * 0.34) < 30
    labels = (turned & (np.abs((rows - 60) * 0.94 - (cols - 70) * 0.34) < 18)).astype(np.uint8)
    path = write_classes(tmp_path / "roof.tif", labels)
    results = outline(CLASSES=path, NAMES=NAMES[1], RIGHT_ANGLES=NAMES[1])
    (feature,) = open_layer(results["OUTPUT"]).getFeatures()
    assert len(feature.geometry().asPolygon()[0]) == 5
    assert any("1 outlines got right angles" in line for line in feedback.lines)
    with pytest.raises(QgsProcessingException, match="Right angles are asked for 'water', which is not outlined"):
        outline(CLASSES=path, NAMES=NAMES[1], RIGHT_ANGLES="water")


def test_an_empty_layer_is_said(outline, tmp_path, feedback):
    path = write_classes(tmp_path / "one.tif", np.zeros((20, 20), np.uint8))
    results = outline(CLASSES=path, NAMES="water")
    assert results["COUNT"] == 0 == open_layer(results["OUTPUT"]).featureCount()
    assert any("the layer is empty" in line for line in feedback.warnings)


def test_cleaned_classes(clean, labels, classes):
    results = clean(MIN_AREA=1)
    layer = QgsRasterLayer(results["OUTPUT"])
    assert layer.isValid()
    from osgeo import gdal

    found = gdal.Open(results["OUTPUT"])
    cleaned = found.ReadAsArray()
    assert results["CHANGED"] == (cleaned != labels).sum() > 0
    assert np.array_equal(cleaned == 255, labels == 255)
    band = found.GetRasterBand(1)
    assert (band.GetNoDataValue(), band.GetCategoryNames()) == (255, NAMES)
    assert band.GetColorTable().GetColorEntry(2)[:3] == COLOURS[2]
    assert os.path.exists(results["OUTPUT"].replace(".tif", ".qml"))
    with pytest.raises(QgsProcessingException, match="Nothing is to be cleaned"):
        clean(MIN_AREA=0)
    assert clean(MIN_AREA=0, MAJORITY=5)["CHANGED"] > results["CHANGED"]


def test_in_a_model(provider, classes, tmp_path, context, feedback):
    """The Model Designer: cleaned, then outlined."""
    model = QgsProcessingModelAlgorithm("m", "m")
    model.addModelParameter(QgsProcessingParameterRasterLayer("CLASSES", "c"), QgsProcessingModelParameter("CLASSES"))
    source = QgsProcessingModelChildParameterSource
    first = QgsProcessingModelChildAlgorithm("uhrs:cleanclasses")
    first.setChildId("clean")
    first.addParameterSources("CLASSES", [source.fromModelParameter("CLASSES")])
    model.addChildAlgorithm(first)
    child = QgsProcessingModelChildAlgorithm("uhrs:classpolygons")
    child.setChildId("polygons")
    child.addParameterSources("CLASSES", [source.fromChildOutput("clean", "OUTPUT")])
    output = QgsProcessingModelOutput("OUTPUT", "OUTPUT")
    output.setChildId("polygons")
    output.setChildOutputName("OUTPUT")
    child.setModelOutputs({"OUTPUT": output})
    model.addChildAlgorithm(child)
    model.updateDestinationParameters()
    (name,) = [definition.name() for definition in model.destinationParameterDefinitions()]
    results, fine = model.run({"CLASSES": classes, name: str(tmp_path / "m.gpkg")}, context, feedback)
    assert fine, feedback.errors
    assert open_layer(results[name]).featureCount() > 5


def test_runs_in_a_worker_thread_and_loads_its_layer(provider, classes, tmp_path, context, feedback):
    """As the dialog runs it: in the background, then the layer is loaded with its style."""
    from qgis.core import QgsProcessingContext

    algorithm = QgsApplication.processingRegistry().createAlgorithmById("uhrs:classpolygons")
    path = str(tmp_path / "p.gpkg")
    details = QgsProcessingContext.LayerDetails("p", context.project(), "OUTPUT")
    context.addLayerToLoadOnCompletion(path, details)
    task = QgsProcessingAlgRunnerTask(algorithm, {"CLASSES": classes, "OUTPUT": path}, context, feedback)
    ended = []
    task.executed.connect(lambda fine, results: ended.append((fine, results)))
    QgsApplication.taskManager().addTask(task)
    while not ended:
        QgsApplication.processEvents()
    fine, results = ended[0]
    assert fine, feedback.errors
    assert results["OUTPUT"] == path


def test_defaults_are_those_of_the_engine():
    from uhrs_qgis_plugin.engine.polygons import PolygonOptions, options
    from uhrs_qgis_plugin.engine.polygons.clean import LARGEST_SQUARE

    engine = PolygonOptions()
    assert (engine.smoothing, engine.shift, engine.threshold) == (polygons.SMOOTHING, polygons.SHIFT, polygons.UNSURE)
    assert options.MOST_SMOOTHING == polygons.MOST_SMOOTHING
    assert LARGEST_SQUARE == clean_classes.LARGEST_SQUARE
