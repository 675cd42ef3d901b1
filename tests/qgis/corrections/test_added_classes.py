"""Classes that a review has added: into corrected classes and training samples, with number, name and colour."""

from __future__ import annotations

import json

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingException

from tests.qgis.corrections.cases import DRAWN, HEXAGON, inside, read, wkt, write_corrections
from uhrs_qgis_plugin.layers import AddedClass, read_palette, write_added_class

POOL = AddedClass(9, "pool", (86, 180, 233, 255))
ROW = (wkt(*HEXAGON), {"class": 9, "name": "pool", "reviewer": "ada"})


@pytest.fixture
def drawn(tmp_path, regions):
    """A correction of a class that the raster does not have, in the GeoPackage of the regions."""
    path = str(tmp_path / "review.gpkg")
    assert write_added_class(path, POOL) == ""
    return write_corrections(path, [*DRAWN, ROW])


def test_corrected_classes_name_and_colour_it(correct, drawn, labels, feedback):
    result = correct(CORRECTIONS=drawn)
    made = read(result["OUTPUT"])
    mask = inside(ROW[0], labels.shape) & (labels != 255)
    assert (made[mask] == 9).all()
    palette = {value: (colour[:3], name) for value, colour, name in read_palette(result["OUTPUT"])}
    assert palette[9] == ((86, 180, 233), "pool")
    assert any("-> pool" in line for line in feedback.lines)


def test_training_samples_name_and_colour_it(cut, drawn, tmp_path):
    result = cut(CORRECTIONS=drawn)
    text = (tmp_path / "samples" / "classes.yaml").read_text()
    assert '{name: "pool", colour: "56B4E9", value: 9}' in text
    labels = [gdal.Open(str(path)).ReadAsArray() for path in (tmp_path / "samples").glob("*/labels/*.tif")]
    assert any(np.any(label == 9) for label in labels)
    assert result["JUDGED"] > 0
    assert "pool" in json.loads((tmp_path / "samples" / "samples.json").read_text())["classes"][-1]["name"]


def test_unknown_number_is_still_refused(correct, tmp_path, regions):
    """Nobody has added it: a mistake."""
    with pytest.raises(QgsProcessingException, match="has the class 9, which"):
        correct(CORRECTIONS=write_corrections(tmp_path / "review.gpkg", [ROW]))


def test_other_class_of_that_number(correct, drawn, tmp_path):
    """The review was of another class raster."""
    assert write_added_class(str(tmp_path / "review.gpkg"), AddedClass(1, "tent", (1, 2, 3, 255))) == ""
    with pytest.raises(QgsProcessingException, match=r"has added class 1 'tent', but .* calls it"):
        correct(CORRECTIONS=drawn)
