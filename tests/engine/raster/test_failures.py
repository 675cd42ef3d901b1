import os

import numpy as np
import pytest

from tests.engine.output_cases import (
    CLASSES,
    profile_of,
    read_back,
    write_cog,
    write_noise,
)
from tests.engine.raster_cases import HAS_GDAL
from uhrs_qgis_plugin.engine.errors import CancelledError, OutputError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import create_raster, finish_cog, open_raster

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning") if not HAS_GDAL else []


@pytest.mark.parametrize("side", [100, 512, 2048])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_write_to_a_full_disk_is_an_output_error(tmp_path, backend, small_files, side):
    with pytest.raises(OutputError, match=r"full.tif' cannot be written: .*Free disk space") as caught:
        write_noise(tmp_path / "full.tif", backend, side)
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_close_on_a_full_disk_is_an_output_error(tmp_path, backend, request):
    # The block stays in GDAL's cache: nothing fails before the file is closed.
    profile = profile_of(width=600, height=600)
    noise = np.random.default_rng(0).integers(0, 255, (1, 500, 500)).astype(np.uint8)
    writer = create_raster(str(tmp_path / "full.tif"), profile, backend)
    request.getfixturevalue("small_files")
    with pytest.raises(OutputError, match="Free disk space"):
        _write_and_close(writer, noise)


def _write_and_close(writer, noise):
    writer.write(noise, 0, 0)
    writer.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_cog_on_a_full_disk_is_an_output_error_and_leaves_nothing(tmp_path, backend, request):
    write_noise(tmp_path / "plain.tif", backend, 512)
    request.getfixturevalue("small_files")
    with pytest.raises(OutputError, match=r"cog.tif' cannot be written: .*Free disk space"):
        finish_cog(str(tmp_path / "plain.tif"), str(tmp_path / "cog.tif"), "average", backend)
    assert os.listdir(tmp_path) == ["plain.tif"]


def test_cog_of_a_damaged_source_is_an_output_error(tmp_path, backend):
    write_noise(tmp_path / "plain.tif", backend, 512)
    os.truncate(tmp_path / "plain.tif", 1_000_000)
    with pytest.raises(OutputError, match=r"cog.tif' cannot be written"):
        finish_cog(str(tmp_path / "plain.tif"), str(tmp_path / "cog.tif"), "mode", backend)
    assert not os.path.exists(tmp_path / "cog.tif")


def test_cog_of_a_missing_source_is_an_output_error(tmp_path, backend):
    with pytest.raises(OutputError, match=r"missing\.tif"):
        finish_cog(str(tmp_path / "missing.tif"), str(tmp_path / "cog.tif"), "mode", backend)


def test_create_refuses_a_missing_folder_and_a_folder(tmp_path, backend):
    with pytest.raises(OutputError, match=r"there is no folder .*Create it or choose another"):
        create_raster(str(tmp_path / "none" / "x.tif"), profile_of(), backend)
    with pytest.raises(OutputError, match="it is a folder"):
        create_raster(str(tmp_path), profile_of(), backend)


def test_create_in_a_folder_without_permission_is_an_output_error(tmp_path, backend, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the tests may run as root
    with pytest.raises(OutputError, match=r"no permission to write into .*or choose a folder that you may write to"):
        create_raster(str(tmp_path / "x.tif"), profile_of(), backend)


def test_create_reports_what_the_library_says(tmp_path, backend):
    with pytest.raises(OutputError, match=r"cannot be written: .+\. Free disk space"):
        create_raster(str(tmp_path / ("x" * 300 + ".tif")), profile_of(), backend)


def test_create_reports_a_crs_that_is_none(tmp_path, backend):
    with pytest.raises(OutputError, match="cannot be written"):
        create_raster(str(tmp_path / "x.tif"), profile_of(crs_wkt="nonsense"), backend)
    assert not os.path.exists(tmp_path / "x.tif")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(not HAS_GDAL, reason="osgeo is in .venv-qgis, where this test runs")
class TestGdalSettings:
    @pytest.fixture(params=[False, True], autouse=True)
    def exceptions(self, request):
        from osgeo import gdal

        before = gdal.GetUseExceptions()
        gdal.UseExceptions() if request.param else gdal.DontUseExceptions()
        yield request.param
        gdal.UseExceptions() if before else gdal.DontUseExceptions()

    def test_settings_and_handlers_stay(self, tmp_path, make_raster, exceptions, small_files):
        from osgeo import gdal

        heard = []
        gdal.PushErrorHandler(lambda level, number, text: heard.append(text))
        try:
            with open_raster(make_raster(), "gdal") as reader:
                reader.read([1], Window(0, 0, 40, 60), (10, 15))
            with pytest.raises(OutputError):
                write_noise(tmp_path / "full.tif", "gdal", 512)
            assert heard == []
            assert gdal.GetUseExceptions() == exceptions
            gdal.Error(gdal.CE_Warning, 1, "to the handler that was there")
            assert heard == ["to the handler that was there"]
        finally:
            gdal.PopErrorHandler()

    def test_cog_and_errors_are_the_same(self, tmp_path, exceptions):
        path, image = write_cog(tmp_path, "gdal", **CLASSES)
        np.testing.assert_array_equal(read_back(path, "gdal")[1], image)

        def cancel(fraction):
            if fraction > 0.3:
                raise CancelledError

        with pytest.raises(CancelledError):
            finish_cog(path, str(tmp_path / "x.tif"), "mode", "gdal", cancel)
        with pytest.raises(OutputError, match=r"cannot be written: Attempt to create .*File name too long"):
            create_raster(str(tmp_path / ("x" * 300 + ".tif")), profile_of(), "gdal")
        with pytest.raises(OutputError, match="does not open"):
            finish_cog(str(tmp_path / "none.tif"), str(tmp_path / "x.tif"), "mode", "gdal")
