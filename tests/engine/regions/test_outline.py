"""Outlines of regions: valid, oriented, and around exactly the cells they should be around."""

from __future__ import annotations

import importlib.util
import struct

import numpy as np
import pytest

from tests.engine.raster_cases import NORTH_UP, ROTATED, SOUTH_UP
from tests.engine.regions.test_regions import random_map
from uhrs_qgis_plugin.engine.regions.outline import to_wkb, trace

HAS_OGR = importlib.util.find_spec("osgeo") is not None


def runs_of(flags):
    """Runs by walking along the rows."""
    runs = []
    for row, line in enumerate(flags.tolist()):
        col = 0
        while col < len(line):
            start = col
            while col < len(line) and line[col]:
                col += 1
            if col > start:
                runs.append((row, start, col))
            col += 1
    return np.array(runs, np.int32).reshape(-1, 3)


def shoelace(ring):
    x, y = np.asarray(ring, float).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def inside(ring, shape):
    """Which cells' centres lie inside a ring: count the vertical edges to the left."""
    crossings = np.zeros(shape, int)
    for (x0, y0), (x1, y1) in zip(ring[:-1].tolist(), ring[1:].tolist()):
        if x0 == x1:
            crossings[min(y0, y1) : max(y0, y1), x0:] += 1
    return crossings % 2 == 1


def side_parts(flags):
    """How many parts hang together by sides."""
    todo = set(zip(*(part.tolist() for part in np.nonzero(flags))))
    count = 0
    while todo:
        stack = [todo.pop()]
        count += 1
        while stack:
            row, col = stack.pop()
            for cell in ((row - 1, col), (row + 1, col), (row, col - 1), (row, col + 1)):
                if cell in todo:
                    todo.remove(cell)
                    stack.append(cell)
    return count


def check(flags):
    """Everything that makes a multi-polygon valid, and the right one."""
    polygons = trace(runs_of(flags))
    assert len(polygons) == side_parts(flags)
    covered = np.zeros(flags.shape, int)
    sides = set()
    for polygon in polygons:
        outer = inside(polygon[0], flags.shape)
        cells = outer.astype(int)
        for number, ring in enumerate(polygon):
            assert np.array_equal(ring[0], ring[-1])
            points = [tuple(point) for point in ring[:-1].tolist()]
            assert len(set(points)) == len(points)  # a ring never touches itself
            steps = np.diff(ring, axis=0)
            assert ((steps == 0).sum(axis=1) == 1).all()  # along the grid
            assert ((steps[:-1] == 0) != (steps[1:] == 0)).all()  # every point is a corner
            # Rows go down here, so that anticlockwise to the eye is negative.
            assert (shoelace(ring) < 0) == (number == 0)
            for (x0, y0), (x1, y1) in zip(ring[:-1].tolist(), ring[1:].tolist()):
                for at in range(min(x0, x1) + min(y0, y1), max(x0, x1) + max(y0, y1)):
                    side = (x0, at - x0, "v") if x0 == x1 else (at - y0, y0, "h")
                    assert side not in sides  # no edge is used twice, by any ring
                    sides.add(side)
            if number:
                hole = inside(ring, flags.shape)
                assert (hole <= outer).all()
                cells -= hole
        assert set(np.unique(cells)) <= {0, 1}
        assert -sum(shoelace(ring) for ring in polygon) == cells.sum()
        covered += cells
    assert np.array_equal(covered, flags.astype(int))
    if HAS_OGR:
        from osgeo import ogr

        geometry = ogr.CreateGeometryFromWkb(to_wkb(polygons, NORTH_UP))
        assert geometry.IsValid()
        assert geometry.Area() == pytest.approx(flags.sum() * 0.25)


@pytest.mark.parametrize("density", [0.1, 0.35, 0.5, 0.65, 0.9])
def test_random_cells(density):
    for seed in range(30):
        rng = np.random.default_rng(seed)
        flags = rng.random(rng.integers(1, 14, 2)) < density
        if flags.any():
            check(flags)


def test_blobs():
    for seed in range(5):
        check(random_map(seed) >= 120)


@pytest.mark.parametrize(
    "picture",
    [
        "#",
        "##|##",
        "#.|.#",
        ".#|#.",
        "#.#|.#.|#.#",
        "###|#.#|###",
        ".##|#.#|##.",
        "##.|#.#|.##",
        "####|#.##|##.#|####",
        "####|##.#|#.##|####",
        "#####|#...#|#.#.#|#...#|#####",
        "#####|##.##|#.#.#|##.##|#####",
        "###.|#.##|##.#|.###",
        "######|#....#|#.##.#|#.##.#|#....#|######",
        "##..|#.#.|####|..##",
        ".#.#.|#.#.#|.#.#.|#.#.#",
    ],
)
def test_corners_that_touch(picture):
    """Rings that touch at corners, holes in corners, islands in holes."""
    check(np.array([[letter == "#" for letter in line] for line in picture.split("|")]))


@pytest.mark.parametrize("transform", [NORTH_UP, SOUTH_UP, ROTATED, (3.0, -2.0, 0.0, 4.0, 0.0, -1.0)])
def test_placed_on_the_map(transform):
    """Corners are where the geotransform says; outer rings are anticlockwise on the map for any of them."""
    flags = np.ones((5, 4), bool)
    flags[2, 1:3] = False
    data = to_wkb(trace(runs_of(flags)), transform)
    rings = read_wkb(data)
    assert len(rings) == 2
    assert shoelace(rings[0]) > 0 > shoelace(rings[1])
    cell = abs(transform[1] * transform[5] - transform[2] * transform[4])
    origin = rings[0][0]
    assert sum(shoelace(ring - origin) for ring in rings) == pytest.approx(18 * cell)
    x, x_col, x_row, y, y_col, y_row = transform
    corners = {(x + c * x_col + r * x_row, y + c * y_col + r * y_row) for c in (0, 4) for r in (0, 5)}
    assert {tuple(point) for point in rings[0].tolist()} == corners


def read_wkb(data):
    """The rings of a multi-polygon of one polygon."""
    assert struct.unpack_from("<BII", data) == (1, 6, 1)
    order, kind, count = struct.unpack_from("<BII", data, 9)
    assert (order, kind) == (1, 3)
    at, rings = 18, []
    for _ in range(count):
        (points,) = struct.unpack_from("<I", data, at)
        rings.append(np.frombuffer(data, "<f8", points * 2, at + 4).reshape(-1, 2))
        at += 4 + points * 16
    assert at == len(data)
    return rings
