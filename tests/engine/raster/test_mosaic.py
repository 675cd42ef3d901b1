import os
import threading

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
    put,
    read_all,
    valid_of,
    vrt_band,
    write_vrt,
)
from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.mosaic import windows
from uhrs_qgis_plugin.engine.raster.mosaic.files import describe, rasters_in
from uhrs_qgis_plugin.engine.raster.opening import open_raster

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning") if not HAS_GDAL else []


@pytest.fixture(autouse=True, params=["whole", "views"])
def shown(request, monkeypatch):
    """What GDAL gets to see: the whole mosaic, or, as of very many rasters, those alone that a window touches."""
    if request.param == "views":
        monkeypatch.setattr(windows, "MOST_AT_ONCE", 1)
        monkeypatch.setattr(windows, "VIEW_SIDE", 1)


# Name, row, column: b lies on a, c stands apart, and the columns between are a gap.
PLACES = {"a.tif": (0, 0), "b.tif": (32, 48), "c.tif": (64, 160)}
SHAPE = 128, 224  # of the mosaic of rasters of 64 x 64


def paint(images, valids, dtype):
    """The mosaic in numpy: pixels and which of them hold data, per band."""
    count = next(iter(images.values())).shape[0]
    mosaic, valid = np.zeros((count, *SHAPE), dtype), np.zeros((count, *SHAPE), bool)
    for name, (row, col) in PLACES.items():
        part = (slice(None), slice(row, row + 64), slice(col, col + 64))
        mosaic[part] = np.where(valids[name], images[name], mosaic[part])
        valid[part] |= valids[name]
    return mosaic, valid


def random_images(dtype, count):
    return {name: noise(count, 64, 64, dtype=dtype, seed=number) for number, name in enumerate(PLACES)}


def put_all(make_raster, folder, images, options=None):
    for name, (row, col) in PLACES.items():
        put(make_raster, folder, name, row, col, data=images[name], **(options or {}).get(name, {}))
    return str(folder)


@pytest.mark.parametrize("dtype", DTYPES)
def test_folder_reads_as_one_raster_later_ones_on_top(tmp_path, make_raster, backend, dtype):
    images = random_images(dtype, 3)
    folder = put_all(make_raster, tmp_path / "tiles", images)
    mosaic, valid = paint(images, dict.fromkeys(PLACES, True), dtype)
    with open_raster(folder, backend) as reader:
        info = reader.info
        assert (info.path, info.height, info.width, info.count) == (folder, *SHAPE, 3)
        assert info.dtypes == (dtype,) * 3
        assert info.transform == pytest.approx(NORTH_UP)
        assert "UTM zone 33N" in info.crs_wkt
        assert (info.has_mask, info.alpha_bands, info.block_shape) == (True, (), (64, 64))
    np.testing.assert_array_equal(read_all(folder, backend) * valid, mosaic)
    np.testing.assert_array_equal(valid_of(folder, backend, [1, 2, 3]), valid[0])
    np.testing.assert_array_equal(valid_of(folder, backend, [2], (32, 56)), valid[0, 2::4, 2::4])


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "float32"])
def test_folder_averages_as_one_raster(tmp_path, make_raster, backend, dtype):
    images = random_images(dtype, 2)
    folder = put_all(make_raster, tmp_path / "tiles", images)
    mosaic, valid = paint(images, dict.fromkeys(PLACES, True), dtype)
    found = read_all(folder, backend, shape=(32, 56)) * valid[:, 2::4, 2::4]
    np.testing.assert_allclose(found, block_mean(mosaic, 4), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "float32", "float64"])
@pytest.mark.parametrize(
    "numbers",
    [
        {"a.tif": 7, "b.tif": 7, "c.tif": 7},
        {"a.tif": None, "b.tif": 7, "c.tif": 9},  # 7 is an ordinary number in a and c
        {"a.tif": 7, "b.tif": 0, "c.tif": None},
    ],
)
def test_folder_honours_nodata_per_raster_and_band(tmp_path, make_raster, backend, dtype, numbers):
    images = {name: (noise(2, 64, 64, seed=number) % 12).astype(dtype) for number, name in enumerate(PLACES)}
    options = {name: {"nodata": number} for name, number in numbers.items()}
    folder = put_all(make_raster, tmp_path / "tiles", images, options)
    valids = {
        name: np.ones((2, 64, 64), bool) if number is None else images[name] != number
        for name, number in numbers.items()
    }
    mosaic, valid = paint(images, valids, dtype)
    assert 0.3 < valid.mean() < 0.6
    np.testing.assert_array_equal(read_all(folder, backend) * valid, mosaic)
    np.testing.assert_array_equal(valid_of(folder, backend, [1, 2]), valid.any(axis=0))
    for band in (1, 2):
        np.testing.assert_array_equal(valid_of(folder, backend, [band]), valid[band - 1])
    np.testing.assert_array_equal(valid_of(folder, backend, [1, 2], (32, 56)), valid.any(axis=0)[2::4, 2::4])


@pytest.mark.parametrize("masked", [("a.tif", "b.tif", "c.tif"), ("b.tif",)])
def test_folder_honours_masks(tmp_path, make_raster, backend, masked):
    images = random_images("uint8", 1)
    folder = put_all(make_raster, tmp_path / "tiles", images, {name: {"mask": True} for name in masked})
    valids = {name: np.ones((64, 64), bool) for name in PLACES}
    for name in masked:
        valids[name][:32, :32] = False
    mosaic, valid = paint(images, valids, "uint8")
    np.testing.assert_array_equal(read_all(folder, backend) * valid, mosaic)
    np.testing.assert_array_equal(valid_of(folder, backend, [1]), valid[0])


def test_folder_honours_masks_and_nodata_together(tmp_path, make_raster, backend):
    images = {name: (noise(2, 64, 64, seed=number) % 12) for number, name in enumerate(PLACES)}
    folder = put_all(make_raster, tmp_path / "tiles", images, {"a.tif": {"nodata": 3}, "b.tif": {"mask": True}})
    valids = {name: np.ones((2, 64, 64), bool) for name in PLACES}
    valids["a.tif"] = images["a.tif"] != 3
    valids["b.tif"][:, :32, :32] = False
    mosaic, valid = paint(images, valids, "uint8")
    np.testing.assert_array_equal(read_all(folder, backend) * valid, mosaic)
    np.testing.assert_array_equal(valid_of(folder, backend, [1, 2]), valid.any(axis=0))


def test_folder_honours_alpha(tmp_path, make_raster, backend):
    images, valids = {}, {}
    for number, name in enumerate(PLACES):
        valids[name] = noise(64, 64, seed=9 + number) > 99
        alpha = np.where(valids[name], 255, 0).astype(np.uint8)
        images[name] = np.concatenate([noise(2, 64, 64, seed=number), alpha[None]])
    folder = put_all(make_raster, tmp_path / "tiles", images, {key: {"alpha": True} for key in PLACES})
    mosaic, valid = paint(images, valids, "uint8")
    with open_raster(folder, backend) as reader:
        assert reader.info.alpha_bands == (3,)
    np.testing.assert_array_equal(read_all(folder, backend) * valid, mosaic)
    np.testing.assert_array_equal(valid_of(folder, backend, [1, 2]), valid[0])


def test_folder_without_gaps_and_nodata_has_no_mask(tmp_path, make_raster, backend):
    images = [noise(1, 32, 32, seed=number) for number in range(4)]
    for number, image in enumerate(images):
        put(make_raster, tmp_path / "tiles", f"{number}.tif", number // 2 * 32, number % 2 * 32, data=image)
    whole = np.block([[[images[0], images[1]]], [[images[2], images[3]]]]).reshape(1, 64, 64)
    with open_raster(str(tmp_path / "tiles"), backend) as reader:
        assert not reader.info.has_mask
        np.testing.assert_array_equal(reader.read([1], Window(0, 0, 64, 64)), whole)
        np.testing.assert_array_equal(reader.read([1], Window(0, 0, 64, 64), (16, 16)), block_mean(whole, 4))
        assert reader.may_hold_data(Window(0, 0, 64, 64))


def test_gaps_cost_nothing(tmp_path, make_raster, backend):
    options = {key: {"nodata": 0, "compress": "DEFLATE"} for key in PLACES}
    folder = put_all(make_raster, tmp_path / "tiles", random_images("uint8", 3), options)
    with open_raster(folder, backend) as reader:
        for name in PLACES:  # whoever decodes a pixel fails from here on
            os.truncate(os.path.join(folder, name), 1500)
        gap, edge = Window(0, 112, 64, 40), Window(0, 40, 64, 100)
        assert not reader.may_hold_data(gap)
        assert not reader.read_valid([1, 2, 3], gap).any()
        assert not reader.read_valid([1], gap, (16, 10)).any()
        assert reader.may_hold_data(edge)
        with pytest.raises(RasterError, match="cannot be read"):
            reader.read_valid([1, 2, 3], edge)


def test_validity_of_rasters_without_nodata_decodes_nothing(tmp_path, make_raster, backend):
    options = {key: {"compress": "DEFLATE"} for key in PLACES}
    folder = put_all(make_raster, tmp_path / "tiles", random_images("uint8", 3), options)
    with open_raster(folder, backend) as reader:
        for name in PLACES:
            os.truncate(os.path.join(folder, name), 1500)
        valid = reader.read_valid([1, 2, 3], Window(0, 0, *SHAPE))
    np.testing.assert_array_equal(valid, paint(random_images("uint8", 1), dict.fromkeys(PLACES, True), "uint8")[1][0])


@pytest.mark.parametrize("external", [False, True])
def test_folder_uses_the_overviews_of_its_rasters(tmp_path, make_raster, backend, external):
    folder = tmp_path / "tiles"
    for number in range(2):
        inside = {} if external else {"overviews": (2, 4)}
        path = put(
            make_raster, folder, f"{number}.tif", 0, number * 256, data=np.full((1, 256, 256), 40, "u1"), **inside
        )
        if external:
            os.replace(make_raster(data=np.full((1, 64, 64), 40, np.uint8)), path + ".ovr")
        overwrite(path, np.full((1, 256, 256), 90, np.uint8))
    with open_raster(str(folder), backend) as reader:
        assert reader.info.overviews == ((4,) if external else (2, 4))
        assert set(reader.read([1], Window(0, 0, 256, 512), (64, 128)).ravel()) == {40}
        assert set(reader.read([1], Window(0, 0, 256, 512)).ravel()) == {90}


def test_south_up_rasters_join(tmp_path, make_raster, backend):
    images = [noise(1, 16, 16, seed=number) for number in range(2)]
    for number, image in enumerate(images):
        put(make_raster, tmp_path / "t", f"{number}.tif", number * 16, 0, data=image, transform=SOUTH_UP)
    np.testing.assert_array_equal(read_all(str(tmp_path / "t"), backend), np.concatenate(images, axis=1))
    with open_raster(str(tmp_path / "t"), backend) as reader:
        assert reader.info.transform == pytest.approx(SOUTH_UP)


def test_hundreds_of_rasters_and_odd_names(tmp_path, make_raster, backend):
    whole = noise(1, 6 * 8, 20 * 8)
    for number in range(120):
        row, col = number // 20 * 8, number % 20 * 8
        name = f"{number} & <märz> '{number}'.tif"
        put(make_raster, tmp_path / "t", name, row, col, data=whole[:, row : row + 8, col : col + 8], tiled=False)
    np.testing.assert_array_equal(read_all(str(tmp_path / "t"), backend), whole)


def test_a_relative_folder_is_read_after_a_change_of_folder(tmp_path, make_raster, backend, monkeypatch):
    put(make_raster, tmp_path / "t", "a.tif", 0, 0, data=noise(1, 16, 16))
    monkeypatch.chdir(tmp_path)
    with open_raster("t", backend) as reader:
        monkeypatch.chdir("/")
        np.testing.assert_array_equal(reader.read([1], Window(0, 0, 16, 16)), noise(1, 16, 16))


def test_only_rasters_of_a_folder_count(tmp_path, make_raster, backend):
    folder = tmp_path / "t"
    a = put(make_raster, folder, "B.TIF", 0, 0, data=noise(1, 16, 16))
    b = put(make_raster, folder, "a.tiff", 0, 16, data=noise(1, 16, 16))
    for name in (".hidden.tif", "readme.txt", "B.TIF.aux.xml", "B.tfw", "a.tiff.ovr.tmp"):
        (folder / name).write_text("no raster")
    (folder / "sub.tif").mkdir()
    # A .vrt over rasters of the same folder adds nothing.
    os.replace(write_vrt(folder, vrt_band(1, "Byte", a), size=(16, 16)), folder / "all.vrt")
    assert rasters_in(str(folder)) == (a, b)
    assert describe(str(folder)).files == (str(folder), a, b)
    assert read_all(str(folder), backend).shape == (1, 16, 32)


@pytest.mark.parametrize(
    ("name", "changes", "text"),
    [
        ("z.tif", {"crs": "EPSG:32632"}, "z.tif' has the CRS '.*32N', not '.*33N' like 'a.tif': .*gdalwarp -t_srs"),
        ("z.tif", {"crs": ""}, "z.tif' has the CRS none, not '.*33N'"),
        ("z.tif", {"count": 2}, "z.tif' has 2 bands, not 3: .*gdal_translate -b"),
        ("z.tif", {"dtype": "int16"}, "z.tif' holds int16, not uint8: .*gdal_translate -ot"),
        ("z.tif", {"count": 2, "alpha": True}, r"z.tif' has alpha bands \(3,\), not \(\)"),
        ("z.tif", {"transform": (5e5, 0.6, 0, 5e6, 0, -0.5)}, "z.tif' has pixels of 0.6, not 0.5 .*gdalwarp -tr"),
        ("z.tif", {"transform": (5e5, 0.5, 0, 5e6, 0, 0.5)}, "z.tif' has pixels of 0.5, not -0.5"),
        ("z.tif", {"transform": (5e5, 0.5001, 0, 5e6, 0, -0.5)}, "z.tif' has pixels of 0.5001"),
        ("z.tif", {"transform": (5e5 + 0.01, 0.5, 0, 5e6, 0, -0.5)}, "lies 0.02 pixels off .* columns.*gdalwarp -tap"),
        ("z.tif", {"transform": (5e5, 0.5, 0, 5e6 + 0.2, 0, -0.5)}, "lies 0.40 pixels off the grid .*rows"),
        ("z.tif", {"transform": ROTATED}, "z.tif' is rotated: warp it north-up"),
        ("z.tif", {"transform": ()}, "z.tif' has no georeference, .*gdal_edit.py"),
        ("z.tif", {"transform": (5e12, 0.5, 0, 5e6, 0, -0.5)}, "span .* pixels, 2147483647 at most .*far away"),
    ],
)
def test_folder_refuses_rasters_that_do_not_fit(tmp_path, make_raster, backend, name, changes, text):
    put(make_raster, tmp_path / "t", "a.tif", 0, 0)
    os.replace(make_raster(**{"transform": NORTH_UP, **changes}), tmp_path / "t" / name)
    with pytest.raises(RasterError, match=text) as caught:
        open_raster(str(tmp_path / "t"), backend)
    assert "\n" not in str(caught.value)
    # None is left to the garbage collector, which awaits threads where they cannot end, such as while another begins.
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("uhrs-open")]


def test_folder_takes_rasters_a_thousandth_of_a_pixel_off(tmp_path, make_raster, backend):
    put(make_raster, tmp_path / "t", "a.tif", 0, 0, data=noise(1, 16, 16))
    put(make_raster, tmp_path / "t", "b.tif", 0, 16.001, data=noise(1, 16, 16, seed=1))
    assert read_all(str(tmp_path / "t"), backend).shape == (1, 16, 32)


def test_folder_names_the_file_that_does_not_open(tmp_path, make_raster, backend):
    put(make_raster, tmp_path / "t", "a.tif", 0, 0)
    (tmp_path / "t" / "z.tif").write_text("hello")
    with pytest.raises(RasterError, match=r"z.tif' cannot be opened as a raster"):
        open_raster(str(tmp_path / "t"), backend)


def test_unreadable_block_of_a_folder_names_the_raster(tmp_path, make_raster, backend):
    images = random_images("uint8", 1)
    folder = put_all(make_raster, tmp_path / "tiles", images, {"c.tif": {"compress": "DEFLATE"}})
    os.truncate(os.path.join(folder, "c.tif"), 1500)
    with open_raster(folder, backend) as reader, pytest.raises(RasterError, match=r"rows 64-127, .*c\.tif'"):
        reader.read([1], Window(0, 0, *SHAPE))
    with open_raster(folder, backend, "nodata") as reader:
        valid = reader.read_valid([1], Window(0, 0, *SHAPE))
        mosaic, expected = paint(images, {"a.tif": True, "b.tif": True, "c.tif": False}, "uint8")
        # The blocks of c do not start at multiples of 64, those of the mosaic do.
        np.testing.assert_array_equal(valid, expected[0])
        np.testing.assert_array_equal(reader.read([1], Window(0, 0, *SHAPE)) * valid, mosaic)
        assert reader.unreadable == [Window(64, 128, 64, 64), Window(64, 192, 64, 32)]


@pytest.mark.parametrize("wish", ["stop", "nodata"])
def test_vanished_raster_of_a_folder_is_an_error_whatever_the_wish(tmp_path, make_raster, backend, wish):
    folder = put_all(make_raster, tmp_path / "tiles", random_images("uint8", 1))
    with open_raster(folder, backend, wish) as reader:
        os.truncate(os.path.join(folder, "c.tif"), 500)  # an open file could still be read, unlike one on a network
        os.remove(os.path.join(folder, "c.tif"))
        with pytest.raises(RasterError, match=r"The raster '.*c\.tif' of '.*tiles' is no longer there"):
            reader.read([1], Window(0, 0, *SHAPE))
