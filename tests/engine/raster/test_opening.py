import os

import numpy as np
import pytest

from tests.engine.raster_cases import (
    DTYPES,
    HAS_GDAL,
    NORTH_UP,
    ROTATED,
    SOUTH_UP,
    block_mean,
    noise,
    overwrite,
    read_all,
    valid_of,
    vrt_band,
    write_vrt,
)
from tests.environments import needs
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import open_raster

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning") if not HAS_GDAL else []


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", [1, 3, 4, 8])
def test_info_tells_size_bands_and_types(make_raster, backend, dtype, count):
    path = make_raster(width=37, height=21, count=count, dtype=dtype)
    with open_raster(path, backend) as reader:
        info = reader.info
    assert (info.path, info.width, info.height, info.count) == (path, 37, 21, count)
    assert info.dtypes == (dtype,) * count
    assert info.alpha_bands == ()
    assert info.has_mask == dtype.startswith("float")


@pytest.mark.parametrize("transform", [NORTH_UP, ROTATED, SOUTH_UP])
def test_info_keeps_the_geotransform_as_it_is(make_raster, backend, transform):
    with open_raster(make_raster(transform=transform), backend) as reader:
        assert reader.info.transform == pytest.approx(transform, abs=1e-9)
        assert reader.info.has_transform
        assert "UTM zone 33N" in reader.info.crs_wkt


def test_info_of_a_raster_without_georeference(make_raster, backend):
    with open_raster(make_raster(transform=(), crs=""), backend) as reader:
        assert reader.info.transform == (0, 1, 0, 0, 0, 1)
        assert not reader.info.has_transform
        assert reader.info.crs_wkt == ""


def test_info_of_control_points_alone_has_no_transform(tmp_path, backend):
    points = '<GCPList Projection="EPSG:4326">' + "".join(
        f'<GCP Id="{i}" Pixel="{x}" Line="{y}" X="{x / 10}" Y="{y / 10}"/>'
        for i, (x, y) in enumerate([(0, 0), (16, 0), (0, 12), (16, 12)])
    )
    path = write_vrt(tmp_path, vrt_band(1, "Byte"), extra=points + "</GCPList>")
    with open_raster(path, backend) as reader:
        assert not reader.info.has_transform
        assert reader.info.transform == (0, 1, 0, 0, 0, 1)


def test_info_of_a_palette_raster_is_one_band_of_numbers(tmp_path, make_raster, backend):
    numbers = noise(1, 12, 16) % 3
    source = make_raster(data=numbers)
    table = "<ColorTable>" + "<Entry c1='9' c2='8' c3='7' c4='255'/>" * 3 + "</ColorTable>"
    palette = vrt_band(1, "Byte", source, "<ColorInterp>Palette</ColorInterp>" + table)
    path = write_vrt(tmp_path, palette)
    with open_raster(path, backend) as reader:
        assert (reader.info.count, reader.info.dtypes, reader.info.has_mask) == (1, ("uint8",), False)
    np.testing.assert_array_equal(read_all(path, backend), numbers)


@pytest.mark.parametrize("has_int8", [False, True])
def test_remark_on_signed_bytes_is_asked_for_only_before_gdal_3_7(monkeypatch, has_int8):
    """Later GDAL has Int8, and warns whoever asks for the remark."""
    gdal = needs("osgeo.gdal")
    from uhrs_qgis_plugin.engine.raster.gdal_backend import reading

    asked = []

    class Band:
        DataType = gdal.GDT_Byte

        def GetMetadataItem(self, *names):  # noqa: N802 (GDAL)
            asked.append(names)
            return "SIGNEDBYTE"

    monkeypatch.setattr(reading, "HAS_INT8", has_int8)
    assert reading._dtype(Band()) == ("uint8" if has_int8 else "int8")
    assert asked == ([] if has_int8 else [("PIXELTYPE", "IMAGE_STRUCTURE")])


def test_info_finds_alpha_nodata_and_mask(make_raster, backend):
    for options, alpha_bands in (({"alpha": True}, (4,)), ({"nodata": 0}, ()), ({"mask": True}, ())):
        with open_raster(make_raster(**options), backend) as reader:
            assert reader.info.has_mask
            assert reader.info.alpha_bands == alpha_bands


def test_info_ignores_nodata_that_no_pixel_can_have(tmp_path, make_raster, backend):
    source = make_raster(width=16, height=12, count=1)
    path = write_vrt(tmp_path, vrt_band(1, "Byte", source, "<NoDataValue>-9999</NoDataValue>"))
    with open_raster(path, backend) as reader:
        assert not reader.info.has_mask
        assert reader.read_valid([1], Window(0, 0, 12, 16)).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("tiled", [True, False])
def test_read_returns_the_pixels_of_bands_in_the_order_asked(make_raster, backend, dtype, tiled):
    image = noise(4, 71, 133, dtype=dtype)
    path = make_raster(data=image, tiled=tiled, compress="DEFLATE")
    with open_raster(path, backend) as reader:
        result = reader.read([4, 1, 1], Window(5, 64, 66, 69))
    assert result.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(result, image[[3, 0, 0], 5:71, 64:133])


def test_read_promotes_bands_of_several_types(tmp_path, make_raster, backend):
    small, wide = noise(1, 12, 16), noise(1, 12, 16, dtype="int16")
    sources = make_raster(data=small), make_raster(data=wide, dtype="int16")
    path = write_vrt(tmp_path, vrt_band(1, "Byte", sources[0]) + vrt_band(2, "Int16", sources[1]))
    result = read_all(path, backend)
    assert result.dtype == np.int16
    np.testing.assert_array_equal(result, np.concatenate([small, wide]))


def test_read_of_a_single_pixel_raster(make_raster, backend):
    path = make_raster(data=np.array([[[200]], [[7]]], np.uint8), nodata=7)
    with open_raster(path, backend) as reader:
        window = Window(0, 0, 1, 1)
        assert reader.read([1, 2], window, (1, 1)).ravel().tolist() == [200, 7]
        assert reader.read_valid([1, 2], window).tolist() == [[True]]
        assert reader.read_valid([2], window).tolist() == [[False]]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", [1, 3])
def test_read_averages_exactly(make_raster, backend, dtype, count):
    image = noise(count, 64, 96, dtype=dtype)
    result = read_all(make_raster(data=image, dtype=dtype), backend, shape=(16, 24))
    assert result.dtype == np.dtype(dtype)
    if np.dtype(dtype).kind == "f":
        np.testing.assert_allclose(result, block_mean(image, 4), rtol=1e-5, atol=1e-4)
    elif np.dtype(dtype).itemsize == 4:  # GDAL 3.6 computes these in float32
        np.testing.assert_allclose(result, block_mean(image, 4), rtol=0, atol=np.iinfo(dtype).max * 1e-7)
    else:
        np.testing.assert_array_equal(result, block_mean(image, 4))


@pytest.mark.parametrize(("dtype", "sign"), [("uint8", 1), ("uint16", 1), ("int8", -1), ("int16", -1)])
def test_read_averages_round_half_away_from_zero(make_raster, backend, dtype, sign):
    ties = np.zeros((1, 4, 8), dtype)
    ties[0, :2, :4] = sign  # mean 0.5
    ties[0, :2, 4:] = 3 * sign  # mean 1.5
    assert read_all(make_raster(data=ties), backend, shape=(1, 2)).tolist() == [[[sign, 2 * sign]]]


def test_read_averages_a_window_that_is_not_on_the_tiles(make_raster, backend):
    image = noise(2, 150, 170)
    with open_raster(make_raster(data=image), backend) as reader:
        result = reader.read([1, 2], Window(13, 27, 128, 136), (32, 34))
    np.testing.assert_array_equal(result, block_mean(image[:, 13:141, 27:163], 4))


def test_read_of_odd_sizes_has_the_shape_asked_and_plausible_means(make_raster, backend):
    image = noise(3, 101, 67)
    result = read_all(make_raster(data=image), backend, shape=(26, 17))
    assert result.shape == (3, 26, 17)
    assert abs(result.mean() - image.mean()) < 1


def test_read_nearest_invents_no_values(make_raster, backend):
    image = np.where(noise(1, 64, 64) > 127, 200, 10).astype(np.uint8)
    result = read_all(make_raster(data=image), backend, shape=(16, 16), resampling="nearest")
    assert set(np.unique(result)) == {10, 200}
    cells = image.reshape(1, 16, 4, 16, 4)
    assert ((result == cells.min(axis=(2, 4))) | (result == cells.max(axis=(2, 4)))).all()


def test_read_uses_internal_overviews(make_raster, backend):
    path = make_raster(data=np.full((3, 256, 256), 40, np.uint8), overviews=(2, 4))
    overwrite(path, np.full((3, 256, 256), 90, np.uint8))
    assert set(read_all(path, backend, shape=(64, 64)).ravel()) == {40}
    assert set(read_all(path, backend).ravel()) == {90}


def test_read_uses_external_overviews(make_raster, backend):
    path = make_raster(data=np.full((1, 256, 256), 40, np.uint8))
    os.replace(make_raster(data=np.full((1, 64, 64), 77, np.uint8)), path + ".ovr")
    assert set(read_all(path, backend, shape=(64, 64)).ravel()) == {77}


def test_read_averages_are_the_same_from_overviews(make_raster, backend):
    image = noise(2, 128, 192)
    path = make_raster(data=image, overviews=(4,))
    np.testing.assert_array_equal(read_all(path, backend, shape=(32, 48)), block_mean(image, 4))


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "float32"])
def test_read_leaves_nodata_out_of_averages(make_raster, backend, dtype):
    image = np.full((1, 16, 16), 100, dtype)
    image[0, :, :6] = 0  # the second column of cells is half nodata
    result = read_all(make_raster(data=image, dtype=dtype, nodata=0), backend, shape=(4, 4))
    assert result[0, 0].tolist() == [0, 100, 100, 100]


@pytest.mark.parametrize("kind", ["alpha", "mask"])
def test_read_leaves_masked_pixels_out_of_averages(make_raster, backend, kind):
    image = np.full((1, 24, 20), 100, np.uint8)
    image[0, :12, :10] = 3
    if kind == "alpha":
        image = np.concatenate([image, np.where(image == 3, 0, 255).astype(np.uint8)])
    with open_raster(make_raster(data=image, **{kind: True}), backend) as reader:
        result = reader.read([1], Window(0, 0, 24, 20), (6, 5))[0]
    assert result[:3, 2].tolist() == [100, 100, 100]
    assert (result[3:] == 100).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("nodata", [None, -9999.0])
def test_read_averages_are_finite_where_valid(make_raster, backend, bad, nodata):
    image = noise(2, 64, 64, dtype="float32")
    image[0, noise(64, 64, seed=1) < 40] = bad
    path = make_raster(data=image, dtype="float32", nodata=nodata)
    result = read_all(path, backend, shape=(16, 16))
    valid = valid_of(path, backend, [1, 2], (16, 16))
    assert 0.5 < valid.mean() < 1
    np.testing.assert_array_equal(np.isfinite(result).all(axis=0), valid)
