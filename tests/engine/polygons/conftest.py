"""Fixtures for the tests beside."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.grid import Geotransform
from uhrs_qgis_plugin.engine.polygons import PolygonOptions, check_polygons, make_polygons
from uhrs_qgis_plugin.engine.raster import IDENTITY, RasterProfile, create_raster

METRES = (500000.0, 0.5, 0.0, 5000000.0, 0.0, -0.5)


@pytest.fixture
def write_classes(tmp_path):
    """Factory of class rasters; returns the path."""
    numbers = itertools.count()

    def write(labels, names=(), nodata=255, transform=METRES, crs="", colours=None):
        path = str(tmp_path / f"classes{next(numbers)}.tif")
        height, width = labels.shape
        place = IDENTITY if transform is None else Geotransform(*transform)
        profile = RasterProfile(
            width, height, 1, crs, place, nodata, ("classes",), categories=tuple(names), colours=colours or {}
        )
        with create_raster(path, profile) as writer:
            writer.write(np.asarray(labels, np.uint8)[None], 0, 0)
        return path

    return write


@pytest.fixture
def outline(write_classes, tmp_path):
    """Write a class raster, and its polygons; returns the path of the GeoPackage and the report."""
    numbers = itertools.count()

    def run(labels, options=None, uncertainty=None, **how):
        path = write_classes(labels, **how)
        job = check_polygons(path, uncertainty, options or PolygonOptions(min_area=0, smoothing=0))
        out = str(tmp_path / f"out{next(numbers)}.gpkg")
        return out, make_polygons(job, out)

    return run
