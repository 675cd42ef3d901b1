"""How files may be stored: compressions, blocks, overviews, holes; all read alike."""

import numpy as np
import pytest

from tests.engine.raster_cases import HAS_GDAL, block_mean, noise, read_all, valid_of
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import open_raster

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning") if not HAS_GDAL else []


def compressed(make_raster, compress, **options):
    """A raster with a compression; skips where GDAL was built without it."""
    if HAS_GDAL:
        from osgeo import gdal

        known = gdal.GetDriverByName("GTiff").GetMetadataItem("DMD_CREATIONOPTIONLIST")
        if f"<Value>{compress}</Value>" not in known:
            pytest.skip(f"GDAL was built without {compress}")
    return make_raster(compress=compress, **options)


def copy_as(path, target, driver, **options):
    if HAS_GDAL:
        from osgeo import gdal

        gdal.GetDriverByName(driver).CreateCopy(target, gdal.Open(path), 0, [f"{k}={v}" for k, v in options.items()])
    else:
        import rasterio.shutil

        rasterio.shutil.copy(path, target, driver=driver, **options)
    return target


@pytest.mark.parametrize("tiled", [True, False])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("compress", ["LZW", "DEFLATE", "ZSTD", "PACKBITS"])
def test_lossless_compressions_read_exactly(make_raster, backend, compress, dtype, tiled):
    image = noise(3, 150, 170, dtype=dtype)
    path = compressed(make_raster, compress, data=image, tiled=tiled)
    np.testing.assert_array_equal(read_all(path, backend), image)
    with open_raster(path, backend) as reader:
        means = reader.read([3, 1], Window(7, 9, 128, 136), (32, 34))
    np.testing.assert_allclose(means, block_mean(image[[2, 0], 7:135, 9:145], 4), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("tiled", [True, False])
@pytest.mark.parametrize("compress", ["JPEG", "WEBP"])
def test_lossy_compressions_read_nearly(make_raster, backend, compress, tiled):
    rows, cols = np.mgrid[:150, :170]
    image = np.stack([rows, cols, (rows + cols) // 2]).astype(np.uint8)
    found = read_all(compressed(make_raster, compress, data=image, tiled=tiled), backend)
    assert np.abs(found.astype(int) - image).max() < 60  # corners of tiles suffer
    assert np.abs(found.astype(int) - image).mean() < 2


@pytest.mark.parametrize("driver", ["COG", "VRT", "PNG"])
def test_other_formats_read_exactly(tmp_path, make_raster, backend, driver):
    image = noise(3, 600, 700)
    path = copy_as(make_raster(data=image), str(tmp_path / f"copy.{driver.lower()}"), driver)
    np.testing.assert_array_equal(read_all(path, backend), image)
    with open_raster(path, backend) as reader:
        assert not reader.info.has_mask
        window = Window(300, 100, 256, 512)
        np.testing.assert_array_equal(reader.read([1, 2, 3], window), image[:, 300:556, 100:612])


@pytest.mark.parametrize(
    ("options", "shape"), [({"tiled": True}, (64, 64)), ({"tiled": False, "count": 1, "width": 8192}, (1, 8192))]
)
def test_info_tells_the_block_shape(make_raster, backend, options, shape):
    with open_raster(make_raster(**options), backend) as reader:
        assert reader.info.block_shape == shape


def test_info_tells_overviews_and_nodata(make_raster, backend):
    with open_raster(make_raster(width=301, height=200, overviews=(2, 4, 8), nodata=7), backend) as reader:
        assert reader.info.overviews == (2, 4, 8)
        assert reader.info.nodata == (7, 7, 7)
    with open_raster(make_raster(count=2), backend) as reader:
        assert (reader.info.overviews, reader.info.nodata) == ((), (None, None))


def write_sparse(path, count, alpha=False, **options):
    """256 x 256 pixels in tiles of 64, of which only that in row 0 and column 1 is in the file; it holds ones."""
    ones = np.ones((count, 64, 64), np.uint8)
    if HAS_GDAL:
        from osgeo import gdal

        creation = ["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64", "SPARSE_OK=TRUE", "PHOTOMETRIC=MINISBLACK"]
        dataset = gdal.GetDriverByName("GTiff").Create(path, 256, 256, count, gdal.GDT_Byte, creation)
        for band in range(1, count + 1):
            if "nodata" in options:
                dataset.GetRasterBand(band).SetNoDataValue(options["nodata"])
            if alpha and band == count:
                dataset.GetRasterBand(band).SetColorInterpretation(gdal.GCI_AlphaBand)
            dataset.GetRasterBand(band).WriteArray(ones[band - 1], 64, 0)
        dataset = None
    else:
        import rasterio
        from rasterio.enums import ColorInterp

        profile = {"driver": "GTiff", "width": 256, "height": 256, "count": count, "dtype": "uint8", "tiled": True}
        profile.update(blockxsize=64, blockysize=64, sparse_ok=True, photometric="minisblack", **options)
        with rasterio.open(path, "w", **profile) as dataset:
            if alpha:
                dataset.colorinterp = (*dataset.colorinterp[:-1], ColorInterp.alpha)
            dataset.write(ones, window=rasterio.windows.Window(64, 0, 64, 64))
    return path


HOLE, TILE, ACROSS = Window(70, 0, 150, 256), Window(10, 70, 8, 8), Window(0, 0, 65, 65)


def test_missing_tiles_hold_no_data_where_there_is_nodata(tmp_path, backend):
    with open_raster(write_sparse(str(tmp_path / "x.tif"), 2, nodata=0), backend) as reader:
        assert [reader.may_hold_data(window) for window in (HOLE, TILE, ACROSS)] == [False, True, True]
        assert not reader.read_valid([1, 2], HOLE).any()
        assert reader.read_valid([1, 2], TILE).all()
        assert reader.read_valid([1, 2], ACROSS).sum() == 64


def test_missing_tiles_are_zeros_where_there_is_no_nodata(tmp_path, backend):
    path = write_sparse(str(tmp_path / "x.tif"), 2)
    with open_raster(path, backend) as reader:
        assert reader.may_hold_data(HOLE)
        assert reader.read_valid([1, 2], HOLE).all()
        assert not reader.read([1, 2], HOLE).any()


def test_missing_tiles_of_alpha_hold_no_data_unless_alpha_is_data(tmp_path, backend):
    path = write_sparse(str(tmp_path / "x.tif"), 3, alpha=True)
    with open_raster(path, backend) as reader:
        assert [reader.may_hold_data(window) for window in (HOLE, TILE, ACROSS)] == [False, True, True]
        assert reader.may_hold_data(HOLE, [1, 3])
        assert not reader.read_valid([1, 2], HOLE).any()
    assert valid_of(path, backend, [1, 3]).all()


def test_may_hold_data_of_ordinary_rasters_is_true(make_raster, backend):
    for options in ({}, {"nodata": 0}, {"mask": True}, {"alpha": True}, {"dtype": "float32"}):
        with open_raster(make_raster(**options), backend) as reader:
            assert reader.may_hold_data(Window(0, 0, 10, 10))
            with pytest.raises(ValueError, match="does not lie inside"):
                reader.may_hold_data(Window(0, 60, 4, 5))
