"""Polygons along the sides of pixels: whole, valid, and exactly what the raster holds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.polygons.cases import is_simple, patches_by_flood, read_rows, strips_of
from tests.environments import can_import
from uhrs_qgis_plugin.engine.areas.polygons import PixelPolygon
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.polygons import PolygonOptions


def fill(rings, shape):
    return PixelPolygon.of([rings]).mask(Window(0, 0, *shape))


def scenes():
    """Rasters with what makes outlines hard: corners that touch, rings in rings, a frame, lines, noise."""
    generator = np.random.default_rng(5)
    yield "noise", generator.integers(0, 2, (17, 23))
    yield "noise of five classes and no data", generator.choice([0, 1, 2, 3, 4, 255], (31, 19))
    yield "coarse noise", np.kron(generator.integers(0, 3, (7, 6)), np.ones((5, 4), int))
    yield "one pixel", np.array([[3]])
    yield "one row", np.array([[1, 1, 2, 255, 2, 1]])
    yield "one column", np.array([[1, 1, 2, 255, 2, 1]]).T
    yield "a checkerboard", np.indices((9, 11)).sum(axis=0) % 2
    rings = np.minimum.reduce(np.meshgrid(*[np.minimum(np.arange(13), np.arange(13)[::-1])] * 2)) % 2
    yield "rings in rings", rings
    frame = np.ones((8, 9), int)
    frame[1:-1, 1:-1] = 255
    frame[3:5, 3:6] = 1
    yield "a frame around no data", frame
    touching = np.zeros((7, 7), int)
    touching[1:6, 1:6] = 1
    touching[2, 2] = touching[3, 3] = touching[4, 4] = touching[2, 4] = 0
    yield "holes that touch at corners", touching
    stairs = (np.add.outer(np.arange(12), np.arange(15)) > 12).astype(int)
    yield "stairs", stairs
    spiral = np.zeros((11, 11), int)
    spiral[1, 1:10] = spiral[1:10, 9] = spiral[9, 1:10] = spiral[3:10, 1] = spiral[3, 1:8] = spiral[3:8, 7] = 1
    yield "a spiral", spiral


@pytest.mark.parametrize(("name", "labels"), list(scenes()), ids=[name for name, _ in scenes()])
@pytest.mark.parametrize("rows", [1, 2, 5, 1000])
def test_every_patch_becomes_its_pixels(outline, name, labels, rows):
    """Number, class, pixels, rings, validity and place of every polygon, however the raster is cut into strips."""
    with strips_of(rows):
        path, report = outline(labels, transform=None)
    patches = patches_by_flood(labels, 255)
    found = read_rows(path)
    assert len(found) == patches.max() == report.polygons
    left = set(range(1, patches.max() + 1))
    for row in found:
        rings = [ring * [1, -1] for ring in row["rings"]]  # without a transform QGIS draws rows downwards from 0
        mask = fill(rings, labels.shape)
        numbers = np.unique(patches[mask])
        assert len(numbers) == 1
        left.remove(int(numbers[0]))
        assert np.array_equal(mask, patches == numbers[0])
        assert row["class"] == labels[mask][0]
        assert row["pixels"] == mask.sum()
        assert is_simple(rings)
        x, y = np.concatenate(row["rings"]).T
        assert row["box"] == (x.min(), x.max(), y.min(), y.max())
        areas = [np.dot(r[:-1, 0], r[1:, 1]) - np.dot(r[1:, 0], r[:-1, 1]) for r in row["rings"]]
        assert areas[0] > 0 > max(areas[1:], default=-1), "outer ring anticlockwise, holes clockwise"
    assert not left


def test_strips_do_not_show(outline):
    """The same bytes, whether the raster is read whole or row by row."""
    generator = np.random.default_rng(3)
    labels = generator.choice([0, 1, 2, 255], (40, 30), p=[0.5, 0.3, 0.15, 0.05])
    contents = []
    for rows in (1, 3, 7, 40):
        for options in (PolygonOptions(min_area=0, smoothing=0), PolygonOptions(min_area=1.1, min_hole=3, smoothing=0)):
            with strips_of(rows):
                path, _ = outline(labels, options)
            contents.append(sorted(repr(row) for row in read_rows(path) if row.pop("fid")))
    assert contents[0::2] == [contents[0]] * 4
    assert contents[1::2] == [contents[1]] * 4


@pytest.mark.skipif(not can_import("hypothesis"), reason="hypothesis is in .venv-train, where this test runs")
def test_any_raster(outline):
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def check(data):
        height, width = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
        values = st.lists(st.sampled_from([0, 1, 255]), min_size=height * width, max_size=height * width)
        labels = np.array(data.draw(values)).reshape(height, width)
        test_every_patch_becomes_its_pixels(outline, "any", labels, data.draw(st.integers(1, height)))

    check()
