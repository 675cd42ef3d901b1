"""`uhrs:classareas`: what it measures."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsGeometry,
    QgsProcessingOutputHtml,
    QgsProject,
    QgsUnitTypes,
)

from tests.qgis.class_areas.cases import (
    DEGREES,
    NAMES,
    ROTATED,
    box,
    by_point,
    ellipsoidal,
    polygons,
    write_classes,
)
from tests.qgis.conftest import TRANSFORM, write_raster


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
