"""Large copies of the rasterio back end run in a process of their own, which can be stopped."""

import os
import time

import numpy as np
import pytest

from tests.engine.output_cases import CLASSES, labels_of, profile_of, read_back
from uhrs_qgis_plugin.engine.errors import CancelledError, OutputError
from uhrs_qgis_plugin.engine.raster.opening import create_raster

output = pytest.importorskip(
    "uhrs_qgis_plugin.engine.raster.rasterio_backend.writing", reason="rasterio is not installed"
)


@pytest.fixture
def plain(tmp_path, monkeypatch):
    monkeypatch.setattr(output, "CHILD_PIXELS", 0)
    profile = profile_of(**CLASSES)
    image = labels_of(profile)
    with create_raster(str(tmp_path / "plain.tif"), profile, "rasterio") as writer:
        writer.write(image, 0, 0)
    return str(tmp_path / "plain.tif"), image


def test_the_child_writes_the_same(plain, tmp_path, monkeypatch):
    source, image = plain
    output.finish_cog(source, str(tmp_path / "child.tif"), "mode")
    monkeypatch.setattr(output, "CHILD_PIXELS", 1 << 40)
    output.finish_cog(source, str(tmp_path / "here.tif"), "mode")
    assert (tmp_path / "child.tif").read_bytes() == (tmp_path / "here.tif").read_bytes()
    np.testing.assert_array_equal(read_back(str(tmp_path / "child.tif"), "rasterio")[1], image)


def test_stopped_in_the_middle(plain, tmp_path):
    asked = []

    def progress(share):
        asked.append(time.monotonic())
        return len(asked) < 2

    with pytest.raises(CancelledError):
        output.finish_cog(plain[0], str(tmp_path / "out.tif"), "mode", progress)
    assert sorted(os.listdir(tmp_path)) == ["plain.tif", "plain.tif.aux.xml"]


def test_errors_come_back(plain, tmp_path):
    with open(plain[0], "r+b") as file:
        file.truncate(os.path.getsize(plain[0]) // 2)
    with pytest.raises(OutputError, match=r"out\.tif' cannot be written"):
        output.finish_cog(plain[0], str(tmp_path / "out.tif"), "mode")
    assert not (tmp_path / "out.tif").exists()
