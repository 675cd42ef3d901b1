"""`uhrs:classareas` in a QGIS without a screen: numbers against numpy by hand, zones point by point, bad input."""

from __future__ import annotations

import csv
import json
import os
import re

import numpy as np
import pytest
from osgeo import gdal, osr
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsDistanceArea,
    QgsFeature,
    QgsField,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingAlgRunnerTask,
    QgsProcessingException,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingOutputHtml,
    QgsProcessingParameterRasterLayer,
    QgsProject,
    QgsUnitTypes,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer, QVariant

from tests.qgis.conftest import TRANSFORM, write_raster
from tests.qgis.conftest import Recorder as PlainRecorder
from tests.qgis.test_qgis_process import qgis_process  # noqa: F401 (a fixture)

NAMES = ["road", "<b>tree</b>", "water"]
COLOURS = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]
DEGREES = (10.0, 0.001, 0.0, 60.0, 0.0, -0.002)
ROTATED = (500000.0, 0.4, 0.3, 5000000.0, 0.3, -0.4)  # pixels of 0.25 m2


class Recorder(PlainRecorder):
    """Keeps warnings too."""

    def __init__(self):
        super().__init__()
        self.warnings = []

    def pushWarning(self, warning):  # noqa: N802 (QGIS)
        self.warnings.append(warning)


@pytest.fixture
def feedback():
    return Recorder()


def labels_of(height=200, width=300, seed=1):
    """Classes 0..2 in patches, with a hole of no data."""
    rng = np.random.default_rng(seed)
    labels = np.kron(rng.integers(0, 3, (-(-height // 10), -(-width // 10))), np.ones((10, 10)))
    labels = labels[:height, :width].astype(np.uint8)
    labels[:15, :20] = 255
    return labels


def write_classes(path, labels, crs=32633, transform=TRANSFORM):
    write_raster(path, labels[None], crs, transform, nodata=255)
    dataset = gdal.Open(str(path), gdal.GA_Update)
    table = gdal.ColorTable()
    for value, colour in enumerate(COLOURS):
        table.SetColorEntry(value, (*colour, 255))
    dataset.GetRasterBand(1).SetColorTable(table)
    dataset.GetRasterBand(1).SetCategoryNames(NAMES)
    dataset.FlushCache()
    return str(path)


def write_uncertainty(path, bands, crs=32633, transform=TRANSFORM, cell=8):
    x, a, b, y, c, d = transform
    return write_raster(path, bands, crs, (x, a * cell, b * cell, y, c * cell, d * cell), nodata=255)


@pytest.fixture
def labels():
    return labels_of()


@pytest.fixture
def classes(tmp_path, labels):
    return write_classes(tmp_path / "classes.tif", labels)


@pytest.fixture
def levels():
    return np.random.default_rng(2).integers(0, 255, (2, 25, 38)).astype(np.uint8)


@pytest.fixture
def uncertainty(tmp_path, levels):
    return write_uncertainty(tmp_path / "uncertainty.tif", levels)


@pytest.fixture
def planimetric(context):
    """A project that measures in the plane of the map."""
    context.project().setCrs(QgsCoordinateReferenceSystem("EPSG:32633"))
    context.project().setEllipsoid("NONE")
    context.setEllipsoid("NONE")
    return context


@pytest.fixture
def measure(provider, classes, tmp_path, context, feedback):
    """Run the algorithm; returns the rows of the table as dictionaries."""
    import processing

    def run_algorithm(**changes):
        parameters = {"CLASSES": classes, "OUTPUT": str(tmp_path / "areas.gpkg"), **changes}
        results = processing.run("uhrs:classareas", parameters, context=context, feedback=feedback)
        return table(results["OUTPUT"])

    return run_algorithm


def table(output):
    layer = output if isinstance(output, QgsVectorLayer) else QgsVectorLayer(output, "t")
    assert layer.isValid()
    names = [name for name in layer.fields().names() if name != "fid"]
    assert names == ["zone", "class", "name", "pixels", "area", "unit", "share", "unsure_share"]

    def plain(value):
        return None if value is None or (hasattr(value, "isNull") and value.isNull()) else value

    return [{name: plain(feature[name]) for name in names} for feature in layer.getFeatures()]


def polygons(*wkts, crs="EPSG:32633", names=None):
    """A layer of polygons in memory."""
    layer = QgsVectorLayer("MultiPolygon" + (f"?crs={crs}" if crs else ""), "zones", "memory")
    if not crs:
        layer.setCrs(QgsCoordinateReferenceSystem())
    layer.dataProvider().addAttributes([QgsField("label", QVariant.String)])
    layer.updateFields()
    for index, wkt in enumerate(wkts):
        feature = QgsFeature(layer.fields())
        feature["label"] = (names or [f"z{index}" for index in range(len(wkts))])[index]
        if wkt:
            feature.setGeometry(QgsGeometry.fromWkt(wkt))
        layer.dataProvider().addFeature(feature)
    return layer


def box(left, bottom, right, top):
    return f"POLYGON(({left} {bottom},{right} {bottom},{right} {top},{left} {top},{left} {bottom}))"


def by_point(labels, geometry, transform=TRANSFORM):
    """Pixels per class whose centre is in a polygon, asked one by one."""
    x, a, b, y, c, d = transform
    counts = np.zeros(256, int)
    for row, col in np.ndindex(labels.shape):
        point = QgsPointXY(x + (col + 0.5) * a + (row + 0.5) * b, y + (col + 0.5) * c + (row + 0.5) * d)
        if geometry.contains(point):
            counts[labels[row, col]] += 1
    return counts[:3]


def test_provider_lists_the_algorithm(provider):
    """Icon, group, tags, help for every parameter; ids are frozen; the report is an output of type HTML."""
    algorithm = next(item for item in provider.algorithms() if item.id() == "uhrs:classareas")
    assert algorithm.displayName() == "Class areas"
    assert algorithm.group() == "Review"
    assert algorithm.groupId() == "review"
    assert not algorithm.icon().pixmap(24).isNull()
    assert "zonal" in algorithm.tags()
    ids = [parameter.name() for parameter in algorithm.parameterDefinitions()]
    assert ids == ["CLASSES", "UNCERTAINTY", "BAND", "UNSURE", "ZONES", "ZONE_FIELD", "OUTPUT", "HTML"]
    for parameter in algorithm.parameterDefinitions():
        assert parameter.help()
        assert parameter.help() in algorithm.shortHelpString()
    assert isinstance(algorithm.outputDefinition("HTML"), QgsProcessingOutputHtml)


def test_whole_raster(measure, labels, planimetric):
    """Pixels, areas and shares are those of numpy; shares sum to 1; without uncertainty nothing is said about it."""
    rows = measure()
    expected = np.bincount(labels[labels != 255], minlength=3)
    assert [row["class"] for row in rows] == [0, 1, 2]
    assert [row["name"] for row in rows] == NAMES
    assert {row["zone"] for row in rows} == {"whole raster"}
    assert [row["pixels"] for row in rows] == expected.tolist()
    assert [row["area"] for row in rows] == pytest.approx((expected * 0.25).tolist())
    assert {row["unit"] for row in rows} == {"m²"}
    assert sum(row["share"] for row in rows) == pytest.approx(1)
    assert [row["share"] for row in rows] == pytest.approx((expected / expected.sum()).tolist())
    assert {row["unsure_share"] for row in rows} == {None}


@pytest.mark.parametrize("changes", [{}, {"BAND": 1, "UNSURE": 0.8}, {"BAND": "2", "UNSURE": "0"}])
def test_unsure_share(measure, labels, levels, uncertainty, changes):
    """One cell of the uncertainty counts for 8 x 8 pixels, of the band and from the threshold that were chosen."""
    rows = measure(UNCERTAINTY=uncertainty, **changes)
    band, threshold = int(changes.get("BAND", 2)), float(changes.get("UNSURE", 0.5))
    pixels = np.kron(levels[band - 1], np.ones((8, 8), np.uint8))[:200, :300]
    unsure = pixels / 254 >= threshold
    expected = [unsure[labels == value].mean() for value in range(3)]
    assert [row["unsure_share"] for row in rows] == pytest.approx(expected, rel=1e-6)


def test_units_of_the_project(measure, labels, planimetric):
    planimetric.setAreaUnit(QgsUnitTypes.AreaHectares)
    rows = measure()
    assert {row["unit"] for row in rows} == {"ha"}
    assert sum(row["area"] for row in rows) == pytest.approx((labels != 255).sum() * 0.25 / 10000)


def test_units_that_are_none(measure, context):
    """A project in degrees has no area unit that means anything: square metres."""
    context.setAreaUnit(QgsUnitTypes.AreaSquareDegrees)
    assert {row["unit"] for row in measure()} == {"m²"}


def ellipsoidal(crs, transform, shape):
    """Area of the outline as QGIS measures it, with points along the edges."""
    x, a, b, y, c, d = transform
    height, width = shape
    corners = [(0, 0), (height, 0), (height, width), (0, width), (0, 0)]
    ring = []
    for (row, col), (row_end, col_end) in zip(corners, corners[1:]):
        for share in np.linspace(0, 1, 200, endpoint=False):
            r, k = row + share * (row_end - row), col + share * (col_end - col)
            ring.append(QgsPointXY(x + k * a + r * b, y + k * c + r * d))
    area = QgsDistanceArea()
    area.setSourceCrs(QgsCoordinateReferenceSystem(f"EPSG:{crs}"), QgsProject.instance().transformContext())
    area.setEllipsoid("EPSG:7030")
    return area.measureArea(QgsGeometry.fromPolygonXY([ring]))


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        (4326, DEGREES),
        (4326, (10.0, 0.001, 0.0005, 60.0, 0.0005, -0.002)),
        (3857, (1500000.0, 10.0, 0.0, 8400000.0, 0.0, -10.0)),
        (32633, (200000.0, 30.0, 0.0, 5000000.0, 0.0, -30.0)),
        (32633, ROTATED),
    ],
)
def test_areas_on_the_ground(measure, tmp_path, crs, transform):
    """Degrees, Mercator, UTM, straight and rotated: as QGIS's own measuring of the outline, to 1e-4."""
    labels = np.zeros((200, 300), np.uint8)
    labels[100:] = 1
    rows = measure(CLASSES=write_classes(tmp_path / "c.tif", labels, crs, transform))
    x, a, b, y, c, d = transform
    lower = (x + 100 * b, a, b, y + 100 * d, c, d)
    halves = [ellipsoidal(crs, transform, (100, 300)), ellipsoidal(crs, lower, (100, 300))]
    assert [row["area"] for row in rows[:2]] == pytest.approx(halves, rel=1e-4)
    assert rows[2]["area"] == 0


def test_rotated_raster_in_the_plane(measure, tmp_path, planimetric):
    rows = measure(CLASSES=write_classes(tmp_path / "c.tif", np.ones((40, 50), np.uint8), 32633, ROTATED))
    assert rows[1]["area"] == pytest.approx(2000 * 0.25)


def test_no_crs_no_area(measure, labels, tmp_path):
    """Areas and unit are empty; pixels and shares are there."""
    rows = measure(CLASSES=write_classes(tmp_path / "c.tif", labels, None, None))
    assert {row["area"] for row in rows} == {None}
    assert {row["unit"] for row in rows} == {None}
    assert sum(row["share"] for row in rows) == pytest.approx(1)


def test_raster_without_names(measure, tmp_path):
    """Only the classes that are there are listed, by their number."""
    labels = np.full((20, 30), 7, np.uint8)
    labels[:5] = 9
    rows = measure(CLASSES=write_raster(tmp_path / "plain.tif", labels[None]))
    assert [(row["name"], row["pixels"]) for row in rows] == [("class 7", 450), ("class 9", 150)]


@pytest.mark.parametrize("transform", [TRANSFORM, ROTATED, (500000.0, 0.5, 0, 4999900.0, 0, 0.5)])
def test_zones_against_points(measure, labels, tmp_path, transform):
    """Overlapping, holed, multi-part and partly outside: what a test of each pixel's centre says, in any raster."""
    x, _, _, y, _, _ = transform
    y = y - 30 if transform[5] < 0 else y + 30
    shapes = [
        f"POLYGON(({x + 3.3} {y - 21.7},{x + 70.1} {y - 5.2},{x + 55.5} {y + 20.3},{x + 3.3} {y - 21.7}))",
        f"POLYGON(({x - 10} {y - 15},{x + 40} {y - 15},{x + 40} {y + 9},{x - 10} {y + 9},{x - 10} {y - 15}),"
        f"({x + 9} {y - 9},{x + 9} {y + 2},{x + 21} {y + 2},{x + 21} {y - 9},{x + 9} {y - 9}))",
        f"MULTIPOLYGON((({x + 1} {y},{x + 9} {y + 1},{x + 5} {y + 9},{x + 1} {y})),"
        f"(({x + 31} {y},{x + 39} {y + 1},{x + 35} {y + 9},{x + 31} {y})))",
    ]
    zones = polygons(*shapes)
    path = write_classes(tmp_path / "c.tif", labels, 32633, transform)
    rows = measure(CLASSES=path, ZONES=zones, ZONE_FIELD="label")
    for index, shape in enumerate(shapes):
        mine = [row["pixels"] for row in rows if row["zone"] == f"z{index}"]
        assert mine == by_point(labels, QgsGeometry.fromWkt(shape), transform).tolist()
        assert sum(row["share"] for row in rows if row["zone"] == f"z{index}") == pytest.approx(1)


def test_zones_that_tile_add_up(measure, labels, uncertainty):
    """Edges through pixel centres and between them: each pixel belongs to exactly one zone."""
    left, top = TRANSFORM[0], TRANSFORM[3]
    xs = [left, left + 20.25, left + 77.1, left + 150]
    ys = [top - 100, top - 60.25, top - 33.3, top]
    shapes = [box(a, c, b, d) for a, b in zip(xs, xs[1:]) for c, d in zip(ys, ys[1:])]
    rows = measure(ZONES=polygons(*shapes), UNCERTAINTY=uncertainty)
    whole, zones = rows[:3], rows[3:]
    assert len(zones) == 9 * 3
    for column in ("pixels", "area"):
        sums = [sum(row[column] for row in zones if row["class"] == value) for value in range(3)]
        assert sums == pytest.approx([row[column] for row in whole])
    unsure = sum(row["area"] * row["unsure_share"] for row in zones if row["unsure_share"] is not None)
    assert unsure == pytest.approx(sum(row["area"] * row["unsure_share"] for row in whole))


def test_zones_in_another_crs(measure, labels, feedback):
    """Zones in degrees are brought to the raster."""
    shape = QgsGeometry.fromWkt(box(500020, 4999930, 500090, 4999990))
    utm, degrees = QgsCoordinateReferenceSystem("EPSG:32633"), QgsCoordinateReferenceSystem("EPSG:4326")
    turned = QgsGeometry(shape)
    turned.transform(QgsCoordinateTransform(utm, degrees, QgsProject.instance()))
    rows = measure(ZONES=polygons(turned.asWkt(15), crs="EPSG:4326"))
    assert [row["pixels"] for row in rows[3:]] == by_point(labels, shape).tolist()
    assert feedback.warnings == []


def test_zone_outside_is_zero_with_a_warning(measure, feedback):
    """Outside, without geometry, smaller than a pixel: zeros, and one line that names them."""
    tiny = box(500010.01, 4999990.01, 500010.02, 4999990.02)
    rows = measure(ZONES=polygons(box(0, 0, 9, 9), None, tiny, names=["far", "none", "tiny"]), ZONE_FIELD="label")
    assert [row["pixels"] for row in rows[3:]] == [0] * 9
    assert [row["area"] for row in rows[3:]] == [0] * 9
    assert [row["share"] for row in rows[3:]] == [0] * 9
    [line] = feedback.warnings
    assert "3 of 3 zones" in line
    assert "'far', 'none', 'tiny'" in line


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
        with pytest.raises(QgsProcessingException, match="does not cover the same extent"):
            measure(UNCERTAINTY=path)
    with pytest.raises(QgsProcessingException, match="does not cover the same extent"):
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
    from uhrs_qgis_plugin.algorithms.class_areas_ground import NOT_MEASURED, measure

    assert measure("", TRANSFORM, False) == (None, NOT_MEASURED)
    assert measure("rubbish", TRANSFORM, False) == (None, NOT_MEASURED)
    geocentric = osr.SpatialReference()
    geocentric.ImportFromEPSG(4978)
    assert measure(geocentric.ExportToWkt(), TRANSFORM, False) == (None, NOT_MEASURED)


def test_qgis_process(qgis_process, classes, uncertainty, labels, tmp_path):  # noqa: F811 (the fixture)
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
    files = {"areas:OUTPUT": str(tmp_path / "m.gpkg"), "areas:HTML": str(tmp_path / "m.html")}
    results, fine = model.run({"CLASSES": classes, "UNCERTAINTY": uncertainty, **files}, context, feedback)
    assert fine, feedback.errors
    assert len(table(results["areas:OUTPUT"])) == 3
    assert os.path.exists(results["areas:HTML"])


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
