"""Bands by role, alpha that is data, and 16-bit imagery in `uhrs:segmentraster`."""

from __future__ import annotations

import json

import numpy as np
from osgeo import gdal

from tests.qgis.conftest import grey_steps, write_raster


def _report(tmp_path):
    return json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))


def test_16_bits_are_stretched(run, feedback, tmp_path):
    """The log tells the limits; the classes are those of the 8-bit raster."""
    wide = grey_steps().astype(np.uint16) * 40 + 300
    results = run(
        INPUT=write_raster(tmp_path / "wide.tif", wide), STRETCH="300,10500", REPORT=str(tmp_path / "report.json")
    )
    labels = gdal.Open(results["CLASSES"]).ReadAsArray()
    assert [set(np.unique(labels[:, start : start + 32])) for start in (8, 160, 256)] == [{0}, {1}, {2}]
    assert any("uint16 numbers are brought to 8 bits: band 1 300 to 10500" in line for line in feedback.lines)
    run(INPUT=str(tmp_path / "wide.tif"), REPORT=str(tmp_path / "report.json"))
    assert "0.5 to 99.5 per cent" in _report(tmp_path)["stretch"]["reason"]


def test_alpha_that_is_no_alpha(run, feedback, tmp_path):
    """Four bands of which the last is labelled alpha, and is 0 everywhere."""
    image = np.concatenate([grey_steps(), np.zeros((1, 200, 300), np.uint8)])
    path = write_raster(tmp_path / "rgbn.tif", image)
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.GetRasterBand(4).SetColorInterpretation(gdal.GCI_AlphaBand)
    dataset = None
    run(INPUT=path, REPORT=str(tmp_path / "report.json"))
    assert _report(tmp_path)["valid_pixels"] == 0
    assert any("holds data by alpha band 4" in line for line in feedback.warnings)
    run(INPUT=path, BANDS=[1, 2, 3], ALPHA="data", REPORT=str(tmp_path / "report.json"))
    assert _report(tmp_path)["valid_pixels"] == 60000


def test_unclear_bands_and_numbers_are_told_before_the_run(algorithm, context, tiny_model, tmp_path):
    """One line each, which names the parameter."""
    four = write_raster(tmp_path / "four.tif", grey_steps(bands=4).astype(np.uint16))
    parameters = {"INPUT": four, "MODEL": tiny_model, "CLASSES": str(tmp_path / "c.tif")}
    for more, says in (({}, "(BANDS in QGIS)"), ({"BANDS": [1, 2, 3], "STRETCH": "none"}, "(STRETCH in QGIS)")):
        fine, problem = algorithm.checkParameterValues({**parameters, **more}, context)
        assert not fine
        assert says in problem
        assert "\n" not in problem.strip()
    fine, problem = algorithm.checkParameterValues({**parameters, "STRETCH": "5,1"}, context)
    assert not fine
    assert "LOW < HIGH" in problem
