"""Averages at 1/4 scale: bit for bit those of GDAL, whichever way they are made."""

import numpy as np
import pytest

from tests.environments import needs
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import open_raster, resampling

rasterio = needs("rasterio")
Resampling, RasterioWindow = rasterio.enums.Resampling, needs("rasterio.windows").Window

PLAIN = {"driver": "GTiff", "dtype": "uint8", "width": 700, "height": 530}
TILED = {"tiled": True, "blockxsize": 128, "blockysize": 64}


def write(path, image, **profile):
    with rasterio.open(path, "w", **{**PLAIN, "count": len(image), **profile}) as file:
        file.write(image)
    return str(path)


def by_gdal(path, bands, window):
    part = RasterioWindow(window.col, window.row, window.width, window.height)
    with rasterio.open(path) as file:
        shape = (len(bands), window.height // 4, window.width // 4)
        return file.read(bands, window=part, out_shape=shape, resampling=Resampling.average)


@pytest.mark.parametrize("profile", [{}, {"blockysize": 7}, TILED, {**TILED, "interleave": "pixel"}])
@pytest.mark.parametrize("window", [Window(0, 0, 528, 700), Window(3, 5, 244, 360), Window(526, 696, 4, 4)])
def test_averages_are_those_of_gdal(tmp_path, monkeypatch, profile, window):
    image = np.random.default_rng(0).integers(0, 256, (3, 530, 700), np.uint8)
    image[:, 100:200, 100:300] = 255  # the largest sums
    path = write(tmp_path / "a.tif", image, **profile)
    made = []
    monkeypatch.setattr(resampling, "_average_of_16", spy(resampling._average_of_16, made))
    with open_raster(path) as reader:
        for bands in ([1, 2, 3], [3, 1]):
            averages = reader.read(bands, window, (window.height // 4, window.width // 4))
            np.testing.assert_array_equal(averages, by_gdal(path, bands, window))
            assert averages.dtype == np.uint8
    assert made


def test_halves_are_rounded_up_as_gdal_does(tmp_path):
    """Every sum of sixteen bytes there is."""
    sums = np.arange(16 * 255 + 1)
    groups = np.zeros((len(sums), 16), np.uint8)
    for place in range(16):
        groups[:, place] = np.clip(sums - 255 * place, 0, 255)
    image = groups.reshape(-1, 4, 4).transpose(1, 0, 2).reshape(1, 4, -1)
    path = write(tmp_path / "a.tif", image, width=image.shape[2], height=4)
    window = Window(0, 0, 4, image.shape[2])
    with open_raster(path) as reader:
        averages = reader.read([1], window, (1, len(sums)))
    np.testing.assert_array_equal(averages[0, 0], (sums + 8) // 16)
    np.testing.assert_array_equal(averages, by_gdal(path, [1], window))


@pytest.mark.parametrize(
    "case", ["nodata", "16 bits", "few bits", "overviews", "mask", "palette", "alpha", "another scale"]
)
def test_what_is_not_plain_is_left_to_gdal(tmp_path, monkeypatch, case):
    rng = np.random.default_rng(1)
    image = rng.integers(0, 16, (4 if case == "alpha" else 1, 528, 700), np.uint8)
    profile = {
        "nodata": {"nodata": 3}, "16 bits": {"dtype": "uint16"}, "few bits": {"nbits": 4},
        "alpha": {"photometric": "rgb", "alpha": "yes"},
    }.get(case, {})  # fmt: skip
    path = write(tmp_path / "a.tif", image.astype(profile.get("dtype", "uint8")), **{**profile, "height": 528})
    with rasterio.open(path, "r+") as file:
        if case == "overviews":
            file.build_overviews([2, 4], Resampling.nearest)
        if case == "mask":
            file.write_mask(rng.random((528, 700)) < 0.5)
        if case == "palette":
            file.write_colormap(1, {n: (n * 10, 255 - n, 7 * n, 255) for n in range(16)})
    monkeypatch.setattr(resampling, "_average_of_16", lambda pixels: pytest.fail("averaged without GDAL"))
    window, divisor = Window(0, 0, 528, 700), 2 if case == "another scale" else 4
    with open_raster(path) as reader:
        averages = reader.read([1], window, (528 // divisor, 700 // divisor))
    if divisor == 4:
        np.testing.assert_array_equal(averages, by_gdal(path, [1], window))


def spy(original, made):
    def called(pixels):
        made.append(pixels.shape)
        return original(pixels)

    return called
