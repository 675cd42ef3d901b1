import os
import threading

import numpy as np
import pytest

from tests.engine.raster_cases import (
    HAS_GDAL,
    block_mean,
    copy_to_geopackage,
    noise,
    read_all,
    vrt_band,
    write_vrt,
)
from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import open_raster
from uhrs_qgis_plugin.engine.raster.read_errors import cannot_read

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning") if not HAS_GDAL else []


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda folder: None, "There is no raster .*check the path"),
        (lambda folder: (folder / "x.tif").mkdir(), "The folder .* holds no rasters: choose one with"),
        (lambda folder: ((folder / "x.tif").mkdir(), (folder / "x.tif" / "a.txt").touch()), "holds no rasters"),
        (lambda folder: (folder / "x.tif").write_text("hello"), "cannot be opened as a raster"),
        (lambda folder: (folder / "x.tif").write_bytes(b"II*\0" + b"\xff" * 40), "cannot be opened as a raster"),
        (lambda folder: (folder / "x.tif").write_bytes(b""), "cannot be opened as a raster"),
    ],
)
def test_open_refuses_what_is_no_raster(tmp_path, backend, make, text):
    make(tmp_path)
    with pytest.raises(RasterError, match=text) as caught:
        open_raster(str(tmp_path / "x.tif"), backend)
    assert "x.tif" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_open_refuses_a_container_of_rasters_and_names_one(tmp_path, make_raster, backend):
    path = str(tmp_path / "two.gpkg")
    for table in ("first", "second"):
        copy_to_geopackage(make_raster(width=64, height=64), path, table)
    with pytest.raises(
        RasterError, match=r"has no bands: open one of the 2 rasters inside it, such as 'GPKG:.*:first'"
    ):
        open_raster(path, backend)


@pytest.mark.parametrize("dtype", ["CFloat32", "CInt16"])
def test_open_refuses_complex_numbers(tmp_path, backend, dtype):
    with pytest.raises(RasterError, match=r"Band 2 of .* has data type c\w+: convert it to one of uint8"):
        open_raster(write_vrt(tmp_path, vrt_band(1, "Byte") + vrt_band(2, dtype)), backend)


def test_open_names_the_back_ends():
    with pytest.raises(OptionsError, match="'numpy' is unknown: use 'auto' or one of"):
        open_raster("x.tif", "numpy")


def test_open_auto_works(make_raster):
    image = noise(1, 5, 6)
    np.testing.assert_array_equal(read_all(make_raster(data=image), "auto"), image)


@pytest.mark.parametrize("shape", [None, (64, 64)])
def test_read_of_a_truncated_file_names_file_and_block(make_raster, backend, shape):
    path = make_raster(data=noise(1, 256, 256), compress="DEFLATE")
    os.truncate(path, os.path.getsize(path) // 2)
    with open_raster(path, backend) as reader:
        assert reader.read([1], Window(0, 0, 64, 64)).shape == (1, 64, 64)
        with pytest.raises(
            RasterError, match=r"raster_0.tif' cannot be read at rows 64-127, columns 192-255 \("
        ) as caught:
            reader.read([1], Window(0, 0, 256, 256), shape)
        assert "\n" not in str(caught.value)


def test_read_of_a_damaged_block_fails_and_others_still_read(make_raster, backend):
    image = noise(1, 128, 128)
    path = make_raster(data=image, compress="DEFLATE")
    with open(path, "r+b") as file:
        file.seek(os.path.getsize(path) - 3000)  # inside the last tile
        file.write(b"\0" * 2000)
    with open_raster(path, backend) as reader:
        with pytest.raises(RasterError, match="the file is damaged or incomplete"):
            reader.read([1], Window(64, 64, 64, 64))
        np.testing.assert_array_equal(reader.read([1], Window(0, 0, 64, 128)), image[:, :64])


def test_a_server_that_fails_is_no_damaged_file():
    """GDAL's words for a WMS: copying the file that describes it would not help."""
    reason = (
        "GDALWMS: Unable to download block 3, 4.\nURL: https://example.org/wms\n  HTTP status code: 503, error: (null)."
    )
    error = cannot_read("town.xml", Window(0, 0, 8, 8), reason)
    assert str(error).endswith(
        "the server that it comes from failed, repeat or resume the run later, or export the part that you need to a "
        "GeoTIFF and segment that."
    )
    assert "damaged" not in str(error)


def test_valid_of_a_truncated_file_is_an_error(make_raster, backend):
    path = make_raster(data=noise(1, 256, 256), nodata=0, compress="DEFLATE")
    os.truncate(path, os.path.getsize(path) // 2)
    with open_raster(path, backend) as reader, pytest.raises(RasterError, match="cannot be read"):
        reader.read_valid([1], Window(0, 0, 256, 256))


@pytest.mark.parametrize(
    ("bands", "window", "shape", "text"),
    [
        ([1], Window(-1, 0, 4, 4), None, "does not lie inside"),
        ([1], Window(0, 61, 4, 4), None, "does not lie inside"),
        ([1], Window(0, 0, 0, 4), None, "does not lie inside"),
        ([0], Window(0, 0, 4, 4), None, r"it has bands 1\.\.3"),
        ([4], Window(0, 0, 4, 4), None, r"it has bands 1\.\.3"),
        ([], Window(0, 0, 4, 4), None, r"it has bands 1\.\.3"),
        ([1], Window(0, 0, 4, 4), (5, 4), "cannot be reduced"),
        ([1], Window(0, 0, 4, 4), (0, 4), "cannot be reduced"),
    ],
)
def test_read_refuses_requests_outside(make_raster, backend, bands, window, shape, text):
    with open_raster(make_raster(), backend) as reader:
        with pytest.raises(ValueError, match=text):
            reader.read(bands, window, shape)
        with pytest.raises(ValueError, match=text):
            reader.read_valid(bands, window, shape)


def test_read_refuses_unknown_resampling(make_raster, backend):
    with open_raster(make_raster(), backend) as reader, pytest.raises(ValueError, match="'cubic' is unknown"):
        reader.read([1], Window(0, 0, 4, 4), (2, 2), "cubic")


def test_read_after_close_is_an_error(make_raster, backend):
    reader = open_raster(make_raster(), backend)
    reader.close()
    reader.close()
    with pytest.raises(ValueError, match="has been closed"):
        reader.read([1], Window(0, 0, 4, 4))


def test_readers_in_threads_do_not_disturb_each_other(make_raster, backend):
    image = noise(1, 128, 128)
    path = make_raster(data=image)
    results = {}

    def work(index):
        with open_raster(path, backend) as reader:
            results[index] = reader.read([1], Window(index, 0, 64, 128), (16, 32))

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in range(4):
        np.testing.assert_array_equal(results[index], block_mean(image[:, index : index + 64], 4))
