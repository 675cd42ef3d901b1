"""Specks and holes, chosen classes, fields, files, and what cannot be done."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import replace

import numpy as np
import pytest

from tests.engine.polygons.cases import patches_by_flood, read_rows, strips_of
from tests.environments import can_import
from uhrs_qgis_plugin.engine.cli import main
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, OutputError, RasterError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.polygons import PolygonOptions, check_polygons, make_polygons
from uhrs_qgis_plugin.engine.polygons import patches as patches_module
from uhrs_qgis_plugin.engine.raster import RasterProfile, create_raster

NAMES = ("water", "land", "road")
UTM = 'PROJCS["WGS 84 / UTM zone 33N",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",15],PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1],AUTHORITY["EPSG","32633"]]'  # fmt: skip # noqa: E501


def uncertainty_of(path, bands, cell=1, nodata=255, transform=(500000.0, 0.5, 0.0, 5000000.0, 0.0, -0.5)):
    from uhrs_qgis_plugin.engine.grid import Geotransform

    place = [number if index in (0, 3) else number * cell for index, number in enumerate(transform)]
    count, height, width = bands.shape
    names = ("U", "final")[:count]
    profile = RasterProfile(width, height, count, "", Geotransform(*place), nodata, names, scale=1 / 254)
    with create_raster(str(path), profile) as writer:
        writer.write(bands, 0, 0)
    return str(path)


def test_fields(outline, write_classes, tmp_path):
    """Name, area, mean U, mean final uncertainty and unsure share, by hand."""
    labels = np.full((4, 6), 1)
    labels[:, 3:] = 2
    cells = np.array([[[254, 0, 127], [254, 255, 0]], [[0, 127, 254], [0, 255, 127]]], np.uint8)  # 2 x 2 pixels each
    uncertainty = uncertainty_of(tmp_path / "u.tif", cells, cell=2)
    options = PolygonOptions(min_area=0, threshold=0.5, smoothing=0)
    path, report = outline(labels, options, uncertainty, names=NAMES, crs=UTM)
    land, road = read_rows(path)
    assert (land["class"], land["name"], land["pixels"]) == (1, "land", 12)
    # Columns 0 and 1 lie in the first cells, column 2 in the middle ones, of which the lower one is unknown.
    assert land["mean_u"] == pytest.approx((8 * 1 + 2 * 0) / 10)
    assert land["mean_final"] == pytest.approx((8 * 0 + 2 * 0.5) / 10)
    assert land["unsure_share"] == pytest.approx(2 / 10)
    assert (road["class"], road["name"]) == (2, "road")
    assert road["mean_u"] == pytest.approx((2 * 0 + 4 * 0.5 + 4 * 0) / 10)
    assert road["unsure_share"] == pytest.approx((2 + 4 + 4) / 10)
    # At the central meridian a metre of the map is 1 / 0.9996 metres on the ground.
    assert land["area_m2"] == pytest.approx(12 * 0.25 / 0.9996**2, rel=1e-6)
    assert "ellipsoid" in report.areas


def test_specks_go_to_the_neighbour_with_the_longest_border(outline):
    labels = np.full((7, 9), 1)
    labels[:, 5:] = 2
    labels[3, 4] = 0  # three sides to 1, one to 2
    labels[5, 7] = 0  # inside 2
    labels[0, 0] = 2  # at the corner
    path, report = outline(labels, PolygonOptions(min_area=2, smoothing=0), transform=None)
    assert [(row["class"], row["pixels"]) for row in read_rows(path)] == [(1, 35), (2, 28)]
    assert report.absorbed == 3


def test_groups_of_specks_go_together(outline):
    """Two specks side by side, neither of them larger than the other's neighbour allows: both go where most leads."""
    labels = np.full((5, 8), 1)
    labels[2, 3], labels[2, 4] = 2, 3
    path, _ = outline(labels, PolygonOptions(min_area=3, smoothing=0), transform=None)
    assert [(row["class"], row["pixels"], len(row["rings"])) for row in read_rows(path)] == [(1, 40, 1)]


def test_specks_that_are_large_enough_together_stay(outline):
    labels = np.full((5, 8), 255)
    labels[2, 2:4], labels[2, 4] = 2, 3
    path, _ = outline(labels, PolygonOptions(min_area=3, smoothing=0), transform=None)
    assert [(row["class"], row["pixels"]) for row in read_rows(path)] == [(2, 3)]


def test_patches_that_meet_across_a_speck_become_one(outline):
    labels = np.zeros((5, 9), int)
    labels[:, 4] = 1
    path, _ = outline(labels, PolygonOptions(min_area=6, smoothing=0), transform=None)
    assert [(row["class"], row["pixels"]) for row in read_rows(path)] == [(0, 45)]


def test_islands_in_no_data_stay_however_small(outline):
    labels = np.full((5, 5), 255)
    labels[2, 2] = 4
    path, _ = outline(labels, PolygonOptions(min_area=1000, smoothing=0), transform=None)
    assert [(row["class"], row["pixels"]) for row in read_rows(path)] == [(4, 1)]


def test_holes(outline):
    """Filled below the smallest hole, alone and in groups; a hole of no data stays, and so does the outside."""
    labels = np.full((12, 20), 1)
    labels[2:4, 2:4] = 2  # 4 pixels
    labels[2:4, 6:8], labels[2:4, 8:10] = 2, 3  # a group of 8
    labels[7, 2:4] = 255
    labels[7:10, 6:9], labels[8, 7] = 2, 3  # a ring of 8 pixels around one
    labels[0, 15:20] = 2  # at the edge
    assert sum(row["pixels"] for row in read_rows(outline(labels)[0])) == (labels != 255).sum()
    path, _ = outline(labels, PolygonOptions(min_area=0, min_hole=5, smoothing=0), transform=None)
    sizes = sorted((row["class"], row["pixels"]) for row in read_rows(path))
    assert sizes == [(1, 240 - 2 - 8 - 9 - 5), (2, 4), (2, 5), (2, 9), (3, 4)]
    path, _ = outline(labels, PolygonOptions(min_area=0, min_hole=10, smoothing=0), transform=None)
    assert sorted((row["class"], row["pixels"]) for row in read_rows(path)) == [(1, 240 - 2 - 5), (2, 5)]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("smallest", [2, 4, 9])
def test_nothing_small_is_left_and_nothing_is_lost(outline, seed, smallest):
    """All pixels with data are in one polygon each; only islands are smaller than asked for."""
    generator = np.random.default_rng(seed)
    labels = generator.choice([0, 1, 2, 255], (25, 25), p=[0.5, 0.3, 0.15, 0.05])
    path, _ = outline(labels, PolygonOptions(min_area=smallest, smoothing=0), transform=None)
    rows = read_rows(path)
    assert sum(row["pixels"] for row in rows) == (labels != 255).sum()
    islands = patches_by_flood((labels != 255).astype(int), 0)
    sizes = np.bincount(islands.ravel())[1:]
    small = [row["pixels"] for row in rows if row["pixels"] < smallest]
    assert sorted(small) == sorted(size for size in sizes if size < smallest)


def test_chosen_classes(outline):
    labels = np.array([[0, 0, 1, 2], [0, 0, 1, 1]])
    path, report = outline(labels, PolygonOptions(("ROAD", "0"), 0, smoothing=0), names=NAMES)
    assert [(row["class"], row["name"]) for row in read_rows(path)] == [(2, "road"), (0, "water")]
    assert [entry["polygons"] for entry in report.by_class] == [1, 1]
    with pytest.raises(OptionsError, match="Class 'roads' is unknown: choose from 'water', 'land', 'road'"):
        outline(labels, PolygonOptions(("roads",), 0, smoothing=0), names=NAMES)


def test_empty_result_is_said(write_classes, tmp_path):
    """A file without rows, and a warning."""
    job = check_polygons(write_classes(np.zeros((3, 3)), NAMES), None, PolygonOptions(("road",), 0, smoothing=0))
    said = []
    report = make_polygons(job, str(tmp_path / "e.gpkg"), watch=Watch(notify=said.append))
    assert (report.polygons, read_rows(str(tmp_path / "e.gpkg"))) == (0, [])
    assert any(event.is_warning and "empty" in event.text for event in said)


def test_255_classes_and_one_pixel_each(outline):
    labels = np.arange(255).reshape(15, 17)
    path, report = outline(labels)
    assert report.polygons == 255
    assert sorted(row["class"] for row in read_rows(path)) == list(range(255))


@pytest.mark.parametrize(
    "transform",
    [(10.0, 2.0, 1.0, 20.0, 1.0, -2.0), (10.0, 2.0, 0.0, 20.0, 0.0, 2.0), (9.0, 1e-5, 0.0, 52.0, 0.0, -1e-5)],
)
def test_rotated_south_up_and_degrees(outline, transform):
    """Outer rings go anticlockwise on the map, and cover what the pixels cover."""
    labels = np.ones((4, 5))
    labels[1, 1] = 2
    path, _ = outline(labels, transform=transform)
    for row in read_rows(path):
        x, y = (row["rings"][0] - row["rings"][0][0]).T
        area = (np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2
        pixels = row["pixels"] + (row["class"] == 1)
        assert area == pytest.approx(pixels * abs(transform[1] * transform[5] - transform[2] * transform[4]), rel=1e-6)


def test_degrees_are_measured(outline):
    """A pixel of one second at the equator: see `pixel_areas`."""
    second = 1 / 3600
    crs = 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'  # noqa: E501
    path, _ = outline(np.ones((2, 3)), transform=(10.0, second, 0.0, second, 0.0, -second), crs=crs)
    assert read_rows(path)[0]["area_m2"] == pytest.approx(6 * 30.922 * 30.715, rel=1e-3)


def test_areas_are_those_of_class_areas(outline, write_classes):
    """The same raster, counted by the class areas: per class the same square metres."""
    from uhrs_qgis_plugin.engine.areas import AreaSources, count_areas, measure
    from uhrs_qgis_plugin.engine.raster import open_raster

    labels = np.random.default_rng(1).integers(0, 3, (60, 120))
    transform = (300000.0, 10.0, 2.0, 6500000.0, 2.0, -10.0)
    _, report = outline(labels, crs=UTM, transform=transform, names=NAMES)
    with open_raster(write_classes(labels, NAMES, crs=UTM, transform=transform)) as reader:
        areas, _ = measure(reader.info.crs_wkt, reader.info.transform, False)
        counted = count_areas(AreaSources(reader), areas, None)[0].area[:3]
    assert [entry["area_m2"] for entry in report.by_class] == pytest.approx(counted.tolist(), rel=1e-5)


def test_geopackage_is_read_by_others(outline):
    """CRS, extent, index and fields as another program sees them."""
    labels = np.kron(np.array([[0, 1], [1, 255]]), np.ones((4, 4), int))
    path, _ = outline(labels, crs=UTM, names=NAMES)
    base = sqlite3.connect(path)
    assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert base.execute("SELECT srs_id, min_x, max_y FROM gpkg_contents").fetchone() == (32633, 500000.0, 5000000.0)
    assert base.execute("SELECT count(*) FROM rtree_out0_geom").fetchone() == (3,)
    base.close()
    if can_import("osgeo"):
        from osgeo import ogr

        layer = ogr.Open(path)
        assert layer.GetLayer(0).GetSpatialRef().GetAuthorityCode(None) == "32633"
        assert all(feature.GetGeometryRef().IsValid() for feature in layer.GetLayer(0))
        layer.GetLayer(0).SetSpatialFilterRect(500000.5, 4999998.5, 500001, 4999999)
        assert layer.GetLayer(0).GetFeatureCount() == 1
    else:
        import pyogrio

        meta, _, geometry, fields = pyogrio.raw.read(path)
        assert meta["crs"] == "EPSG:32633"
        assert meta["fields"].tolist() == ["class", "name", "area_m2", "pixels", "mean_u", "mean_final", "unsure_share"]
        assert (len(geometry), fields[1].tolist()) == (3, ["water", "land", "land"])


def test_flatgeobuf(write_classes, tmp_path):
    """The same polygons, with an index, and no other file is left."""
    labels = np.kron(np.random.default_rng(2).integers(0, 3, (6, 6)), np.ones((3, 3), int))
    job = check_polygons(write_classes(labels, NAMES, crs=UTM), None, PolygonOptions(min_area=0, smoothing=0))
    folder = tmp_path / "out"
    folder.mkdir()
    report = make_polygons(job, str(folder / "p.fgb"))
    assert os.listdir(folder) == ["p.fgb"]
    if can_import("osgeo"):
        from osgeo import ogr

        layer = ogr.Open(str(folder / "p.fgb"))
        assert layer.GetLayer(0).GetFeatureCount() == report.polygons
        assert layer.GetLayer(0).GetSpatialRef().GetAuthorityCode(None) == "32633"
    else:
        import pyogrio

        meta, _, geometry, _ = pyogrio.raw.read(str(folder / "p.fgb"))
        assert (len(geometry), meta["crs"]) == (report.polygons, "EPSG:32633")


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("p.shp", OptionsError, "neither .gpkg nor .fgb"),
        ("none/p.gpkg", OutputError, "does not exist"),
        ("folder.gpkg", OutputError, "is a folder"),
        ("open.gpkg", OutputError, "open in another program"),
        ("other.gpkg", OutputError, "holds other layers \\(roads\\)"),
    ],
)
def test_outputs_that_cannot_be_written(write_classes, tmp_path, name, kind, text):
    """One line before the first pixel, and what is there stays."""
    job = check_polygons(write_classes(np.ones((3, 3))), None, PolygonOptions(min_area=0, smoothing=0))
    (tmp_path / "folder.gpkg").mkdir()
    make_polygons(job, str(tmp_path / "open.gpkg"))
    make_polygons(job, str(tmp_path / "roads.gpkg"))
    os.rename(tmp_path / "roads.gpkg", tmp_path / "other.gpkg")
    base = sqlite3.connect(tmp_path / "open.gpkg")
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("UPDATE gpkg_contents SET description = 'x'")
    base.commit()
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(kind, match=text) as problem:
        make_polygons(job, str(tmp_path / name))
    assert "\n" not in str(problem.value)
    assert sorted(os.listdir(tmp_path)) == before
    base.close()


def test_cancelled_or_full_leaves_nothing(write_classes, tmp_path, monkeypatch):
    """The older file stays, and no temporary one."""
    labels = np.random.default_rng(0).integers(0, 3, (60, 60))
    job = check_polygons(write_classes(labels), None, PolygonOptions(min_area=0, smoothing=0))
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "p.gpkg").write_bytes(b"older")
    for answers in (3, 40):
        calls = iter([False] * answers)
        with pytest.raises(CancelledError), strips_of(4):
            make_polygons(job, str(folder / "p.gpkg"), watch=Watch(is_cancelled=lambda calls=calls: next(calls, True)))
    from uhrs_qgis_plugin.engine.polygons import geopackage

    connect = sqlite3.connect

    def small(*args, **kwargs):
        base = connect(*args, **kwargs)
        if "part" in str(args[0]):
            base.execute("PRAGMA max_page_count = 40")  # SQLite then says what it says on a full disk
        return base

    monkeypatch.setattr(geopackage.sqlite3, "connect", small)
    with pytest.raises(OutputError, match=r"cannot be written: database or disk is full\. Free disk space"):
        make_polygons(job, str(folder / "p.gpkg"))
    assert [path.name for path in folder.iterdir()] == ["p.gpkg"]
    assert (folder / "p.gpkg").read_bytes() == b"older"


def test_rasters_that_do_not_fit(write_classes, tmp_path):
    classes = write_classes(np.ones((8, 8)))
    far = uncertainty_of(tmp_path / "far.tif", np.zeros((2, 8, 8), np.uint8), transform=(0.0, 0.5, 0.0, 0.0, 0.0, -0.5))
    with pytest.raises(RasterError, match="one run"):
        check_polygons(classes, far, PolygonOptions())
    with pytest.raises(RasterError, match="a class raster has one of uint8"):
        check_polygons(far, None, PolygonOptions())


@pytest.mark.parametrize("options", [{"min_area": -1}, {"min_hole": float("nan")}, {"threshold": 1.5}])
def test_options_outside_their_range(options):
    with pytest.raises(OptionsError, match="is not allowed"):
        replace(PolygonOptions(), **options)


def test_too_scattered_is_said(outline, monkeypatch):
    monkeypatch.setattr(patches_module, "MOST_PATCHES", 50)
    with pytest.raises(OptionsError, match="too scattered"):
        outline(np.indices((9, 9)).sum(axis=0) % 2)


def test_command_line(write_classes, tmp_path, capsys):
    classes = write_classes(np.kron(np.eye(3, dtype=int), np.ones((20, 20), int)), NAMES)
    out, report = tmp_path / "p.gpkg", tmp_path / "r.json"
    command = ["polygons", classes, str(out), "--class", "land", "--min-area", "0", "--smooth", "0"]
    command += ["--report", str(report)]
    assert main(command) == 0
    shown = capsys.readouterr()
    assert "3 polygons of 60 x 60 pixels" in shown.out
    assert "taken for pixels" not in shown.err
    assert json.loads(report.read_text())["polygons"] == 3
    assert [row["name"] for row in read_rows(str(out))] == ["land"] * 3
    assert main(["polygons", classes, str(out), "--class", "sea"]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("error: Class 'sea' is unknown")
    assert main([*command, "--quiet", "--min-area", "401"]) == 0
    assert "taken for pixels" in capsys.readouterr().err
