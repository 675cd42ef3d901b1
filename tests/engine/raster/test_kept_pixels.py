"""Pixels of a working grid that are kept: the same as without, and made once."""

import numpy as np
import pytest

from tests.engine.raster.test_working_grid import whole, working
from uhrs_qgis_plugin.engine.flow import MemoryArrays
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import is_worth_keeping, keeping, kept_bytes, open_raster, working_info
from uhrs_qgis_plugin.engine.raster.views import kept_pixels

KINDS = [{}, {"nodata": 3}, {"alpha": True}, {"dtype": "float32"}, {"tiled": False}, {"mask": True, "dtype": "uint16"}]


@pytest.fixture
def counted(make_raster, backend):
    """Open a raster that counts the pixels that are read of it, on a working grid that keeps its own."""

    def open_counted(path, height, width, store):
        inner = working(path, backend, height, width)
        reader, read = inner._reader, inner._reader.read
        reader.pixels_read = 0

        def counting(bands, window, *rest):
            reader.pixels_read += window.height * window.width
            return read(bands, window, *rest)

        reader.read = counting
        return keeping(inner, store), reader

    return open_counted


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("factor", [1.6, 2, 3.7, 9])
def test_windows_are_those_of_the_working_grid(make_raster, backend, monkeypatch, kind, factor):
    monkeypatch.setattr(kept_pixels, "PIECE", 32)
    monkeypatch.setattr(kept_pixels, "OPEN_PIECES", 3)
    path = make_raster(width=333, height=250, **kind)
    height, width = round(250 / factor), round(333 / factor)
    rng, store = np.random.default_rng(5), MemoryArrays()
    with working(path, backend, height, width) as plain:
        pixels, valid = plain.read([3, 1], whole(plain.info)), plain.read_valid([3, 1], whole(plain.info))
    for _ in range(6):  # each a reader of its own, as each pass has
        with keeping(working(path, backend, height, width), store) as reader:
            assert reader.info == plain.info
            rows, cols = (np.sort(rng.choice(side + 1, 2, replace=False)) for side in (height, width))
            part = Window(int(rows[0]), int(cols[0]), int(np.diff(rows)[0]), int(np.diff(cols)[0]))
            there = valid[part.slices()]
            np.testing.assert_array_equal(reader.read_valid([3, 1], part), there)
            found = reader.read([3, 1], part)
            np.testing.assert_array_equal(found[:, there], pixels[(slice(None), *part.slices())][:, there])


@pytest.mark.parametrize("kind", [{}, {"nodata": 3}])
def test_quarters_are_means_of_the_pixels_that_hold_data(make_raster, backend, kind):
    path = make_raster(width=320, height=240, **kind)
    with keeping(working(path, backend, 120, 160), MemoryArrays()) as reader:
        pixels, valid = reader.read([1, 2], whole(reader.info)), reader.read_valid([1, 2], whole(reader.info))
        quarters = reader.read([1, 2], whole(reader.info), (30, 40))
        there = reader.read_valid([1, 2], whole(reader.info), (30, 40))
    counts = valid.reshape(30, 4, 40, 4).sum(axis=(1, 3))
    sums = np.where(valid, pixels, 0).astype(float).reshape(2, 30, 4, 40, 4).sum(axis=(2, 4))
    np.testing.assert_array_equal(there, valid[2::4, 2::4])
    means = np.floor(sums / np.maximum(counts, 1) + 0.5)
    np.testing.assert_array_equal(quarters[:, there], means[:, there])


def test_the_raster_is_decoded_once(make_raster, counted, monkeypatch):
    monkeypatch.setattr(kept_pixels, "PIECE", 32)
    path, store = make_raster(width=400, height=300), MemoryArrays()
    reader, raster = counted(path, 75, 100, store)
    with reader:
        for row in range(0, 72, 8):  # slabs, then patches, as the passes read
            reader.read([1, 2, 3], Window(row, 0, 8, 100), (2, 25))
        first = raster.pixels_read
        assert first == 300 * 400
        reader.read([1, 2, 3], Window(3, 40, 60, 50))
        assert raster.pixels_read == first
    assert kept_bytes(reader.info, [1, 2, 3], 75 * 100) == sum(array.nbytes for array in store.values())
    reader, raster = counted(path, 75, 100, store)
    with reader:
        reader.read([1, 2, 3], whole(reader.info))
        assert raster.pixels_read == 0


def test_pieces_of_a_raster_of_much_finer_pixels_are_small(make_raster, backend, counted):
    """A cancel waits for a piece."""
    path = make_raster(data=np.zeros((1, 2560, 2560), np.uint8))
    reader, raster = counted(path, 40, 40, MemoryArrays())
    with reader:
        reader.read([1], Window(0, 0, 1, 1))
    assert raster.pixels_read <= 4096**2
    assert kept_pixels._piece_shape(working_info(open_raster(path).info, 40, 40)) == (64, 64)


@pytest.mark.parametrize(
    ("overviews", "cells", "worth"),
    [((), 75, True), ((2,), 75, False), ((32,), 75, True), ((), 299, True), ((), 300, False), ((), 600, False)],
)
def test_what_is_worth_keeping(make_raster, overviews, cells, worth):
    info = open_raster(make_raster(width=400, height=300, overviews=overviews)).info
    assert is_worth_keeping(info, working_info(info, cells, cells * 4 // 3)) is worth
