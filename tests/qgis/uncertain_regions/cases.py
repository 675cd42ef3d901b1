"""Rasters and layers for the tests beside."""

from __future__ import annotations

import numpy as np
from osgeo import gdal

from tests.qgis.conftest import write_raster

NORTH_UP = (500000.0, 4.0, 0.0, 5000000.0, 0.0, -4.0)


ROTATED = (500000.0, 3.0, 2.0, 5000000.0, 2.0, -3.0)


DEGREES = (13.0, 4e-5, 0.0, 52.0, 0.0, -4e-5)


SIDE = 8


FIELDS = ["rank", "mean_u", "max_u", "area_m2", "cells", "class", "class_2", "status"]


def make_uncertainty(path, data=None, transform=NORTH_UP, crs=32633, scale=1 / 254):
    """Two bands of 20 x 30 cells; in band 2 a ring of 8, a block of 6, a line of 4 and two single cells."""
    if data is None:
        data = np.full((2, 20, 30), 30, np.uint8)
        data[0, 15:18, 20:29] = 250
        data[1, 1:4, 1:4] = 200
        data[1, 2, 2] = 30
        data[1, 8:10, 10:13] = 240
        data[1, 14, 2:6] = 180
        data[1, 18, 20] = data[1, 4, 25] = 190
        data[:, 0, :] = 255
    write_raster(path, data, crs, transform, 255)
    dataset = gdal.Open(str(path), gdal.GA_Update)
    for band in range(1, len(data) + 1):
        if scale is not None:
            dataset.GetRasterBand(band).SetScale(scale)
    dataset = None
    return str(path)


def make_classes(path, transform=NORTH_UP, crs=32633, names=("water", "trees", "roof"), edge=3):
    """Trees everywhere, water in a part of the ring, roof in all of the block."""
    data = np.ones((1, 20 * SIDE - edge, 30 * SIDE - edge), np.uint8)
    data[0, : 2 * SIDE] = 0
    data[0, 8 * SIDE : 10 * SIDE, 10 * SIDE : 13 * SIDE] = 2
    fine = None
    if transform is not None:
        fine = tuple(number if index in (0, 3) else number / SIDE for index, number in enumerate(transform))
    write_raster(path, data, crs, fine, 255)
    dataset = gdal.Open(str(path), gdal.GA_Update)
    if names:
        table = gdal.ColorTable()
        for value in range(len(names)):
            table.SetColorEntry(value, (value * 50, 100, 100, 255))
        dataset.GetRasterBand(1).SetColorTable(table)
        dataset.GetRasterBand(1).SetCategoryNames(list(names))
    dataset = None
    return str(path)


def rows(layer):
    return [feature.attributeMap() for feature in layer.getFeatures()]
