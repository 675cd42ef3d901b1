"""Copies to a cloud-optimised GeoTIFF can be stopped in the middle, rasterio's by the files that GDAL uses."""

import importlib
import os

import numpy as np
import pytest

from tests.engine.output_cases import CLASSES, profile_of, read_back
from uhrs_qgis_plugin.engine.errors import CancelledError, OutputError
from uhrs_qgis_plugin.engine.raster.opening import create_raster, finish_cog

SIDE = 3000
POLLED_FILES = "uhrs_qgis_plugin.engine.raster.rasterio_backend.polled_files"


@pytest.fixture
def plain(tmp_path, backend, monkeypatch):
    """A file that takes some tenths of a second to copy."""
    if backend == "rasterio":
        monkeypatch.setattr(importlib.import_module(POLLED_FILES), "POLL_S", 0.01)
    profile = profile_of(width=SIDE, height=SIDE, **CLASSES)
    image = np.random.default_rng(0).integers(0, 3, (1, SIDE, SIDE)).astype(np.uint8)
    with create_raster(str(tmp_path / "plain.tif"), profile, backend) as writer:
        writer.write(image, 0, 0)
    return str(tmp_path / "plain.tif"), image


@pytest.mark.parametrize("calls", [1, 2, 4])
def test_stopped_in_the_middle(plain, backend, tmp_path, calls):
    reported = []

    def progress(share):
        reported.append(share)
        if len(reported) == calls:
            raise CancelledError

    with pytest.raises(CancelledError):
        finish_cog(plain[0], str(tmp_path / "out.tif"), "mode", backend, progress)
    assert len(reported) == calls  # nothing went on
    assert sorted(os.listdir(tmp_path)) == ["plain.tif", "plain.tif.aux.xml"]


def test_progress_is_called_often(plain, backend, tmp_path):
    reported = []
    finish_cog(plain[0], str(tmp_path / "out.tif"), "mode", backend, reported.append)
    assert len(reported) > 5
    np.testing.assert_array_equal(read_back(str(tmp_path / "out.tif"), backend)[1], plain[1])


def test_errors_come_back(plain, backend, tmp_path):
    with open(plain[0], "r+b") as file:
        file.truncate(os.path.getsize(plain[0]) // 2)
    with pytest.raises(OutputError, match=r"out\.tif' cannot be written"):
        finish_cog(plain[0], str(tmp_path / "out.tif"), "mode", backend)
    assert not (tmp_path / "out.tif").exists()


def test_polled_files_change_no_byte(plain, backend, tmp_path):
    if backend != "rasterio":
        pytest.skip("only rasterio needs them")
    import rasterio
    import rasterio.shutil

    finish_cog(plain[0], str(tmp_path / "out.tif"), "mode", backend)
    options = {"compress": "deflate", "level": 5, "blocksize": 512, "overviews": "auto", "overview_resampling": "mode"}
    with rasterio.open(plain[0]) as dataset:
        rasterio.shutil.copy(dataset, tmp_path / "direct.tif", driver="COG", bigtiff="if_safer", **options)
    assert (tmp_path / "out.tif").read_bytes() == (tmp_path / "direct.tif").read_bytes()
