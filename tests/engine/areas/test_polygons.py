"""Which pixels lie in a polygon, against asking every centre one by one."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.areas.polygons import PixelPolygon, read_wkb
from uhrs_qgis_plugin.engine.grid import Window

WHOLE = Window(0, 0, 40, 60)


def closed(*points):
    return np.array([*points, points[0]], np.float64)


def one_by_one(parts, window=WHOLE):
    """Ask every centre by itself: a ray to the right meets an odd number of edges of a part; parts are joined."""
    y, x = np.mgrid[window.row : window.row_end, window.col : window.col_end] + 0.5
    mask = np.zeros(x.shape, bool)
    for part in parts:
        met = np.zeros(x.shape, int)
        for ring in part:
            for (x0, y0), (x1, y1) in zip(ring[:-1], ring[1:]):
                if y0 != y1:
                    met += ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
        mask |= met % 2 == 1
    return mask


def wkb(parts, order="<"):
    mark = b"\x01" if order == "<" else b"\x00"
    polygons = [
        mark
        + struct.pack(f"{order}II", 3, len(part))
        + b"".join(struct.pack(f"{order}I", len(ring)) + ring.astype(f"{order}f8").tobytes() for ring in part)
        for part in parts
    ]
    if len(polygons) == 1:
        return polygons[0]
    return mark + struct.pack(f"{order}II", 6, len(polygons)) + b"".join(polygons)


@pytest.mark.parametrize("seed", range(8))
def test_random_stars_with_holes(seed):
    """Two ragged polygons with a hole each, partly outside of the raster."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(2):
        centre, angles = rng.uniform(-5, 45, 2), np.sort(rng.uniform(0, 2 * np.pi, 12))
        outer = rng.uniform(8, 30, 12)
        rings = [
            closed(*(centre + np.stack((np.cos(angles), np.sin(angles)), 1) * radius[:, None]))
            for radius in (outer, outer * 0.4)
        ]
        parts.append(rings)
    mask = PixelPolygon.of(parts).mask(WHOLE)
    np.testing.assert_array_equal(mask, one_by_one(parts))
    assert mask.any()


@pytest.mark.parametrize("seed", range(4))
def test_a_window_is_a_crop_of_the_whole(seed):
    """Whatever the window, a pixel gets the same answer: blocks of a raster fit together."""
    rng = np.random.default_rng(seed)
    shape = PixelPolygon.of([[closed(*rng.uniform(-10, 70, (9, 2)))]])
    whole = shape.mask(WHOLE)
    for row, col, height, width in ((0, 0, 7, 60), (13, 5, 9, 31), (39, 59, 1, 1)):
        part = shape.mask(Window(row, col, height, width))
        np.testing.assert_array_equal(part, whole[row : row + height, col : col + width])


def test_polygons_that_share_an_edge_share_no_pixel():
    """A fan of triangles around a centre of a pixel, edges through centres: each pixel in one of them."""
    corners = [(0.5, 0.5), (30.5, 0.5), (59.5, 0.5), (59.5, 20.5), (59.5, 39.5), (20.5, 39.5), (0.5, 39.5), (0.5, 9.5)]
    middle = (22.5, 17.5)
    triangles = [
        PixelPolygon.of([[closed(middle, one, other)]]) for one, other in zip(corners, corners[1:] + corners[:1])
    ]
    counts = sum(triangle.mask(WHOLE).astype(int) for triangle in triangles)
    whole = PixelPolygon.of([[closed(*corners)]]).mask(WHOLE)
    np.testing.assert_array_equal(counts, whole.astype(int))
    assert whole.sum() == 39 * 59


def test_edges_through_centres_take_one_side():
    """Upper and left edges are in, lower and right ones are out."""
    mask = PixelPolygon.of([[closed((2.5, 3.5), (6.5, 3.5), (6.5, 8.5), (2.5, 8.5))]]).mask(WHOLE)
    assert [tuple(place) for place in np.argwhere(mask)[[0, -1]]] == [(3, 2), (7, 5)]
    assert mask.sum() == 20


def test_direction_crossings_and_repeated_points():
    """Direction does not matter; a bow tie fills both halves; points may come twice."""
    square = closed((3, 3), (20, 4), (18, 30), (2, 22))
    np.testing.assert_array_equal(
        PixelPolygon.of([[square]]).mask(WHOLE), PixelPolygon.of([[square[::-1]]]).mask(WHOLE)
    )
    bow = [[closed((5, 5), (35, 30), (35, 5), (5, 30))]]
    np.testing.assert_array_equal(PixelPolygon.of(bow).mask(WHOLE), one_by_one(bow))
    doubled = np.repeat(square, 2, axis=0)
    np.testing.assert_array_equal(PixelPolygon.of([[doubled]]).mask(WHOLE), PixelPolygon.of([[square]]).mask(WHOLE))


def test_shapes_that_hold_nothing():
    """Empty, a line, not finite, too small for a centre, elsewhere."""
    line, nan = closed((1, 1), (5, 5)), closed((1, 1), (np.nan, 4), (6, 7))
    for parts in ([], [[line]], [[nan]]):
        shape = PixelPolygon.of(parts)
        assert shape.window(WHOLE) is None
        assert not shape.mask(WHOLE).any()
    assert not PixelPolygon.of([[closed((5.6, 5.6), (6.4, 5.6), (6.4, 6.4))]]).mask(WHOLE).any()
    assert PixelPolygon.of([[closed((70, 5), (90, 5), (90, 9))]]).window(WHOLE) is None


def test_window_of_a_shape_holds_all_of_it():
    shape = PixelPolygon.of([[closed((10.2, 5.9), (30.7, 8), (22, 35.1))]])
    window = shape.window(WHOLE)
    assert (window.row, window.col, window.row_end, window.col_end) == (5, 10, 36, 31)
    assert shape.mask(window).sum() == shape.mask(WHOLE).sum()


@pytest.mark.parametrize("order", ["<", ">"])
def test_wkb(order):
    """Polygon and multipolygon, both byte orders, through a transform from map to pixels."""
    parts = [[closed((100, 50), (140, 50), (140, 20)), closed((110, 45), (120, 45), (120, 40))]]
    shape = read_wkb(wkb(parts, order), (-100, 1, 0, 50, 0, -1))
    expected = [[np.stack((ring[:, 0] - 100, 50 - ring[:, 1]), 1) for ring in part] for part in parts]
    np.testing.assert_array_equal(shape.mask(WHOLE), one_by_one(expected))
    two = read_wkb(wkb([*parts, [closed((101, 21), (110, 21), (110, 12))]], order), (-100, 1, 0, 50, 0, -1))
    assert np.unique(two.parts).tolist() == [0, 1]
    assert two.mask(WHOLE).sum() > shape.mask(WHOLE).sum()


POINT = b"\x01\x01\0\0\0" + bytes(16)


@pytest.mark.parametrize(
    "damage",
    [b"", b"\x01", wkb([[closed((0, 0), (9, 0), (9, 9))]])[:-9], POINT],
    ids=["empty", "one byte", "cut off", "a point"],
)
def test_wkb_that_is_no_polygon(damage):
    with pytest.raises(ValueError, match="geometry"):
        read_wkb(damage, (0, 1, 0, 0, 0, 1))
    with pytest.raises(ValueError, match="too many"):
        read_wkb(wkb([[closed((0, 0), (9, 0), (9, 9))]]) + b"x", (0, 1, 0, 0, 0, 1))


def test_many_edges_are_cut_into_parts(monkeypatch):
    """A ragged coast of 20,000 points gives the same with little memory."""
    angles = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    radius = 15 + 3 * np.sin(40 * angles)
    shape = PixelPolygon.of([[closed(*np.stack((30 + radius * np.cos(angles), 20 + radius * np.sin(angles)), 1))]])
    whole = shape.mask(WHOLE)
    monkeypatch.setattr("uhrs_qgis_plugin.engine.areas.polygons.MOST_CROSSINGS", 50)
    np.testing.assert_array_equal(shape.mask(WHOLE), whole)
    assert 500 < whole.sum() < 900


@pytest.mark.parametrize("crossings", [1, 40, 10**6])
def test_many_parts_are_joined(monkeypatch, crossings):
    """Islands, some of which lie on each other, are one shape, however many are filled together."""
    monkeypatch.setattr("uhrs_qgis_plugin.engine.areas.polygons.MOST_CROSSINGS", crossings)
    rng = np.random.default_rng(3)
    parts = []
    for _ in range(60):
        centre, angles = rng.uniform(-5, 65, 2), np.sort(rng.uniform(0, 2 * np.pi, 7))
        outer = centre + np.stack((np.cos(angles), np.sin(angles)), 1) * rng.uniform(1, 9, (7, 1))
        parts.append([closed(*outer), closed(*(centre + (outer - centre) / 3))])
    for window in (WHOLE, Window(7, 11, 9, 20)):
        mask = PixelPolygon.of(parts).mask(window)
        np.testing.assert_array_equal(mask, one_by_one(parts, window))
        assert 0 < mask.sum() < mask.size
