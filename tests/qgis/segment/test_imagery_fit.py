"""How well the imagery fits the model, through the Processing algorithm: log, third band, refusal."""

from __future__ import annotations

import shutil

import pytest
from osgeo import gdal
from qgis.core import QgsProcessingException

from tests.engine.familiarity.cases import imagery, scene
from tests.qgis.conftest import write_raster
from uhrs_qgis_plugin.engine.bundle import amend_bundle


@pytest.fixture
def described_model(tiny_model, tmp_path):
    """The tiny model with statistics of its imagery."""
    path = shutil.copy(tiny_model, tmp_path / "described.uhrs")
    amend_bundle(path, {"uhrs:imagery": imagery().to_json()})
    return str(path)


def test_imagery_that_does_not_fit_is_warned_of_and_mapped(run, feedback, described_model, tmp_path):
    strange = write_raster(tmp_path / "strange.tif", scene(1, 300, 400)[::-1])
    results = run(INPUT=strange, MODEL=described_model, UNFAMILIAR=True)
    warnings = [text for text in feedback.warnings if "Looks unlike what this model was trained on" in text]
    assert len(warnings) == 1
    dataset = gdal.Open(results["UNCERTAINTY"])
    assert dataset.RasterCount == 3
    assert dataset.GetRasterBand(3).GetDescription() == "unfamiliar"
    assert dataset.GetRasterBand(3).ReadAsArray().min() > 127
    assert float(dataset.GetMetadataItem("UHRS_FIT")) < 0.5


def test_imagery_that_fits_is_said_without_a_warning(run, feedback, described_model, tmp_path):
    results = run(INPUT=write_raster(tmp_path / "own.tif", scene(1, 300, 400)), MODEL=described_model)
    assert not [text for text in feedback.warnings if "Fit" in text]
    assert any("Fit to the model's training imagery: 0." in text for text in feedback.lines)
    assert gdal.Open(results["UNCERTAINTY"]).RasterCount == 2


def test_a_model_without_statistics_cannot_map_it(run):
    with pytest.raises(QgsProcessingException, match="carries no statistics of its training imagery"):
        run(UNFAMILIAR=True)
