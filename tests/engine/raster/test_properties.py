"""Any raster of any kind reads as a few lines of numpy say."""

import tempfile
from dataclasses import dataclass

import numpy as np
import pytest

from tests.engine.raster_cases import DTYPES
from tests.environments import needs
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import open_raster

needs("hypothesis")
rasterio = needs("rasterio")

from hypothesis import HealthCheck, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from rasterio.enums import ColorInterp  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
RUN = settings(max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@dataclass
class Case:
    """A raster to write, and a window and factor to read."""

    data: np.ndarray
    nodata: list  # per band, or None
    mask: np.ndarray  # True = valid
    alpha: bool
    block: int  # 0 = strips
    bands: list
    window: Window
    factor: int
    unreadable: str


@st.composite
def cases(draw):
    height, width = draw(
        st.one_of(
            st.sampled_from([(1, 1), (1, 5000), (3, 2), (64, 64)]),
            st.tuples(st.integers(1, 140), st.integers(1, 140)),
        )
    )
    count = 255 if draw(st.integers(0, 39)) == 0 and height * width < 5000 else draw(st.integers(1, 8))
    dtype = draw(st.sampled_from(DTYPES))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    data = rng.integers(0, 6, (count, height, width)).astype(dtype)
    if np.dtype(dtype).kind == "f" and draw(st.booleans()):
        data[rng.random(data.shape) < 0.1] = draw(st.sampled_from([np.nan, np.inf]))
    mark = draw(st.sampled_from(["nothing", "nodata", "nan", "per band", "mask", "alpha"]))
    mask, nodata = np.ones((height, width), bool), [None] * count
    if mark == "nodata" or (mark == "nan" and np.dtype(dtype).kind == "f"):
        nodata = [np.nan if mark == "nan" else 3] * count
    elif mark == "per band":
        nodata = [None if number == 5 else number for number in rng.integers(0, 6, count).tolist()]
    elif mark in ("mask", "alpha"):
        mask = rng.random((height, width)) < 0.7
    if mark == "alpha":
        data = np.concatenate([data, np.where(mask, 100, 0)[None].astype(dtype)])
        nodata = [*nodata, None]
    factor = draw(st.sampled_from([f for f in (1, 2, 4, 5) if f <= min(height, width)]))
    rows = draw(st.integers(1, height // factor)) * factor
    cols = draw(st.integers(1, width // factor)) * factor
    window = Window(draw(st.integers(0, height - rows)), draw(st.integers(0, width - cols)), rows, cols)
    bands = draw(st.lists(st.integers(1, count), min_size=1, max_size=4))
    block = draw(st.sampled_from([0, 16, 64, 256]))
    return Case(
        data, nodata, mask, mark == "alpha", block, bands, window, factor, draw(st.sampled_from(["stop", "nodata"]))
    )


def write(folder, case):
    """Write the raster; nodata per band needs a .vrt around it."""
    path = f"{folder}/x.tif"
    count, height, width = case.data.shape
    profile = {"driver": "GTiff", "width": width, "height": height, "count": count, "dtype": case.data.dtype.name}
    profile.update(photometric="minisblack", compress="deflate")
    if case.block:
        profile.update(tiled=True, blockxsize=case.block, blockysize=case.block)
    distinct = {repr(number) for number in case.nodata}
    if len(distinct) == 1:
        profile["nodata"] = case.nodata[0]
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **profile) as file:
        if case.alpha:
            file.colorinterp = (*file.colorinterp[:-1], ColorInterp.alpha)
        file.write(case.data)
        if not case.alpha and not case.mask.all():
            file.write_mask(case.mask)
    if len(distinct) == 1 or case.alpha:
        return path
    names = {"uint8": "Byte", "uint16": "UInt16", "uint32": "UInt32"}
    gdal_type = names.get(case.data.dtype.name, case.data.dtype.name.capitalize())
    bands = "".join(
        f'<VRTRasterBand dataType="{gdal_type}" band="{band}">'
        + ("" if number is None else f"<NoDataValue>{number}</NoDataValue>")
        + f"<SimpleSource><SourceFilename>{path}</SourceFilename><SourceBand>{band}</SourceBand></SimpleSource>"
        "</VRTRasterBand>"
        for band, number in enumerate(case.nodata, 1)
    )
    with open(f"{folder}/x.vrt", "w", encoding="utf-8") as file:
        file.write(f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}">{bands}</VRTDataset>')
    return f"{folder}/x.vrt"


def is_nodata(band, number):
    if number is None:
        return np.zeros(band.shape, bool)
    return np.isnan(band) if number != number else band == number


def reference_valid(case):
    """(H, W): valid unless all bands asked for are nodata, or one is not finite, or mask or alpha say no."""
    picked = case.data[[band - 1 for band in case.bands]]
    missing = np.stack([is_nodata(image, case.nodata[band - 1]) for image, band in zip(picked, case.bands)])
    return case.mask & ~missing.all(axis=0) & np.isfinite(picked).all(axis=0)


def reference_means(case):
    """Per band and cell the exact mean of what counts, NaN where nothing does."""
    result = []
    f, window = case.factor, case.window
    for band in case.bands:
        image = case.data[band - 1].astype(np.float64)
        # GDAL takes alpha for a mask only among 2 or 4 bands.
        mask = case.mask if not case.alpha or len(case.data) in (2, 4) else np.ones_like(case.mask)
        counts = (mask & ~is_nodata(case.data[band - 1], case.nodata[band - 1]))[window.slices()]
        # What is not finite spoils a cell even if it should not count; `read` then takes the nearest pixel.
        counted = np.where(counts | ~np.isfinite(image[window.slices()]), image[window.slices()], 0)
        cells = counted.reshape(window.height // f, f, window.width // f, f)
        weights = counts.reshape(cells.shape).sum(axis=(1, 3))
        with np.errstate(invalid="ignore"):
            result.append(np.where(weights > 0, cells.sum(axis=(1, 3)) / np.maximum(weights, 1), np.nan))
    return np.stack(result)


@RUN
@given(cases())
def test_full_scale_reads_are_the_pixels(case):
    with (
        tempfile.TemporaryDirectory() as folder,
        open_raster(write(folder, case), "rasterio", case.unreadable) as reader,
    ):
        assert reader.info.dtypes == (case.data.dtype.name,) * len(case.data)
        assert reader.info.count == len(case.data)
        found = reader.read(case.bands, case.window)
        valid = reader.read_valid(case.bands, case.window)
        assert reader.unreadable == []
        assert reader.may_hold_data(case.window, case.bands) or not valid.any()
    expected = case.data[[band - 1 for band in case.bands]][(slice(None), *case.window.slices())]
    assert found.dtype == case.data.dtype
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(valid, reference_valid(case)[case.window.slices()])


@RUN
@given(cases())
def test_decimated_reads_are_means_of_what_counts(case):
    shape = case.window.height // case.factor, case.window.width // case.factor
    with (
        tempfile.TemporaryDirectory() as folder,
        open_raster(write(folder, case), "rasterio", case.unreadable) as reader,
    ):
        found = reader.read(case.bands, case.window, shape)
        valid = reader.read_valid(case.bands, case.window, shape)
        nearest = reader.read(case.bands, case.window, shape, "nearest")
    middle = slice(case.factor // 2, None, case.factor)
    picked = case.data[[band - 1 for band in case.bands]][(slice(None), *case.window.slices())]
    np.testing.assert_array_equal(nearest, picked[:, middle, middle])
    np.testing.assert_array_equal(valid, reference_valid(case)[case.window.slices()][middle, middle])
    assert np.isfinite(found[:, valid]).all()
    if case.factor == 1:
        return
    for image, mean, band in zip(found, reference_means(case), case.bands):
        known = np.isfinite(mean)
        if found.dtype.kind == "f":
            np.testing.assert_allclose(image[known], mean[known], rtol=1e-5)
            continue
        rounded = np.floor(mean[known] + 0.5)  # nothing is negative here
        number = case.nodata[band - 1]
        # An average that happens to be nodata is moved by one, so that it stays data; of signed types not always.
        moved = rounded if number is None else np.where(rounded == number, rounded + 1, rounded)
        if found.dtype.kind == "i":
            moved = np.where(image[known] == rounded, rounded, moved)
        np.testing.assert_array_equal(image[known], moved)
