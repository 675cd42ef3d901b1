import os

import numpy as np
import pytest

from tests.engine.raster_cases import HAS_GDAL, block_mean, noise, overwrite
from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.damage import halves
from uhrs_qgis_plugin.engine.raster.opening import open_raster

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning") if not HAS_GDAL else []

WHOLE = Window(0, 0, 192, 256)  # 3 x 4 tiles of 64 pixels


def damage(path, row, col):
    """Overwrite a tile of a TIFF with zeros, which no compression takes for data."""
    if HAS_GDAL:
        from osgeo import gdal

        dataset = gdal.Open(path)
        band = dataset.GetRasterBand(1)
        place, size = (int(band.GetMetadataItem(f"BLOCK_{what}_{col}_{row}", "TIFF")) for what in ("OFFSET", "SIZE"))
        band = dataset = None
    else:
        import rasterio

        with rasterio.open(path) as file:
            tags = (file.get_tag_item(f"BLOCK_{what}_{col}_{row}", "TIFF", bidx=1) for what in ("OFFSET", "SIZE"))
            place, size = map(int, tags)
    with open(path, "r+b") as file:
        file.seek(place)
        file.write(b"\0" * size)


@pytest.fixture
def damaged(make_raster):
    """Factory: a raster of noise with tiles (0, 1) and (2, 3) destroyed; path, pixels, which of them are readable."""

    def make(count=2, dtype="uint8", tiles=((0, 1), (2, 3)), **options):
        image = noise(count, 192, 256, dtype=dtype)
        path = make_raster(data=image, compress="DEFLATE", **options)
        good = np.ones((192, 256), bool)
        for row, col in tiles:
            damage(path, row, col)
            good[row * 64 : row * 64 + 64, col * 64 : col * 64 + 64] = False
        return path, image, good

    return make


@pytest.mark.parametrize("shape", [None, (48, 64), (50, 70)])
def test_stop_names_the_first_bad_block(damaged, backend, shape):
    path, _, _ = damaged()
    with open_raster(path, backend) as reader:
        assert not reader.info.has_mask
        with pytest.raises(RasterError, match=r"raster_0.tif' cannot be read at rows 0-63, columns 64-127 \(.*copy or"):
            reader.read([1, 2], WHOLE, shape)
        with pytest.raises(RasterError, match="rows 128-191, columns 192-255"):
            reader.read([2], Window(100, 100, 90, 150))
        assert reader.unreadable == []


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int32", "float32"])
def test_nodata_reads_around_bad_blocks(damaged, backend, dtype):
    path, image, good = damaged(dtype=dtype)
    with open_raster(path, backend, "nodata") as reader:
        assert reader.info.has_mask
        np.testing.assert_array_equal(reader.read([2, 1], WHOLE), (image * good)[::-1])
        np.testing.assert_array_equal(reader.read_valid([1, 2], WHOLE), good)
        assert reader.unreadable == [Window(0, 64, 64, 64), Window(128, 192, 64, 64)]
        part = Window(30, 50, 40, 90)
        np.testing.assert_array_equal(reader.read([1], part), (image * good)[:1, 30:70, 50:140])
        np.testing.assert_array_equal(reader.read_valid([1], part), good[30:70, 50:140])


@pytest.mark.parametrize("valid_first", [False, True])
def test_nodata_reads_around_bad_blocks_when_decimated(damaged, backend, valid_first):
    path, image, good = damaged()
    with open_raster(path, backend, "nodata") as reader:
        if valid_first:
            reader.read_valid([1, 2], WHOLE, (48, 64))
        means = reader.read([1, 2], WHOLE, (48, 64))
        np.testing.assert_array_equal(means, block_mean(image * good, 4))
        np.testing.assert_array_equal(reader.read_valid([1, 2], WHOLE, (48, 64)), good[2::4, 2::4])
        nearest = reader.read([1], WHOLE, (48, 64), "nearest")
        np.testing.assert_array_equal(nearest, (image * good)[:1, 2::4, 2::4])
        assert len(reader.unreadable) == 2
        assert reader.read([1], WHOLE, (50, 70)).shape == (1, 50, 70)  # no whole number of pixels each


def test_nodata_averages_what_is_left_of_a_cell(damaged, backend):
    path, image, good = damaged(count=1)
    window = Window(0, 2, 192, 252)  # the cells straddle the bad blocks
    cells = image[0, :, 2:254].reshape(48, 4, 63, 4).astype(float)
    weights = good[:, 2:254].reshape(48, 4, 63, 4)
    count = weights.sum(axis=(1, 3))
    expected = np.floor((cells * weights).sum(axis=(1, 3)) / np.maximum(count, 1) + 0.5)
    with open_raster(path, backend, "nodata") as reader:
        np.testing.assert_array_equal(reader.read([1], window, (48, 63))[0], expected)
    assert (count == 8).any()


@pytest.mark.parametrize("kind", [{"nodata": 7}, {"mask": True}])
def test_nodata_and_masks_of_the_file_still_hold(damaged, backend, kind):
    path, image, good = damaged(count=1, tiles=((2, 3),), **kind)
    valid = good & (image[0] != 7)
    if "mask" in kind:
        valid = good.copy()
        valid[:96, :128] = False
    cells = image[0].reshape(48, 4, 64, 4).astype(float)
    weights = valid.reshape(48, 4, 64, 4)
    mean = np.floor((cells * weights).sum(axis=(1, 3)) / np.maximum(weights.sum(axis=(1, 3)), 1) + 0.5)
    if "nodata" in kind:
        mean[mean == 7] = 8
    with open_raster(path, backend, "nodata") as reader:
        image = reader.read([1], WHOLE, (48, 64))[0]
        np.testing.assert_array_equal(reader.read_valid([1], WHOLE), valid)
        sample = reader.read_valid([1], WHOLE, (48, 64))
    np.testing.assert_array_equal(sample, valid[2::4, 2::4])
    np.testing.assert_array_equal(image[sample], mean[sample])
    if "nodata" in kind:
        assert set(image[40:, 60:].ravel()) == {7}


def test_alpha_of_bad_blocks_is_no_data(damaged, backend):
    path, _, good = damaged(count=2, alpha=True)
    with open_raster(path, backend, "nodata") as reader:
        assert reader.info.alpha_bands == (2,)
        valid = reader.read_valid([1], WHOLE)
        assert not valid[~good].any()
        assert valid[good].mean() > 0.9


def test_striped_files_lose_only_the_strip(make_raster, backend):
    image = noise(1, 64, 40)
    path = make_raster(data=image, compress="DEFLATE", tiled=False)
    with open_raster(path, backend) as reader:
        rows = reader.info.block_shape[0]
        assert reader.info.block_shape[1] == 40
    assert rows <= 64
    os.truncate(path, os.path.getsize(path) - 5)
    with open_raster(path, backend, "nodata") as reader:
        valid = reader.read_valid([1], Window(0, 0, 64, 40))
        assert [not row.any() for row in valid] == [row >= 63 // rows * rows for row in range(64)]


def test_a_damaged_overview_is_told_apart_and_read_around(make_raster, backend):
    image = noise(1, 256, 256)
    path = make_raster(data=image)
    other = make_raster(data=noise(1, 64, 64, seed=1), compress="DEFLATE")
    damage(other, 0, 0)
    os.replace(other, path + ".ovr")
    whole = Window(0, 0, 256, 256)
    with open_raster(path, backend) as reader:
        assert reader.info.overviews == (4,)
        with pytest.raises(RasterError, match="its overviews are damaged though its pixels are not, remove or rebuild"):
            reader.read([1], whole, (64, 64))
    with open_raster(path, backend, "nodata") as reader:
        np.testing.assert_array_equal(reader.read([1], whole, (64, 64)), block_mean(image, 4))
        assert reader.unreadable == []


def test_overviews_do_not_bring_known_bad_blocks_back(damaged, backend):
    path, image, good = damaged(count=1, overviews=(4,))
    with open_raster(path, backend, "nodata") as reader:
        np.testing.assert_array_equal(reader.read([1], WHOLE, (48, 64)), block_mean(image, 4))
        reader.read([1], WHOLE)
        np.testing.assert_array_equal(reader.read_valid([1], WHOLE, (48, 64)), good[2::4, 2::4])
        np.testing.assert_array_equal(reader.read([1], WHOLE, (48, 64)), block_mean(image * good, 4))


def test_large_windows_are_mended_in_pieces(make_raster, backend):
    image = np.broadcast_to(np.arange(1200, dtype=np.uint16)[:, None] % 251, (1, 1200, 1200)).copy()
    path = make_raster(data=image, compress="DEFLATE")
    damage(path, 9, 9)
    expected = image.copy()
    expected[:, 576:640, 576:640] = 0
    with open_raster(path, backend, "nodata") as reader:
        found = reader.read([1], Window(0, 0, 1200, 1200), (300, 300))
        assert reader.unreadable == [Window(576, 576, 64, 64)]
    np.testing.assert_array_equal(found, block_mean(expected, 4))


@pytest.mark.parametrize("wish", ["stop", "nodata"])
def test_a_vanished_file_is_an_error_whatever_the_wish(make_raster, backend, wish):
    path = make_raster(data=noise(1, 256, 256), compress="DEFLATE")
    with open_raster(path, backend, wish) as reader:
        os.truncate(path, 500)  # an open file could still be read, unlike one on a network
        os.remove(path)
        with pytest.raises(RasterError, match=r"The raster '.*raster_0.tif' is no longer there: connect its drive"):
            reader.read([1], Window(0, 0, 256, 256), (64, 64))


def test_sound_rasters_read_alike_whatever_the_wish(make_raster, backend):
    image = noise(2, 100, 90)
    path = make_raster(data=image, nodata=3)
    readers = [open_raster(path, backend, wish) for wish in ("stop", "nodata")]
    window = Window(3, 5, 80, 64)
    for shape in (None, (20, 16)):
        first, second = (reader.read([2, 1], window, shape) for reader in readers)
        np.testing.assert_array_equal(first, second)
        first, second = (reader.read_valid([2, 1], window, shape) for reader in readers)
        np.testing.assert_array_equal(first, second)
    assert readers[1].unreadable == []


def test_unknown_wish_is_refused(make_raster):
    with pytest.raises(OptionsError, match=r"unreadable='skip' is unknown: use one of \('stop', 'nodata'\)"):
        open_raster(make_raster(), unreadable="skip")


@pytest.mark.parametrize("window", [Window(0, 0, 100, 90), Window(17, 31, 300, 64), Window(63, 0, 2, 500)])
def test_halves_cover_a_window_once_and_end_at_blocks(window):
    leaves, todo = [], [(window, (window.height, window.width))]
    while todo:
        part, shape = todo.pop()
        assert shape == (part.height, part.width)
        more = halves(part, shape, (64, 32))
        todo.extend(more)
        if not more:
            leaves.append(part)
    seen = np.zeros((400, 600), int)
    for leaf in leaves:
        seen[leaf.slices()] += 1
        assert leaf.row // 64 == (leaf.row_end - 1) // 64
        assert leaf.col // 32 == (leaf.col_end - 1) // 32
    assert seen[window.slices()].min() == 1
    assert seen.sum() == window.height * window.width


def test_halves_of_a_decimated_read_are_cut_on_pixels():
    first, second = halves(Window(0, 5, 1000, 3000), (250, 750), (64, 64))
    assert first == (Window(0, 5, 1000, 1500), (250, 375))
    assert second == (Window(0, 1505, 1000, 1500), (250, 375))
    assert halves(Window(0, 0, 1009, 1013), (251, 257), (64, 64)) == ()  # primes: no cut falls on a pixel
    assert halves(Window(0, 0, 400, 400), (100, 100), (64, 64)) == ()  # small enough to be read as a whole


def test_overwritten_pixels_show_that_overviews_are_used(make_raster, backend):
    path = make_raster(data=np.full((1, 256, 256), 40, np.uint8), overviews=(2, 4))
    overwrite(path, np.full((1, 256, 256), 90, np.uint8))
    with open_raster(path, backend, "nodata") as reader:
        assert set(reader.read([1], Window(0, 0, 256, 256), (64, 64)).ravel()) == {40}
