import os

import numpy as np
import pytest

from tests.engine.raster_cases import (
    DTYPES,
    HAS_GDAL,
    noise,
    valid_of,
    vrt_band,
    write_vrt,
)
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import open_raster

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning") if not HAS_GDAL else []


def test_valid_reads_nothing_when_there_is_no_mask(make_raster, backend):
    path = make_raster(width=256, height=256, compress="DEFLATE")
    with open_raster(path, backend) as reader:
        os.truncate(path, os.path.getsize(path) // 4)
        assert reader.read_valid([1, 2, 3], Window(0, 0, 256, 256)).all()
        assert reader.read_valid([1], Window(3, 5, 101, 67), (26, 17)).shape == (26, 17)


@pytest.mark.parametrize("kind", [{"nodata": 0}, {"nodata": 255}, {"alpha": True}, {"mask": True}])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("dtype", DTYPES)
def test_valid_finds_the_quadrant_without_data(make_raster, backend, kind, count, dtype):
    if kind.get("nodata") == 255 and dtype == "int8":
        kind = {"nodata": -128}
    path = make_raster(width=61, height=47, count=count, dtype=dtype, **kind)
    expected = np.ones((47, 61), np.bool_)
    expected[:23, :30] = False
    np.testing.assert_array_equal(valid_of(path, backend, range(1, count + 1)), expected)
    with open_raster(path, backend) as reader:
        part = reader.read_valid([1], Window(20, 25, 10, 20))
    np.testing.assert_array_equal(part, expected[20:30, 25:45])


@pytest.mark.parametrize("kind", [{"nodata": 0}, {"alpha": True}, {"mask": True}])
def test_valid_is_reduced_by_nearest(make_raster, backend, kind):
    path = make_raster(width=64, height=32, **kind)
    expected = np.ones((8, 16), np.bool_)
    expected[:4, :8] = False
    np.testing.assert_array_equal(valid_of(path, backend, [1, 2, 3], (8, 16)), expected)


def test_valid_needs_all_bands_to_be_nodata(make_raster, backend):
    image = np.full((2, 2, 2), 9, np.uint8)
    image[0, 0] = 0
    image[1, :, 0] = 0
    path = make_raster(data=image, nodata=0)
    assert valid_of(path, backend, [1, 2]).tolist() == [[False, True], [True, True]]
    assert valid_of(path, backend, [1]).tolist() == [[False, False], [True, True]]
    assert valid_of(path, backend, [2]).tolist() == [[False, True], [False, True]]


def test_valid_knows_nodata_per_band(tmp_path, make_raster, backend):
    image = np.array([[[1, 1, 5, 5]]], np.uint8)
    other = np.array([[[2, 5, 2, 5]]], np.uint8)
    sources = make_raster(data=image), make_raster(data=other)
    bands = vrt_band(1, "Byte", sources[0], "<NoDataValue>1</NoDataValue>")
    bands += vrt_band(2, "Byte", sources[1], "<NoDataValue>2</NoDataValue>") + vrt_band(3, "Byte", sources[1])
    path = write_vrt(tmp_path, bands, size=(4, 1))
    assert valid_of(path, backend, [1, 2]).tolist() == [[False, True, True, True]]
    assert valid_of(path, backend, [1, 3]).all()  # band 3 declares none, so it always holds data
    assert valid_of(path, backend, [3]).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("nodata", [None, np.nan, -9999.0])
def test_valid_is_false_where_any_band_is_not_finite(make_raster, backend, bad, nodata):
    image = noise(2, 9, 7, dtype="float32")
    image[1, 4, 3] = bad
    path = make_raster(data=image, dtype="float32", nodata=nodata)
    assert np.argwhere(~valid_of(path, backend, [1, 2])).tolist() == [[4, 3]]
    assert valid_of(path, backend, [1]).all()


@pytest.mark.parametrize("nodata", [float(np.finfo(np.float32).min), -3.40282346638529e38, 0.1])
def test_valid_matches_float_nodata_written_as_text(make_raster, backend, nodata):
    image = np.ones((1, 3, 3), np.float32)
    image[0, 1, 1] = np.float32(nodata)
    path = make_raster(data=image, dtype="float32", nodata=nodata)
    assert np.argwhere(~valid_of(path, backend, [1])).tolist() == [[1, 1]]


def test_valid_counts_half_transparent_as_valid(make_raster, backend):
    image = np.array([[[10, 10, 10]], [[0, 1, 255]]], np.uint8)
    assert valid_of(make_raster(data=image, alpha=True), backend, [1]).tolist() == [[False, True, True]]


def test_valid_takes_an_alpha_band_that_is_asked_for_as_data(make_raster, backend):
    image = np.array([[[10, 10]], [[0, 255]]], np.uint8)
    assert valid_of(make_raster(data=image, alpha=True), backend, [1, 2]).all()


def test_valid_heeds_nodata_and_alpha_together(make_raster, backend):
    image = np.array([[[7, 10, 10]], [[255, 0, 255]]], np.uint8)
    path = make_raster(data=image, alpha=True, nodata=7)
    assert valid_of(path, backend, [1]).tolist() == [[False, False, True]]
