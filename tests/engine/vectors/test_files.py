import json
import os

import numpy as np
import pytest

from tests.engine.accuracy.cases import point, polygon
from uhrs_qgis_plugin.engine.errors import OptionsError, OutputError
from uhrs_qgis_plugin.engine.raster import crs_wkt_of, same_crs
from uhrs_qgis_plugin.engine.vectors import Features, points_of_wkb, read_features, write_points

CRS = crs_wkt_of("EPSG:32633")


def columns(count):
    return {
        "rank": list(range(1, count + 1)),
        "u": [None if index == 1 else index / 3 for index in range(count)],
        "class": [None if index == 0 else f"k\u00f6nig {index}" for index in range(count)],
        "empty": [None] * count,
    }


def test_what_is_written_reads_back(tmp_path):
    path = str(tmp_path / "points.gpkg")
    x, y = np.array([500000.25, 500001.0, 7.0]), np.array([5e6, 1.5, -3.0])
    write_points(path, CRS, x, y, columns(3))
    found = read_features(path)
    assert found.are_points
    assert same_crs(found.crs_wkt, CRS)
    read_x, read_y = points_of_wkb(found.shapes)
    assert (read_x.tolist(), read_y.tolist()) == (x.tolist(), y.tolist())
    assert {name: list(values) for name, values in found.columns.items()} == columns(3)
    assert os.listdir(tmp_path) == ["points.gpkg"]


def test_an_existing_file_is_replaced_as_a_whole(tmp_path):
    path = str(tmp_path / "points.gpkg")
    for count in (5, 2):
        write_points(path, CRS, np.zeros(count), np.zeros(count), columns(count))
    assert len(read_features(path).shapes) == 2


def test_polygons_and_null_geometries(tmp_path):
    ring = [[0, 0], [4, 0], [4, 3], [0, 0]]
    features = [
        {"type": "Feature", "properties": {"k": 1}, "geometry": {"type": "Polygon", "coordinates": [ring]}},
        {"type": "Feature", "properties": {"k": 2}, "geometry": None},
    ]
    path = tmp_path / "p.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    found = read_features(str(path))
    assert not found.are_points
    assert found.shapes == [polygon((0, 0), (4, 0), (4, 3)), b""]
    assert list(found.columns["k"]) == [1, 2]


def test_bad_files(tmp_path, small_files):
    with pytest.raises(OptionsError, match="does not exist"):
        read_features(str(tmp_path / "none.gpkg"))
    broken = tmp_path / "broken.gpkg"
    broken.write_bytes(b"no database")
    with pytest.raises(OptionsError, match="cannot be read as a vector file"):
        read_features(str(broken))
    with pytest.raises(OptionsError, match=r"ends with \.gpkg"):
        write_points(str(tmp_path / "p.shp"), CRS, np.zeros(1), np.zeros(1), {})
    with pytest.raises(OutputError, match="cannot be written"):
        write_points(str(tmp_path / "big.gpkg"), CRS, np.zeros(9000), np.zeros(9000), columns(9000))
    assert os.listdir(tmp_path) == ["broken.gpkg"]


def test_points_of_any_shape():
    several = b"\x01\x04\x00\x00\x00" + np.uint32(2).tobytes() + point(1, 2) + point(3, 4)
    single = b"\x01\x04\x00\x00\x00" + np.uint32(1).tobytes() + point(1, 2)
    turned = b"\x00\x00\x00\x00\x01" + np.array([5.0, 6.0], ">f8").tobytes()
    x, y = points_of_wkb([single, b"", turned])
    assert x.tolist()[::2] == [1, 5]
    assert y.tolist()[::2] == [2, 6]
    assert np.isnan(x[1])
    with pytest.raises(ValueError, match="holds 2 points"):
        points_of_wkb([several])
    with pytest.raises(ValueError, match="is no point"):
        points_of_wkb([polygon((0, 0), (1, 0), (1, 1))])
    assert not Features("", [b""], {}).are_points
