"""Factories for the engine's tests: synthetic rasters, written by whichever of osgeo and rasterio is there."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.environments import can_import
from tests.range_server import RangeServer

BACKENDS = [name for name, module in (("gdal", "osgeo"), ("rasterio", "rasterio")) if can_import(module)]
# What may differ from one back end to the other runs in both environments (make test-engine): the rooms that open
# rasters, and whatever else uses one of the fixtures below or is marked; but for what is marked `once`.
BACKEND_ROOMS = {
    "accuracy",
    "overlay",
    "vectors",
    "areas",
    "comparison",
    "corrections",
    "diagnostics",
    "outputs",
    "polygons",
    "raster",
    "regions",
    "samples",
    "sampling",
}
BACKEND_FIXTURES = {"backend", "make_raster", "server"}
DEFAULT_TRANSFORM = (500000.0, 0.5, 0.0, 5000000.0, 0.0, -0.5)


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        room = item.path.relative_to(here).parts[0]
        may_differ = room in BACKEND_ROOMS or BACKEND_FIXTURES & set(item.fixturenames)
        if may_differ and item.get_closest_marker("once") is None:
            item.add_marker(pytest.mark.backend)


@pytest.fixture(params=BACKENDS)
def backend(request):
    """Each raster back end that can be imported here."""
    return request.param


@pytest.fixture
def make_raster(tmp_path):
    """Factory of GeoTIFFs; see `rasters_in`."""
    return rasters_in(tmp_path)


def rasters_in(folder):
    """Factory of GeoTIFFs in a folder; returns the path.

    Content is seeded: smooth gradients plus edges, over a good part of the data type's range. With `nodata`, `alpha`
    (one more band, after `count`) or `mask` (internal) the upper left quadrant of a raster without given `data` holds
    no data, and no other pixel does. `data` is (count, height, width), or with alpha (count + 1, height, width).
    `dtype` is uint8 or the data's own.
    `colours` are names of colour interpretations, `descriptions` texts, one a band.
    `transform=()` and `crs=""` leave the georeference away; `overviews` are built with average.
    """
    numbers = itertools.count()

    def make(
        width=64,
        height=48,
        count=3,
        dtype=None,
        nodata=None,
        alpha=False,
        mask=False,
        transform=None,
        crs="EPSG:32633",
        data=None,
        tiled=True,
        overviews=(),
        compress=None,
        colours=(),
        descriptions=(),
    ):
        if data is None:
            data = _content(width, height, count, dtype or "uint8")
            data = _with_hole(data, nodata, alpha)
        data = np.ascontiguousarray(data, dtype or data.dtype)
        height, width = data.shape[1:]
        path = str(folder / f"raster_{next(numbers)}.tif")
        write = _write_gdal if "gdal" in BACKENDS else _write_rasterio
        write(
            path,
            data,
            nodata=nodata,
            alpha=alpha,
            hole=_hole(height, width) if mask else None,
            transform=DEFAULT_TRANSFORM if transform is None else transform,
            crs=crs,
            tiled=tiled,
            overviews=list(overviews),
            compress=compress,
            colours=colours,
            descriptions=descriptions,
        )
        return path

    return make


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server of the folder `served`; who reads from it is less patient than usual."""
    for module in ("opening", "patience"):
        monkeypatch.setattr(f"uhrs_qgis_plugin.engine.raster.remote.{module}.WAITS", (0.01, 0.02, 0.03))
    monkeypatch.setattr("uhrs_qgis_plugin.engine.raster.servers.files.ASKING_S", 0.5)
    monkeypatch.setenv("GDAL_HTTP_RETRY_DELAY", "0.01")
    monkeypatch.setenv("GDAL_HTTP_LOW_SPEED_TIME", "1")
    (tmp_path / "served").mkdir()
    with RangeServer(tmp_path / "served") as running:
        yield running


@pytest.fixture
def small_files():
    """Files cannot grow beyond 150 kB: stands for a full disk."""
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _hole(height, width):
    hole = np.zeros((height, width), np.bool_)
    hole[: height // 2, : width // 2] = True
    return hole


def _content(width, height, count, dtype):
    """(count, height, width): a gradient per band, a bright disc, a dark grid of lines, a little noise."""
    rng = np.random.default_rng(width * 7919 + height * 31 + count)
    rows, cols = np.mgrid[0:height, 0:width] / max(width, height, 2)
    bands = []
    for band in range(count):
        angle = 0.7 * band
        image = 0.2 + 0.5 * np.abs(np.cos(angle) * cols + np.sin(angle) * rows)
        image += 0.25 * (np.hypot(rows - 0.3, cols - 0.4) < 0.2)
        image -= 0.15 * ((np.arange(height)[:, None] % 16 < 2) | (np.arange(width)[None] % 16 < 2))
        bands.append(np.clip(image + rng.normal(0, 0.02, image.shape), 0, 1))
    unit = np.stack(bands)
    if np.dtype(dtype).kind == "f":
        return (unit * 100 - 20).astype(dtype)
    top = min(np.iinfo(dtype).max, 10000)
    low = max(np.iinfo(dtype).min, -1000)
    return np.round(low + unit * (top - low)).astype(dtype)


def _with_hole(data, nodata, alpha):
    hole = _hole(*data.shape[1:])
    if nodata is not None:
        other = nodata + (1 if nodata < 100 else -1)
        data = np.where(data == nodata, other, data)
        data[:, hole] = nodata
    if alpha:
        opaque = 255 if data.dtype.kind == "f" else np.iinfo(data.dtype).max
        data = np.concatenate([data, np.where(hole, 0, opaque)[None].astype(data.dtype)])
    return data


def _write_gdal(path, data, *, nodata, alpha, hole, transform, crs, tiled, overviews, compress, colours, descriptions):
    from osgeo import gdal, gdal_array, osr

    count, height, width = data.shape
    options = [f"COMPRESS={compress}"] if compress else []
    options += ["PHOTOMETRIC=MINISBLACK"]  # else GDAL takes a fourth band for alpha
    if tiled:
        options += ["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"]
    code = gdal_array.NumericTypeCodeToGDALTypeCode(data.dtype.type)
    if data.dtype == np.int8 and int(gdal.VersionInfo()) < 3070000:
        options += ["PIXELTYPE=SIGNEDBYTE"]
    dataset = gdal.GetDriverByName("GTiff").Create(path, width, height, count, code, options)
    if crs:
        reference = osr.SpatialReference()
        reference.SetFromUserInput(crs)
        dataset.SetProjection(reference.ExportToWkt())
    if transform:
        dataset.SetGeoTransform(list(transform))
    if alpha:
        dataset.GetRasterBand(count).SetColorInterpretation(gdal.GCI_AlphaBand)
    _name_bands_gdal(dataset, colours, descriptions)
    for index in range(count):
        band = dataset.GetRasterBand(index + 1)
        if nodata is not None and not (alpha and index == count - 1):
            band.SetNoDataValue(nodata)
        band.WriteArray(data[index])
    if hole is not None:
        gdal.SetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
        dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
        gdal.SetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", None)
        dataset.GetRasterBand(1).GetMaskBand().WriteArray(np.where(hole, 0, 255).astype(np.uint8))
    dataset.FlushCache()
    if overviews:
        dataset.BuildOverviews("AVERAGE", overviews)
    dataset = None


def _name_bands_gdal(dataset, colours, descriptions):
    from osgeo import gdal

    numbers = {gdal.GetColorInterpretationName(number).lower(): number for number in reversed(range(32))}
    for number, colour in enumerate(colours, 1):
        dataset.GetRasterBand(number).SetColorInterpretation(numbers[colour])
    for number, text in enumerate(descriptions, 1):
        dataset.GetRasterBand(number).SetDescription(text)


def _write_rasterio(
    path, data, *, nodata, alpha, hole, transform, crs, tiled, overviews, compress, colours, descriptions
):
    import rasterio
    from rasterio.enums import ColorInterp, Resampling
    from rasterio.transform import Affine

    count, height, width = data.shape
    profile = {
        "driver": "GTiff",
        "width": width,
        "height": height,
        "count": count,
        "dtype": data.dtype.name,
        "nodata": nodata,
        "crs": crs or None,
        "photometric": "minisblack",  # else GDAL takes a fourth band for alpha
    }
    profile.update({"compress": compress} if compress else {})
    profile.update({"tiled": True, "blockxsize": 64, "blockysize": 64} if tiled else {})
    profile.update({"transform": Affine.from_gdal(*transform)} if transform else {})
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **profile) as dataset:
        if alpha:
            dataset.colorinterp = (*dataset.colorinterp[:-1], ColorInterp.alpha)
        if colours:
            dataset.colorinterp = [ColorInterp[name] for name in colours]
        if descriptions:
            dataset.descriptions = descriptions
        dataset.write(data)
        if hole is not None:
            dataset.write_mask(~hole)
    if overviews:
        with rasterio.open(path, "r+") as dataset:
            dataset.build_overviews(overviews, Resampling.average)
