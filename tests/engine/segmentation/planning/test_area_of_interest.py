"""An area of interest: what lies outside counts as no data, and is not read."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from tests.engine.fakes import fake_bundle
from tests.engine.memory_raster import gradient
from tests.engine.segmentation.runs import SMALL, outputs_in, read_whole
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.cli import main
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.raster import crs_wkt_of, transform_points
from uhrs_qgis_plugin.engine.segmentation import Options, read_area, segment

LEFT, TOP, PIXEL = 500000.0, 5000000.0, 0.5
WIDTH, HEIGHT = 300, 200
TRIANGLE = ((20.3, 10.2), (260.7, 40.4), (90.1, 190.6))  # columns and rows


def wkb(*points, to_map=True):
    """A polygon as well-known binary in hexadecimal digits; points are columns and rows."""
    ring = [*points, points[0]]
    if to_map:
        ring = [(LEFT + PIXEL * x, TOP - PIXEL * y) for x, y in ring]
    numbers = struct.pack(f"<{2 * len(ring)}d", *(value for point in ring for value in point))
    return (struct.pack("<BIII", 1, 3, 1, len(ring)) + numbers).hex()


def in_triangle():
    """Which centres of pixels lie in the triangle: on the same side of each edge."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    sides = []
    for (x1, y1), (x2, y2) in zip(TRIANGLE, (*TRIANGLE[1:], TRIANGLE[0])):
        sides.append((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) > 0)
    return np.all(sides, axis=0) | ~np.any(sides, axis=0)


def run(raster, out, **changes):
    report = segment(raster, fake_bundle(), outputs_in(out), Options(**{"ratio": 0.5, **SMALL, **changes}))
    (labels,), info = read_whole(out / "classes.tif")
    cells, _ = read_whole(out / "uncertainty.tif")
    return labels, cells, info, report


def test_like_a_raster_without_data_outside(make_raster, streams, out):
    """Equal to a raster whose alpha band hides the rest, cut to the box of the area."""
    inside = in_triangle()
    rows, cols = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    box = slice(10, 191), slice(20, 261)  # what the corners touch
    assert (box[0].start <= rows[0], box[1].start <= cols[0]) == (True, True)
    data = gradient(HEIGHT, WIDTH)
    labels, cells, info, report = run(make_raster(width=WIDTH, height=HEIGHT, data=data), out, area=(wkb(*TRIANGLE),))
    assert labels.shape == inside[box].shape
    assert info.transform[0] == LEFT + PIXEL * 20
    assert ((labels == 255) == ~inside[box]).all()
    masked = np.concatenate([data, np.where(inside, 255, 0)[None].astype(np.uint8)])[:, box[0], box[1]]
    height, width = masked.shape[1:]
    twin = make_raster(width=width, height=height, data=masked, alpha=True)
    expected = run(twin, out)
    assert np.array_equal(labels, expected[0])
    # At the edge a number at 1/4 scale is the mean of all its pixels, while alpha takes those outside away from it.
    assert np.abs(cells.astype(int) - expected[1]).max() <= 4
    assert np.array_equal(cells == 255, expected[1] == 255)
    assert report.valid_pixels == inside.sum()
    assert "outside of the area of interest" in " ".join(report.messages)


def test_outside_costs_nothing(make_raster, streams, out):
    """Two small squares in opposite corners: patches between them are neither read nor counted."""
    squares = tuple(wkb((x, y), (x + 30, y), (x + 30, y + 30), (x, y + 30)) for x, y in ((2, 2), (260, 160)))
    raster = make_raster(width=WIDTH, height=HEIGHT, data=gradient(HEIGHT, WIDTH))
    whole = run(raster, out, ratio=1)[3]
    report = run(raster, out, ratio=1, area=squares)[3]
    assert report.valid_pixels == 2 * 30 * 30
    assert report.patches < whole.patches / 2
    assert report.pixels_read["refine"] < whole.pixels_read["refine"] / 2


def test_with_bounds(make_raster, streams, out):
    """Both count."""
    raster = make_raster(width=WIDTH, height=HEIGHT, data=gradient(HEIGHT, WIDTH))
    square = wkb((100, 50), (200, 50), (200, 150), (100, 150))
    bounds = (LEFT, TOP - PIXEL * 100, LEFT + PIXEL * 150, TOP)
    labels, _, _, _ = run(raster, out, area=(square,), bounds=bounds)
    assert labels.shape == (50, 50)
    assert (labels != 255).all()


def test_rotated_raster(make_raster, streams, out):
    """By columns and rows of the raster itself."""
    transform = (LEFT, 0.4, 0.3, TOP, 0.3, -0.4)
    raster = make_raster(width=WIDTH, height=HEIGHT, data=gradient(HEIGHT, WIDTH), transform=transform)
    corners = [(100, 50), (200, 50), (200, 150), (100, 150)]
    on_map = [(LEFT + 0.4 * x + 0.3 * y, TOP + 0.3 * x - 0.4 * y) for x, y in corners]
    labels, _, _, _ = run(raster, out, area=(wkb(*on_map, to_map=False),))
    assert (labels != 255).sum() == 100 * 100


def geojson(path, *rings, crs="EPSG:32633", kind="Polygon"):
    """Write polygons as GeoJSON, with the member "crs" of older files."""
    shapes = [{"type": kind, "coordinates": [ring] if kind == "Polygon" else ring[0]} for ring in rings]
    features = [{"type": "Feature", "properties": {}, "geometry": shape} for shape in shapes]
    member = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": member, "features": features}))
    return str(path)


SQUARE = [[LEFT + x, TOP - y] for x, y in ((10, 10), (60, 10), (60, 60), (10, 60), (10, 10))]


def test_command_line_takes_a_file(make_raster, out, tmp_path, capsys):
    """In the raster's CRS and in degrees; the command writes nothing but the area."""
    raster = make_raster(width=WIDTH, height=HEIGHT, data=gradient(HEIGHT, WIDTH))
    model = tmp_path / "tiny.uhrs"
    write_tiny_bundle(model)
    utm, degrees = crs_wkt_of("EPSG:32633"), crs_wkt_of("EPSG:4326")
    places = np.stack(transform_points(utm, degrees, *np.array(SQUARE).T), axis=1).tolist()
    for ring, crs in ((SQUARE, "EPSG:32633"), (places, "EPSG:4326")):
        area = geojson(tmp_path / "area.geojson", ring, crs=crs)
        command = ["segment", raster, "--model", str(model), "--classes", str(out / "c.tif"), "--area", area, "--quiet"]
        assert main(command) == 0
        (labels,), _ = read_whole(out / "c.tif")
        assert abs(int((labels != 255).sum()) - 100 * 100) <= 210  # the corners in degrees span another square
    assert main([*command[:-2], str(tmp_path / "none.gpkg"), "--quiet"]) == 2
    assert "does not exist" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ring", "kind", "crs_wkt", "text"),
    [
        ([[0, 0]], "Point", "EPSG:32633", "something else than polygons"),
        (SQUARE, "Polygon", "", "The raster has no coordinate reference system"),
    ],
)
def test_bad_area_files(tmp_path, ring, kind, crs_wkt, text):
    path = geojson(tmp_path / "area.geojson", ring, kind=kind)
    with pytest.raises(OptionsError, match=text):
        read_area(path, crs_wkt and crs_wkt_of(crs_wkt))


@pytest.mark.parametrize(
    ("area", "text"),
    [
        ((), "holds no polygon"),
        ((wkb((900, 900), (950, 900), (950, 950)),), "lies outside"),
        (("00",), "cannot be read"),
        (("zz",), "cannot be read"),
    ],
)
def test_bad_areas(make_raster, streams, out, area, text):
    with pytest.raises(OptionsError, match=text):
        run(make_raster(width=WIDTH, height=HEIGHT), out, area=area)
    assert not list(out.iterdir())
