"""`uhrs:uncertainregions`: what it finds."""

from __future__ import annotations

import os

import numpy as np
import pytest
from qgis.core import (
    QgsDistanceArea,
    QgsPointXY,
    QgsRasterLayer,
)

from tests.qgis.uncertain_regions.cases import (
    DEGREES,
    FIELDS,
    ROTATED,
    make_classes,
    make_uncertainty,
    rows,
)
from uhrs_qgis_plugin.algorithms.uncertain_regions import algorithm as algorithm_module
from uhrs_qgis_plugin.engine.regions import search as regions
from uhrs_qgis_plugin.layers.region_styles import describe_regions


def test_provider_lists_the_algorithm(algorithm):
    """In group Review, with icon, help for every parameter, and the engine's defaults."""
    assert algorithm.displayName() == "Uncertain regions"
    assert (algorithm.group(), algorithm.groupId()) == ("Review", "review")
    assert "uncertainty" in algorithm.tags()
    assert os.path.exists(algorithm.svgIconPath())
    assert not algorithm.icon().pixmap(24).isNull()
    names = [parameter.name() for parameter in algorithm.parameterDefinitions()]
    options = ["TOP", "THRESHOLD", "SPREAD", "MIN_AREA", "MERGE", "LIMIT"]
    assert names == ["UNCERTAINTY", "BAND", "CLASSES", *options, "OUTPUT"]
    for parameter in algorithm.parameterDefinitions():
        assert parameter.help()
        assert parameter.help() in algorithm.shortHelpString()
    required = [p.name() for p in algorithm.parameterDefinitions() if not p.flags() & p.FlagOptional]
    assert required == ["UNCERTAINTY", "TOP", "SPREAD", "MIN_AREA", "MERGE", "LIMIT", "OUTPUT"]
    default = regions.RegionOptions()
    for name, value in (
        ("TOP", default.top),
        ("MIN_AREA", default.min_cells),
        ("MERGE", default.merge),
        ("LIMIT", default.limit),
        ("SPREAD", default.spread),
    ):
        assert algorithm.parameterDefinition(name).defaultValue() == value
    assert (regions.MOST_MERGE, regions.MOST_REGIONS) == (algorithm_module.MOST_MERGE, algorithm_module.MOST_REGIONS)


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


def test_spread_over_squares(find, feedback):
    """Squares of 16 of 20 x 30 cells: upper left ring and block, on the right a single cell each."""
    options = {"SPREAD": "16", "THRESHOLD": None, "TOP": 6, "MIN_AREA": 1}
    results, layer = find(**options)
    assert [row["cells"] for row in rows(layer)] == [8, 1, 1, 6]
    assert [row["rank"] for row in rows(layer)] == [1, 2, 3, 4]
    assert results["LEAST_UNCERTAINTY"] == pytest.approx(190 / 254)
    assert "uncertainty from 0.75 in the surest of the squares of 16 cells: 16 cells" in "\n".join(feedback.lines)
    assert [row["cells"] for row in rows(find(**options, LIMIT=3)[1])] == [8, 1, 1]
    assert len(rows(find(SPREAD=16, MIN_AREA=1)[1])) == 5  # a threshold is the same everywhere


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
    describe_regions(layer)
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


def test_classes_without_names(find, tmp_path):
    _, layer = find(CLASSES=make_classes(tmp_path / "classes.tif", names=()))
    assert [row["class"] for row in rows(layer)] == ["class 1", "class 2", "class 1"]
