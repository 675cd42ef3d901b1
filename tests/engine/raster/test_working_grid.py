"""A raster at another pixel size: what a few lines of numpy say, the same whatever window is read."""

import os
import tempfile

import numpy as np
import pytest

from tests.engine.raster_cases import DTYPES, NORTH_UP, ROTATED, put
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import open_raster
from uhrs_qgis_plugin.engine.raster.views import working_grid
from uhrs_qgis_plugin.engine.raster.views.working_grid import WorkingReader, working_info


def axis_matrix(size, cells):
    """(cells, size) the share of each cell that lies in each pixel, or linear weights where pixels are larger."""
    matrix = np.zeros((cells, size))
    for cell in range(cells):
        start, end = cell * size / cells, (cell + 1) * size / cells
        if size >= cells:
            for pixel in range(int(start), min(size, int(np.ceil(end)))):
                matrix[cell, pixel] = max(0.0, min(end, pixel + 1) - max(start, pixel))
        else:
            along = (start + end) / 2 - 0.5
            before = int(np.floor(along))
            for pixel, weight in ((before, before + 1 - along), (before + 1, along - before)):
                matrix[cell, min(max(pixel, 0), size - 1)] += weight
    return matrix / matrix.sum(axis=1, keepdims=True)


def middles(size, cells):
    return (2 * np.arange(cells) + 1) * size // (2 * cells)


def reference(data, valid, height, width):
    """Means of valid pixels by area, or interpolation, and which cells have a valid pixel in their middle."""
    rows, cols = axis_matrix(data.shape[1], height), axis_matrix(data.shape[2], width)
    weights = rows @ valid @ cols.T
    sums = np.stack([rows @ np.where(valid, band, 0).astype(np.float64) @ cols.T for band in data])
    there = valid[np.ix_(middles(data.shape[1], height), middles(data.shape[2], width))]
    return sums / np.maximum(weights, 1e-12), there


def whole(info):
    return Window(0, 0, info.height, info.width)


def working(path, backend, height, width, **options):
    return WorkingReader(open_raster(path, backend, **options), height, width)


@pytest.mark.parametrize(
    ("height", "width"),
    [(48, 64), (30, 41), (24, 32), (17, 21), (12, 16), (5, 6), (3, 64), (96, 128), (70, 93), (48, 21)],
)
@pytest.mark.parametrize("kind", [{}, {"nodata": 7}, {"alpha": True}, {"mask": True}, {"dtype": "uint16"}])
def test_pixels_are_means_by_area(make_raster, backend, kind, height, width):
    path = make_raster(**kind)
    with open_raster(path, backend) as reader:
        data, valid = reader.read([1, 2, 3], whole(reader.info)), reader.read_valid([1, 2, 3], whole(reader.info))
    expected, there = reference(data, valid, height, width)
    with working(path, backend, height, width) as reader:
        found = reader.read([1, 2, 3], whole(reader.info))
        np.testing.assert_array_equal(reader.read_valid([1, 2, 3], whole(reader.info)), there)
    assert found.dtype == data.dtype
    # Weights are in steps of 1/256 along each axis.
    limit = 0.5 + 2 / 256 * (int(data.max()) - int(data.min()))
    assert np.abs(found - expected)[:, there].max() <= limit


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("factor", [0.6, 1.7, 2, 5])
def test_all_types_keep_an_even_raster(make_raster, backend, dtype, factor):
    value = -20 if np.dtype(dtype).kind != "u" else 200 if dtype == "uint8" else np.iinfo(dtype).max
    path = make_raster(data=np.full((2, 40, 50), value if dtype != "int8" else -20, dtype))
    with working(path, backend, round(40 / factor), round(50 / factor)) as reader:
        assert np.unique(reader.read([1, 2], whole(reader.info))) == [value if dtype != "int8" else -20]


@pytest.mark.parametrize(
    "kind",
    [
        {},
        {"nodata": 3},
        {"alpha": True},
        {"dtype": "float32"},
        {"overviews": (2, 4, 8)},
        {"nodata": 3, "overviews": (2, 4)},
        {"tiled": False},
        {"mask": True, "overviews": (2,)},
    ],
)
@pytest.mark.parametrize("factor", [0.35, 1.5, 2, 2.3, 4.1, 7, 11])
def test_every_window_is_a_part_of_the_whole(make_raster, backend, monkeypatch, kind, factor):
    monkeypatch.setattr(working_grid, "PIECE", 16)
    monkeypatch.setattr(working_grid, "BAND_BYTES", 20_000)
    monkeypatch.setattr(working_grid, "CACHE_BYTES", 10_000)
    path = make_raster(width=333, height=250, **kind)
    height, width = round(250 / factor), round(333 / factor)
    rng = np.random.default_rng(3)
    with working(path, backend, height, width) as reader, working(path, backend, height, width) as other:
        pixels, valid = reader.read([1, 2, 3], whole(reader.info)), reader.read_valid([1, 2, 3], whole(reader.info))
        quarters = Window(0, 0, height // 4 * 4, width // 4 * 4)
        reduced = reader.read([1, 2, 3], quarters, (height // 4, width // 4))
        reduced_valid = reader.read_valid([1, 2, 3], quarters, (height // 4, width // 4))
        for _ in range(12):
            rows, cols = (np.sort(rng.choice(side + 1, 2, replace=False)) for side in (height, width))
            part = Window(int(rows[0]), int(cols[0]), int(np.diff(rows)[0]), int(np.diff(cols)[0]))
            there = valid[part.slices()]
            np.testing.assert_array_equal(other.read_valid([1, 2, 3], part), there)
            np.testing.assert_array_equal(
                other.read([1, 2, 3], part)[:, there], pixels[(slice(None), *part.slices())][:, there]
            )
            assert other.may_hold_data(part) or not there.any()
            cell = Window(
                part.row // 4 * 4, part.col // 4 * 4, max(4, part.height // 4 * 4), max(4, part.width // 4 * 4)
            )
            if cell.row_end <= quarters.height and cell.col_end <= quarters.width:
                shape, place = (cell.height // 4, cell.width // 4), cell.slices(4)
                there = reduced_valid[place]
                np.testing.assert_array_equal(other.read_valid([1, 2, 3], cell, shape), there)
                found = other.read([1, 2, 3], cell, shape)
                np.testing.assert_array_equal(found[:, there], reduced[(slice(None), *place)][:, there])


def test_a_reduced_read_is_the_mean_of_four_by_four(make_raster, backend):
    path = make_raster(width=160, height=120)
    with working(path, backend, 60, 80) as reader:
        fine = reader.read([1], whole(reader.info)).astype(float).reshape(1, 15, 4, 20, 4).mean(axis=(2, 4))
        assert np.abs(reader.read([1], whole(reader.info), (15, 20)) - fine).max() <= 1


def test_overviews_are_used(make_raster, backend):
    path = make_raster(width=512, height=512, overviews=(2, 4, 8))
    reader = open_raster(path, backend)
    shapes, read = [], reader.read
    reader.read = lambda bands, window, shape=None, resampling="average": (
        shapes.append((window, shape)) or read(bands, window, shape, resampling)
    )
    with WorkingReader(reader, 128, 128) as four_times:
        four_times.read([1, 2, 3], Window(0, 0, 128, 128))
        assert {window.height // shape[0] for window, shape in shapes} == {4}
        assert four_times.info.decoded == 1
    assert working_info(open_raster(make_raster(width=512, height=512), backend).info, 128, 128).decoded == 16


def test_gaps_of_a_mosaic_stay_gaps(make_raster, backend, tmp_path):
    folder = tmp_path / "rasters"
    put(make_raster, folder, "a.tif", 0, 0, width=40, height=90)
    put(make_raster, folder, "b.tif", 0, 80, width=40, height=90)
    with working(str(folder), backend, 30, 40) as reader:
        valid = reader.read_valid([1, 2, 3], whole(reader.info))
    assert valid.any()
    assert not valid[:, 14:26].any()


def test_unreadable_blocks_are_told_in_pixels_of_the_raster(make_raster, backend):
    data = np.random.default_rng(0).integers(0, 255, (1, 256, 256), np.uint8)
    path = make_raster(data=data, compress="DEFLATE")
    with open(path, "r+b") as file:
        file.seek(os.path.getsize(path) // 2)
        file.write(b"\0" * 3000)
    with working(path, backend, 128, 128, unreadable="nodata") as reader:
        valid = reader.read_valid([1], whole(reader.info))
        pixels = reader.read([1], whole(reader.info))
        assert reader.unreadable
        assert all(window.height == 64 for window in reader.unreadable)
    expected, _ = reference(data, np.ones((256, 256), bool), 128, 128)
    assert not valid.all()
    assert np.abs(pixels - expected)[:, valid].max() <= 2.5


@pytest.mark.parametrize("transform", [NORTH_UP, ROTATED, (500000.0, 0.5, 0.0, 4000000.0, 0.0, 0.5)])
def test_the_extent_is_the_rasters(make_raster, backend, transform):
    info = open_raster(make_raster(transform=transform), backend).info
    work = working_info(info, 13, 22)

    def corner(raster):
        x, x_col, x_row, y, y_col, y_row = raster.transform
        return x + raster.width * x_col + raster.height * x_row, y + raster.width * y_col + raster.height * y_row

    assert work.transform[0::3] == info.transform[0::3]
    assert corner(work) == pytest.approx(corner(info), abs=1e-6)


def test_any_raster_at_any_size(backend):
    pytest.importorskip("hypothesis", reason="only in the training environment")
    rasterio = pytest.importorskip("rasterio", reason="only in the training environment")
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(
        shape=st.tuples(st.integers(1, 70), st.integers(1, 90)),
        cells=st.tuples(st.integers(1, 140), st.integers(1, 180)),
        dtype=st.sampled_from(["uint8", "uint16", "int16", "float32"]),
        hole=st.floats(0, 0.6),
        seed=st.integers(0, 9),
    )
    def check(shape, cells, dtype, hole, seed):
        rng = np.random.default_rng(seed)
        data = rng.integers(1, 250, (2, *shape)).astype(dtype)
        valid = rng.random(shape) >= hole
        data[:, ~valid] = 0
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "raster.tif")
            size = {"height": shape[0], "width": shape[1], "count": 2, "dtype": dtype, "nodata": 0}
            with rasterio.open(path, "w", driver="GTiff", crs="EPSG:32640", **size) as file:
                file.write(data)
            expected, there = reference(data, valid, *cells)
            with working(path, backend, *cells) as reader:
                found, found_valid = (read([1, 2], whole(reader.info)) for read in (reader.read, reader.read_valid))
        if found_valid.any():
            assert found[:, found_valid].min() >= 1
            assert found[:, found_valid].max() <= 250
        # Where cells are many pixels, these are averaged by steps of a few first.
        if max(shape[0] / cells[0], shape[1] / cells[1]) >= 8:
            return
        np.testing.assert_array_equal(found_valid, there)
        if hole == 0:
            assert np.abs(found - expected).max() <= 0.5 + 4 / 256 * 250

    check()
