"""scripts/preview.py: image, classes and uncertainty in one picture."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal
from qgis.PyQt.QtGui import QColor, QImage

from scripts import preview
from tests.qgis.conftest import grey_steps, write_raster

RED, BLUE = (200, 10, 10), (10, 10, 200)


@pytest.fixture
def rasters(tmp_path):
    """An image of 300 x 200, two classes side by side, and uncertainty 1 on the right with a hole."""
    image = write_raster(tmp_path / "image.tif", grey_steps())
    labels = np.zeros((1, 200, 300), np.uint8)
    labels[:, :, 150:] = 1
    labels[:, :20, :20] = 255
    classes = write_raster(tmp_path / "classes.tif", labels, nodata=255)
    dataset, table = gdal.Open(classes, gdal.GA_Update), gdal.ColorTable()
    table.SetColorEntry(0, RED)
    table.SetColorEntry(1, BLUE)
    dataset.GetRasterBand(1).SetColorTable(table)
    dataset.SetMetadata({"CLASS_0": "roof", "CLASS_1": "water"})
    del dataset
    unsure = np.where(labels == 1, 254, 0).astype(np.uint8)
    uncertainty = write_raster(tmp_path / "uncertainty.tif", unsure, nodata=255)
    dataset = gdal.Open(uncertainty, gdal.GA_Update)
    dataset.GetRasterBand(1).SetScale(1 / 254)
    del dataset
    return [image, classes, uncertainty, str(tmp_path / "preview.png")]


def test_three_panels_with_the_colours_of_the_files(qgis_app, rasters):
    preview.main(rasters)
    picture = QImage(rasters[-1])
    assert picture.width() == 3 * 600 + 4 * preview.EDGE

    def colour(panel, x, y):
        at = QColor(picture.pixel(preview.EDGE + panel * (600 + preview.EDGE) + 2 * x, preview.HEAD + 2 * y))
        return at.red(), at.green(), at.blue()

    assert colour(0, 50, 100) == (40, 40, 40)
    assert colour(0, 290, 100) == (200, 200, 200)
    assert colour(1, 50, 100) == RED
    assert colour(1, 200, 100) == BLUE
    assert colour(1, 5, 5) == preview.EMPTY
    assert colour(2, 50, 100) == preview.PLASMA[0]
    assert colour(2, 200, 100) == preview.PLASMA[-1]


def test_legend_names_the_classes_that_occur(rasters):
    _, legend = preview.read_classes(rasters[1])
    assert legend == [("roof", RED), ("water", BLUE)]


def test_wide_numbers_are_stretched(tmp_path):
    path = write_raster(tmp_path / "wide.tif", grey_steps().astype(np.uint16) * 100)
    shown = preview.read_image(path)
    assert (shown.min(), shown.max()) == (0, 255)


def test_a_picture_that_cannot_be_written_is_named(qgis_app, rasters, tmp_path):
    with pytest.raises(SystemExit, match="cannot be written"):
        preview.main([*rasters[:3], str(tmp_path / "nowhere" / "preview.png")])
