"""Areas of pixels on the ground."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.engine.areas.cases import WGS84, Memory, count, mercator
from uhrs_qgis_plugin.engine.areas.counting import AreaSources
from uhrs_qgis_plugin.engine.areas.pixel_areas import Ellipsoid, geographic, projected
from uhrs_qgis_plugin.engine.grid import Window


@pytest.mark.parametrize(("south", "north"), [(0, 10), (50, 60), (-35, -25), (80, 90), (-5, 5)])
def test_degrees_against_the_band_of_latitude(south, north, small_blocks):
    """The analytic area of a band of latitude on WGS 84 (here by integrating M N cos), to 1e-4."""
    raster = Memory(np.ones((100, 360), np.uint8)[None])
    transform = (-180.0, 1.0, 0.0, north, 0.0, (south - north) / 100)
    [whole] = count(AreaSources(raster), geographic(transform, WGS84))
    latitudes = np.radians(np.linspace(south, north, 200001))
    squared = WGS84.flattening * (2 - WGS84.flattening)
    ring = WGS84.semi_major_m**2 * (1 - squared) * np.cos(latitudes) / (1 - squared * np.sin(latitudes) ** 2) ** 2
    step = latitudes[1] - latitudes[0]
    expected = 2 * np.pi * step * (ring.sum() - (ring[0] + ring[-1]) / 2)
    assert whole.area[1] == pytest.approx(expected, rel=1e-8)


def test_whole_earth_and_sphere():
    """Known areas: WGS 84 has 510 065 621.724 km2, a sphere 4 pi r2; rows beyond the poles have none."""
    whole = geographic((-180, 1, 0, 91, 0, -1), WGS84).cells(np.arange(183.0), np.array([0.0, 360.0]))
    assert whole.sum() == pytest.approx(510065621.724e6, rel=1e-9)
    assert whole[0, 0] == 0
    sphere = geographic((-180, 1, 0, 90, 0, -1), Ellipsoid(1000.0, 0.0)).cells(np.arange(181.0), np.array([0.0, 360.0]))
    assert sphere.sum() == pytest.approx(4 * math.pi * 1e6)


def test_area_is_counted_row_by_row():
    """A class in the north of a degree raster has less ground than one of as many pixels in the south."""
    labels = np.zeros((60, 10), np.uint8)
    labels[30:] = 1
    [whole] = count(AreaSources(Memory(labels[None])), geographic((0, 1, 0, 60, 0, -1), WGS84))
    s30, s60 = WGS84.area_from_equator(np.radians([30.0, 60.0]))
    assert whole.area[:2] == pytest.approx([(s60 - s30) * math.radians(10), s30 * math.radians(10)], rel=1e-12)


def test_projection_and_its_distortion():
    """Mercator of a sphere at 60 degrees shows four times the ground."""
    y = 1000 * math.log(math.tan(math.pi / 4 + math.radians(60) / 2))
    pixels = projected((0, 0.1, 0, y, 0, -0.1), Ellipsoid(1000.0, 0.0), mercator)
    assert pixels.of_window(Window(0, 0, 1, 1))[0, 0] == pytest.approx(0.01 / 4, rel=1e-3)
    tall = pixels.of_window(Window(0, 0, 400, 200))
    assert tall.shape == (400, 1)
    assert tall[:, 0] == pytest.approx(pixels.cells(np.arange(401.0), np.arange(2.0))[:, 0])


def test_cells_across_the_jump_of_longitudes():
    """180 degrees inside a raster: the same areas as elsewhere."""

    def shifted(x, y):
        longitude, latitude = mercator(x, y)
        return (longitude + 2 * np.pi) % (2 * np.pi) - np.pi, latitude

    sphere = Ellipsoid(1000.0, 0.0)
    there = projected((-50, 1, 0, 50, 0, -1), sphere, shifted).cells(np.arange(101.0), np.arange(101.0))
    here = projected((-50, 1, 0, 50, 0, -1), sphere, mercator).cells(np.arange(101.0), np.arange(101.0))
    assert there == pytest.approx(here)


def test_uneven_in_both_directions():
    """A rotated raster of coarse pixels: (h, w) areas whose sum is that of the small cells."""
    pixels = geographic((0, 0.02, 0.01, 50, 0.01, -0.02), WGS84)
    window = Window(5, 7, 101, 203)
    found = pixels.of_window(window)
    exact = pixels.cells(np.arange(5.0, 107.0), np.arange(7.0, 211.0))
    assert found.shape == (101, 203)
    assert found.sum() == pytest.approx(exact.sum(), rel=1e-6)  # edges are not quite straight
    assert np.abs(found / exact - 1).max() < 5e-3
    labels = np.zeros((300, 400), np.uint8)
    labels[:, 200:] = 1
    [whole] = count(AreaSources(Memory(labels[None])), pixels)
    exact = pixels.cells(np.arange(301.0), np.arange(401.0))
    assert whole.area[:2] == pytest.approx([exact[:, :200].sum(), exact[:, 200:].sum()], rel=1e-6)


def test_where_there_is_no_ground():
    """Corners of a map outside of its projection have no area, and do no harm."""

    def half(x, y):
        return np.where(x < 5, x / 1000, np.inf), y / 1000

    cells = projected((0, 1, 0, 0, 0, -1), Ellipsoid(1000.0, 0.0), half).cells(np.arange(3.0), np.arange(11.0))
    assert (cells[:, :4] > 0).all()
    assert (cells[:, 5:] == 0).all()
