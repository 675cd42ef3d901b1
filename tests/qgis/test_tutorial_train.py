"""The last step of docs/tutorial-train.md in the real qgis_process; the steps before are tested in tests/training."""

import shlex
import shutil
from pathlib import Path

from osgeo import gdal

from tests.documents import commands

ROOT = Path(__file__).resolve().parents[2]


def test_the_command_segments_with_the_model_of_the_tutorial(qgis_process, tiny_model, raster, tmp_path, monkeypatch):
    """As it stands, in a folder with the names that the tutorial uses."""
    image = tmp_path / "mine" / "val" / "images" / "south.tif"
    image.parent.mkdir(parents=True)
    shutil.copy(raster, image)
    shutil.copy(tiny_model, tmp_path / "mine.uhrs")
    (command,) = [text for text, _ in commands(ROOT / "docs" / "tutorial-train.md") if "qgis_process" in text]
    program, *arguments = shlex.split(command.replace("\\\n", " "))
    assert program == "qgis_process"
    monkeypatch.chdir(tmp_path)
    done = qgis_process(*arguments)
    assert done.returncode == 0, done.stderr
    classes, given = gdal.Open(str(tmp_path / "classes.tif")), gdal.Open(str(image))
    assert classes.GetGeoTransform() == given.GetGeoTransform()
    assert (classes.RasterXSize, classes.RasterYSize) == (given.RasterXSize, given.RasterYSize)
    assert classes.GetRasterBand(1).GetCategoryNames() == ["class0", "class1", "class2"]
    assert (tmp_path / "uncertainty.tif").exists()
