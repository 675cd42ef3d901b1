"""Rasters on the server."""

import shutil

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.raster import RasterProfile, create_raster, finish_cog

SIDE = 2048


@pytest.fixture
def serve(server, make_raster, tmp_path):
    """Make a raster and move it to where the server finds it; returns the local path."""

    def make(name="site.tif", **how):
        path = tmp_path / "served" / name
        (tmp_path / make_raster(**how)).rename(path)
        return path

    return make


@pytest.fixture(scope="session")
def cog(tmp_path_factory):
    """A cloud-optimised GeoTIFF of 3 x 2048 x 2048, tiles of 512: smooth shapes and noise."""
    folder = tmp_path_factory.mktemp("cog")
    rows, cols = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    noise = np.random.default_rng(3).integers(0, 12, (3, SIDE, SIDE), np.uint8)
    shape = 100 + 60 * np.sin(9 * rows) * np.cos(7 * cols) + 40 * (np.hypot(rows - 0.5, cols - 0.4) < 0.2)
    transform = (500000.0, 0.5, 0.0, 5000000.0, 0.0, -0.5)
    profile = RasterProfile(SIDE, SIDE, 3, "", transform, None, ("red", "green", "blue"))
    with create_raster(str(folder / "plain.tif"), profile) as writer:
        writer.write(shape.astype(np.uint8) + noise, 0, 0)
    finish_cog(str(folder / "plain.tif"), str(folder / "cog.tif"), "average")
    return folder / "cog.tif"


@pytest.fixture
def site(server, cog, tmp_path):
    """It, on the server as site.tif; its local path."""
    return shutil.copy(cog, tmp_path / "served" / "site.tif")
