"""Outputs are checked before the first pixel: what is wrong is told, and nothing is written."""

import os
import shutil

import pytest

from uhrs_qgis_plugin.engine.errors import OptionsError, OutputError
from uhrs_qgis_plugin.engine.outputs import Outputs, check_disk, check_outputs


def _check(folder, **outputs):
    check_outputs({name: str(folder / path) for name, path in outputs.items()}, {str(folder / "in.tif"): "the raster"})


def test_outputs_that_can_be_written_leave_nothing_behind(tmp_path):
    _check(tmp_path, classes="c.tif", uncertainty="u.TIFF", report="r.json")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("outputs", "error", "text"),
    [
        ({"classes": "in.tif"}, OptionsError, "is also the raster: choose another name"),
        ({"classes": "a.tif", "uncertainty": "./a.tif"}, OptionsError, "is also the output classes"),
        ({"classes": "a.png"}, OptionsError, r"is written as GeoTIFF: give a name that ends with \.tif"),
        ({"classes": "no/a.tif"}, OutputError, "does not exist: create it or choose another one"),
        ({"report": "taken"}, OutputError, "is a folder: give the name of a file for report"),
    ],
)
def test_what_cannot_be_written_is_told(tmp_path, outputs, error, text):
    (tmp_path / "taken").mkdir()
    with pytest.raises(error, match=text):
        _check(tmp_path, **outputs)


def test_a_link_to_an_input_is_that_input(tmp_path):
    (tmp_path / "in.tif").write_bytes(b"")
    (tmp_path / "out.tif").symlink_to(tmp_path / "in.tif")
    with pytest.raises(OptionsError, match="is also the raster"):
        _check(tmp_path, classes="out.tif")


def test_outputs_on_one_disk_share_its_space(tmp_path, monkeypatch):
    outputs = Outputs(str(tmp_path / "c.tif"), str(tmp_path / "u.tif"))
    free = 1_200_000 + 4_700_000  # of a million pixels: the classes and, one cell a pixel, the uncertainty
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(free, 0, free))
    check_disk(outputs, 1_000_000)
    for more in ({"pixels": 1_010_000}, {"pixels": 1_000_000, "scratch": 10_000}):
        with pytest.raises(OutputError, match=r"u\.tif' may need \d MB but 6 MB are free"):
            check_disk(outputs, **more)
    with pytest.raises(OutputError, match="are free"):
        check_disk(outputs, 800_000, has_strips=True)
    check_disk(outputs, 700_000, has_strips=True)
    check_disk(outputs, 4_000_000, uncertainty_cell=8)
