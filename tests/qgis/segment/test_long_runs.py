"""What long runs need: a preview, a limit of time, damaged rasters, going on after a cancel."""

from __future__ import annotations

import os

import pytest
import qgis.utils
from osgeo import gdal
from qgis.core import QgsProcessingException, QgsProject
from qgis.PyQt.QtWidgets import QApplication

from tests.qgis.conftest import grey_steps, write_raster


def test_preview_is_written(run, tmp_path):
    path = str(tmp_path / "look.tif")
    results = run(PREVIEW=path)
    assert results["PREVIEW"] == path
    assert gdal.Open(path).RasterXSize == 38
    assert gdal.Open(str(tmp_path / "look_uncertainty.tif")).RasterCount == 2


@pytest.mark.parametrize("desktop", [True, False])
def test_preview_is_shown_while_the_run_goes_on(run, tmp_path, monkeypatch, qgis_new_project, desktop):
    """qgis_process has no one to show it to."""
    monkeypatch.setattr(qgis.utils, "iface", object() if desktop else None)
    run(PREVIEW=str(tmp_path / "look.tif"))
    QApplication.processEvents()
    layers = list(QgsProject.instance().mapLayers().values())
    assert [layer.name() for layer in layers] == ["Preview: classes"] * desktop
    assert all(layer.renderer().type() == "paletted" for layer in layers)


def test_minutes_instead_of_a_ratio(run):
    assert run(MINUTES=10)["REFINED_RATIO"] == 1


@pytest.mark.parametrize("unreadable", ["stop", "nodata"])
def test_damaged_raster(run, tmp_path, unreadable):
    raster = write_raster(tmp_path / "r.tif", grey_steps())
    with open(raster, "r+b") as file:
        file.truncate(os.path.getsize(raster) // 2)
    if unreadable == "stop":
        with pytest.raises(QgsProcessingException, match="cannot be read"):
            run(INPUT=raster, UNREADABLE="stop")
    else:
        labels = gdal.Open(run(INPUT=raster, UNREADABLE="nodata")["CLASSES"]).ReadAsArray()
        assert 0 < (labels == 255).mean() < 1


def test_resume_leaves_nothing_behind_when_done(run, tmp_path):
    classes = tmp_path / "out" / "classes.tif"
    classes.parent.mkdir()
    run(CLASSES=str(classes), RESUME=True)
    assert sorted(os.listdir(classes.parent)) == ["classes.qml", "classes.tif", "classes.tif.aux.xml"]
