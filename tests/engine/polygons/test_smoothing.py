"""Smoothed borders: valid, shared, bounded, and the same however the raster is cut into strips."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.polygons.cases import patches_by_flood, read_rows, strips_of
from tests.engine.polygons.test_exact import scenes
from tests.environments import can_import
from uhrs_qgis_plugin.engine.polygons import PolygonOptions


def blobs(seed, side=60, classes=4):
    """Smooth random regions with ragged borders, some lines one pixel wide, and holes without data."""
    generator = np.random.default_rng(seed)
    fields = generator.normal(size=(classes, side, side))
    for _ in range(6):
        fields = (fields + np.roll(fields, 1, 1) + np.roll(fields, -1, 1) + np.roll(fields, 1, 2)) / 4
    labels = fields.argmax(axis=0)
    labels[generator.integers(side), :] = labels[:, generator.integers(side)] = 7
    labels[5:9, 20:26] = 255
    return labels


def area_of(rings):
    return sum(np.dot(r[:-1, 0], r[1:, 1]) - np.dot(r[1:, 0], r[:-1, 1]) for r in rings) / 2


CASES = [*scenes(), *((f"blobs {seed}", blobs(seed)) for seed in range(4))]


@pytest.mark.skipif(not can_import("osgeo"), reason="GEOS is in .venv-qgis, where this test runs")
@pytest.mark.parametrize(("name", "labels"), CASES, ids=[name for name, _ in CASES])
@pytest.mark.parametrize("smoothing", [0.3, 1.0, 3.0, 20.0])
def test_polygons_are_valid_and_share_their_borders(outline, name, labels, smoothing):
    """By GEOS: every polygon is valid; all of them together have no gap and no overlap, and are what holds data."""
    from osgeo import ogr

    path, report = outline(labels, PolygonOptions(min_area=0, smoothing=smoothing), transform=None)
    layer = ogr.Open(path)
    everything = ogr.Geometry(ogr.wkbMultiPolygon)
    total = 0.0
    for feature in layer.GetLayer(0):
        geometry = feature.GetGeometryRef()
        assert geometry.IsValid(), geometry.ExportToWkt()
        assert geometry.GetArea() > 0
        total += geometry.GetArea()
        everything.AddGeometry(geometry)
    assert report.polygons == patches_by_flood(labels, 255).max()
    assert total == pytest.approx((labels != 255).sum(), abs=1e-6)
    assert everything.UnionCascaded().GetArea() == pytest.approx(total, abs=1e-6)


@pytest.mark.parametrize("smoothing", [0.4, 1.0, 2.5])
def test_strips_do_not_show(outline, smoothing):
    found = []
    for rows in (1, 7, 60):
        with strips_of(rows):
            path, report = outline(blobs(9), PolygonOptions(min_area=6, smoothing=smoothing))
        found.append((report.max_shift_pixels, [repr(row) for row in read_rows(path)]))
    assert found[0] == found[1] == found[2]


def test_nothing_moves_further_than_asked(outline):
    """Every corner of the raster's borders is near a border; what is reported is the largest distance."""
    labels = blobs(5)
    exact, _ = outline(labels, transform=None)
    for smoothing in (0.5, 1.5):
        path, report = outline(labels, PolygonOptions(min_area=0, smoothing=smoothing), transform=None)
        largest = 0.0
        for before, after in zip(read_rows(exact), read_rows(path)):
            assert (before["class"], before["pixels"]) == (after["class"], after["pixels"])
            one = np.concatenate([ring[:-1] for ring in after["rings"]])
            other = np.concatenate([ring[1:] for ring in after["rings"]])
            for corner in np.concatenate(before["rings"]):
                along, offset = other - one, corner - one
                share = np.clip((along * offset).sum(1) / (along * along).sum(1), 0, 1)
                largest = max(largest, np.sqrt(((offset - along * share[:, None]) ** 2).sum(1)).min())
        assert largest <= report.max_shift_pixels + 1e-3
        assert report.max_shift_pixels <= smoothing + np.sqrt(0.5)


def test_stairs_become_a_line(outline):
    """A slanting border of stairs: a line with two points."""
    rows, cols = np.indices((40, 60))
    for slope in (1.0, 0.5, 0.3):
        path, _ = outline((rows > 5 + slope * cols).astype(int), PolygonOptions(min_area=0), transform=None)
        assert max(len(row["rings"][0]) for row in read_rows(path)) <= 8


def test_sharp_corners_stay(outline):
    labels = np.zeros((20, 30), int)
    labels[5:15, 6:22] = 1
    path, _ = outline(labels, PolygonOptions(("1",), 0), transform=None)
    (row,) = read_rows(path)
    assert {tuple(point) for point in row["rings"][0]} == {(6, -5), (22, -5), (22, -15), (6, -15)}


def test_thin_and_tiny_polygons_do_not_vanish(outline):
    labels = np.zeros((15, 40), int)
    labels[7, 3:37] = 1
    labels[3, 3] = 2
    path, _ = outline(labels, PolygonOptions(min_area=0, smoothing=10), transform=None)
    assert sorted(row["class"] for row in read_rows(path)) == [0, 1, 2]
    assert all(area_of(row["rings"]) > 0 for row in read_rows(path))


def test_area_is_that_of_the_outline(outline):
    labels = blobs(2)
    path, report = outline(labels, PolygonOptions(min_area=0), crs="", transform=None)
    rows = read_rows(path)
    assert sum(entry["area_pixels"] for entry in report.by_class) == pytest.approx(
        sum(area_of(r["rings"]) for r in rows)
    )


@pytest.mark.skipif(not can_import("hypothesis"), reason="hypothesis is in .venv-train, where this test runs")
def test_any_raster(outline):
    """Nothing is lost, in any raster and however it is read."""
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def check(data):
        height, width = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
        values = st.lists(st.sampled_from([0, 1, 2, 255]), min_size=height * width, max_size=height * width)
        labels = np.array(data.draw(values)).reshape(height, width)
        options = PolygonOptions(min_area=0, smoothing=data.draw(st.sampled_from([0.4, 1.0, 3.0])))
        contents = []
        for rows in (data.draw(st.integers(1, height)), height):
            with strips_of(rows):
                path, _ = outline(labels, options, transform=None)
            contents.append([repr(row) for row in read_rows(path)])
        assert contents[0] == contents[1]
        assert sum(area_of(row["rings"]) for row in read_rows(path)) == pytest.approx((labels != 255).sum())

    check()
