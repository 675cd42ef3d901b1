"""Outlines with right angles: for what has them, near its border, and never into another polygon."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.polygons.cases import read_rows, strips_of
from tests.engine.polygons.test_smoothing import area_of, blobs
from tests.environments import can_import
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.polygons import PolygonOptions

ROOFS = PolygonOptions(("1",), 0, right_angles=("1",))


def turned(shape, middle, sizes, degrees):
    """Which pixels lie in a turned rectangle."""
    rows, cols = np.indices(shape)
    angle = np.deg2rad(degrees)
    along = (cols - middle[1]) * np.cos(angle) + (rows - middle[0]) * np.sin(angle)
    across = (rows - middle[0]) * np.cos(angle) - (cols - middle[1]) * np.sin(angle)
    return (np.abs(along) < sizes[0] / 2) & (np.abs(across) < sizes[1] / 2)


def angles(ring):
    steps = np.diff(ring, axis=0)
    before = np.roll(steps, 1, axis=0)
    lengths = np.linalg.norm(steps, axis=1) * np.linalg.norm(before, axis=1)
    return np.degrees(np.arccos(np.clip((steps * before).sum(axis=1) / lengths, -1, 1)))


@pytest.mark.parametrize("degrees", [0, 7, 20, 45, 71])
def test_a_turned_roof_gets_four_corners(outline, degrees):
    labels = turned((90, 90), (45, 44), (50, 28), degrees).astype(int)
    labels[45, 45] = 0  # a speck, which is filled
    path, report = outline(labels, PolygonOptions(("1",), 5, right_angles=("1",)), transform=None)
    (row,) = read_rows(path)
    (ring,) = row["rings"]
    assert len(ring) == 5
    assert angles(ring) == pytest.approx(90, abs=1e-6)
    steps = np.diff(ring, axis=0)
    assert sorted(np.linalg.norm(steps, axis=1))[::2] == pytest.approx([28, 50], abs=1.2)
    assert area_of(row["rings"]) == pytest.approx(labels.sum() + 1, rel=0.05)
    assert (report.right_angles, report.no_right_angles) == (1, 0)
    assert 0 <= report.max_right_angle_shift_pixels <= 3


def test_an_l_shaped_roof_keeps_its_corner(outline):
    shape = (100, 100)
    labels = turned(shape, (50, 50), (60, 40), 25) & ~turned(shape, (46, 75), (30, 24), 25)
    path, _ = outline(labels.astype(int), ROOFS, transform=None)
    (row,) = read_rows(path)
    assert len(row["rings"][0]) == 7
    assert angles(row["rings"][0]) == pytest.approx(90, abs=1e-6)


def test_what_is_round_or_slanting_is_smoothed(outline):
    rows, cols = np.indices((80, 80))
    disc = (np.hypot(rows - 40, cols - 40) < 25).astype(int)
    triangle = ((rows > 20) & (cols > 15) & (rows + 2 * cols < 150)).astype(int)
    for labels in (disc, triangle):
        path, report = outline(labels, ROOFS, transform=None)
        assert (report.right_angles, report.no_right_angles) == (0, 1)
        assert area_of(read_rows(path)[0]["rings"]) == pytest.approx(labels.sum(), rel=0.05)


def test_neighbours_share_the_new_border(outline):
    """A roof in a field: the field has a hole where the roof is, corner by corner."""
    labels = turned((90, 90), (45, 44), (50, 28), 20).astype(int)
    path, _ = outline(labels, PolygonOptions((), 0, right_angles=("1",)), transform=None)
    roof, field = read_rows(path)
    assert {tuple(point) for point in field["rings"][1]} == {tuple(point) for point in roof["rings"][0]}
    assert area_of(field["rings"]) + area_of(roof["rings"]) == pytest.approx(labels.size)


def test_roofs_that_are_near_each_other_do_not_meet(outline):
    """Two blocks with ragged sides, one or two pixels apart."""
    generator = np.random.default_rng(0)
    for gap in (1, 2, 4):
        labels = np.zeros((60, 90), int)
        for row in range(10, 50):
            labels[row, 10 + generator.integers(2) : 42 - generator.integers(2)] = 1
            labels[row, 42 + gap + generator.integers(2) : 80 - generator.integers(2)] = 1
        path, _ = outline(labels, PolygonOptions(("1",), 20, right_angles=("1",), smoothing=0.5), transform=None)
        left, right = sorted(read_rows(path), key=lambda row: row["box"][0])
        assert left["box"][1] < right["box"][0]


def roofs(seed, side=160):
    """Turned rectangles at random places, some of which touch or lie in each other, on blobs of other classes."""
    generator = np.random.default_rng(seed)
    labels = blobs(seed, side, 2) % 2 + 2
    for _ in range(25):
        middle, sizes = generator.integers(10, side - 10, 2), generator.integers(6, 34, 2)
        labels[turned(labels.shape, middle, sizes, generator.integers(90))] = 1
    labels[5:9, 20:26] = 255
    return labels


@pytest.mark.skipif(not can_import("osgeo"), reason="GEOS is in .venv-qgis, where this test runs")
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("classes", [(), ("1",)])
def test_polygons_are_valid_and_do_not_overlap(outline, seed, classes):
    from osgeo import ogr

    labels = roofs(seed)
    options = PolygonOptions(classes, 8, right_angles=("1",), shift=2 + seed)
    path, _ = outline(labels, options, transform=None)
    layer = ogr.Open(path)
    everything, total = ogr.Geometry(ogr.wkbMultiPolygon), 0.0
    for feature in layer.GetLayer(0):
        geometry = feature.GetGeometryRef()
        assert geometry.IsValid(), geometry.ExportToWkt()
        total += geometry.GetArea()
        everything.AddGeometry(geometry)
    assert everything.UnionCascaded().GetArea() == pytest.approx(total, abs=1e-6)
    if not classes:
        assert total == pytest.approx((labels != 255).sum(), abs=1e-6)


def test_strips_do_not_show(outline):
    found = []
    for rows in (3, 50, 160):
        with strips_of(rows):
            path, report = outline(roofs(8), PolygonOptions(("1",), 8, right_angles=("1",)))
        found.append((report.right_angles, [repr(row) for row in read_rows(path)]))
    assert found[0] == found[1] == found[2]
    assert found[0][0] > 0


def test_classes_that_are_not_outlined(outline):
    with pytest.raises(OptionsError, match="Right angles are asked for 'class 2', which is not outlined"):
        outline(np.ones((4, 4)), PolygonOptions(("1",), right_angles=("2",)))
    with pytest.raises(OptionsError, match="shift=0"):
        PolygonOptions(shift=0)
