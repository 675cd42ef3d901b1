"""What `uhrs:segmentraster` says when something is wrong: one line, and nothing is written."""

from __future__ import annotations

import os

import pytest
from osgeo import gdal
from qgis.core import QgsProcessingException, QgsRasterLayer, QgsVectorLayer

from tests.qgis.conftest import grey_steps, write_raster
from uhrs_qgis_plugin import runtime


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"RATIO": 0.5, "THRESHOLD": 0.5}, "choose one of them"),
        ({"RATIO": 1.5}, "RATIO"),
        ({"BANDS": [1, 2]}, "expects 3 bands"),
        ({"MODEL": "/no/such/model.uhrs"}, "check the path"),
        ({"INPUT": "/no/such/raster.tif"}, "INPUT"),
        ({"CLASSES": "/tmp/classes.img"}, "end the name of CLASSES with .tif"),
        ({"UNCERTAINTY": "/tmp/uncertainty"}, "end the name of UNCERTAINTY with .tif"),
        ({"EXTENT": "0,10,0,10 [EPSG:32633]"}, "outside"),
        ({"DEVICE": "abacus"}, "DEVICE"),
    ],
)
def test_wrong_values_are_told_before_the_run(algorithm, context, tiny_model, raster, tmp_path, changes, message):
    """One line each, in the dialog, before anything starts."""
    parameters = {"INPUT": raster, "MODEL": tiny_model, "CLASSES": str(tmp_path / "c.tif"), **changes}
    fine, problem = algorithm.checkParameterValues(parameters, context)
    assert not fine
    assert message in problem
    assert "\n" not in problem.strip()


def test_too_few_bands(algorithm, context, tiny_model, tmp_path):
    path = write_raster(tmp_path / "two.tif", grey_steps(bands=2))
    fine, problem = algorithm.checkParameterValues({"INPUT": path, "MODEL": tiny_model, "CLASSES": "c.tif"}, context)
    assert not fine
    assert "'tiny' expects 3 bands" in problem
    assert "'two.tif' has 2" in problem


def test_damaged_model(algorithm, context, tiny_model, raster, tmp_path):
    damaged = tmp_path / "damaged.uhrs"
    with open(tiny_model, "rb") as file:
        damaged.write_bytes(file.read()[:-40])
    fine, problem = algorithm.checkParameterValues(
        {"INPUT": raster, "MODEL": str(damaged), "CLASSES": "c.tif"}, context
    )
    assert not fine
    assert "export or download it again" in problem


def test_layer_that_is_no_file(algorithm, context, tiny_model):
    """A basemap must become a file first."""
    layer = QgsRasterLayer("type=xyz&url=file:///nowhere/{z}/{x}/{y}.png", "tiles", "wms")
    context.project().addMapLayer(layer)
    fine, problem = algorithm.checkParameterValues({"INPUT": layer, "MODEL": tiny_model, "CLASSES": "c.tif"}, context)
    assert not fine
    assert problem.startswith("Layer 'tiles' is a basemap that a service draws but INPUT takes raster files only: ")
    assert "(uhrs:basemapraster)" in problem
    assert "\n" not in problem


def test_vector_layer_is_refused(algorithm, context, tiny_model):
    layer = QgsVectorLayer("Point", "points", "memory")
    fine, problem = algorithm.checkParameterValues({"INPUT": layer, "MODEL": tiny_model, "CLASSES": "c.tif"}, context)
    assert not fine
    assert "INPUT" in problem or "Raster" in problem


def test_rotated_raster_runs_whole_but_not_with_an_extent(run, algorithm, context, tiny_model, tmp_path):
    """A rectangle in map units is no rectangle of a rotated raster's pixels."""
    rotated = (500000.0, 0.4, 0.3, 5000000.0, 0.3, -0.4)
    path = write_raster(tmp_path / "rotated.tif", grey_steps(), transform=rotated)
    dataset = gdal.Open(run(INPUT=path)["CLASSES"])
    assert dataset.GetGeoTransform() == pytest.approx(rotated)
    parameters = {
        "INPUT": path,
        "MODEL": tiny_model,
        "CLASSES": "c.tif",
        "EXTENT": "500000,500050,4999950,5000000 [EPSG:32633]",
    }
    fine, problem = algorithm.checkParameterValues(parameters, context)
    assert not fine
    assert "rotated" in problem


def test_error_of_the_engine_is_one_line_and_leaves_nothing(run, raster, tmp_path):
    """A block that cannot be read appears in the middle of the run."""
    size = os.path.getsize(raster)
    os.truncate(raster, size // 2)
    with pytest.raises(QgsProcessingException, match=r"image\.tif") as caught:
        run()
    assert "Traceback" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == ["image.tif"]


def test_cancel_leaves_nothing(run, feedback, tmp_path):
    """Cancelled in the middle: an error, and the folder is as before."""
    feedback.progressChanged.connect(lambda share: feedback.cancel() if share > 30 else None)
    with pytest.raises(QgsProcessingException, match=r"Cancelled: nothing was written\."):
        run(RATIO=1)
    assert os.listdir(tmp_path) == ["image.tif"]


def test_missing_onnxruntime_is_told_with_a_command(run, algorithm, feedback, monkeypatch):
    """The algorithm stays listed; it says what to install, also when it is started all the same."""
    assert algorithm.canExecute() == (True, "")
    monkeypatch.setattr(runtime, "is_installed", lambda: False)
    fine, advice = algorithm.canExecute()
    assert not fine
    assert "pip install" in advice
    assert "\n" not in advice
    with pytest.raises(QgsProcessingException):
        run()
    assert advice in feedback.errors
