"""Regions of high uncertainty against brute force: flood fill cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, RasterError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.raster.opening import open_raster
from uhrs_qgis_plugin.engine.regions import search as regions
from uhrs_qgis_plugin.engine.regions import threshold as regions_reading
from uhrs_qgis_plugin.engine.regions import tracker as regions_tracker
from uhrs_qgis_plugin.engine.regions.runs import connect
from uhrs_qgis_plugin.engine.regions.search import RegionOptions, find_regions
from uhrs_qgis_plugin.engine.regions.threshold import step_of_top, strip_rows

NODATA = 255


def flood_fill(flags, gap):
    """The regions as sets of cells, by walking from cell to cell."""
    todo = set(zip(*(part.tolist() for part in np.nonzero(flags))))
    reach = gap + 1
    found = []
    while todo:
        stack = [todo.pop()]
        region = set(stack)
        while stack:
            row, col = stack.pop()
            for r in range(row - reach, row + reach + 1):
                for c in range(col - reach, col + reach + 1):
                    if (r, c) in todo:
                        todo.remove((r, c))
                        region.add((r, c))
                        stack.append((r, c))
        found.append(frozenset(region))
    return found


def cells_of(region):
    return frozenset((row, col) for row, start, end in region.runs.tolist() for col in range(start, end))


def random_map(seed, height=23, width=31):
    """Numbers 0..254 in blobs and in single cells, with some nodata."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (-(-height // 3), -(-width // 3)))
    data = np.kron(coarse, np.ones((3, 3), int))[:height, :width]
    noisy = rng.random(data.shape) < 0.5
    data[noisy] = rng.integers(0, 255, data.shape)[noisy]
    data[rng.random(data.shape) < 0.05] = NODATA
    return data.astype(np.uint8)


@pytest.fixture
def write(make_raster):
    def make(data, **options):
        data = data if data.ndim == 3 else data[None]
        return make_raster(data=data, nodata=options.pop("nodata", NODATA), **options)

    return make


@pytest.mark.parametrize("merge", [0, 1, 2, 5])
@pytest.mark.parametrize("seed", range(4))
def test_regions_are_those_of_flood_fill(write, backend, seed, merge):
    """Cells, statistics and order, at thresholds from a few cells to most of them."""
    data = random_map(seed)
    path = write(data)
    for step in (60, 140, 200, 240):
        flags = (data >= step) & (data != NODATA)
        options = RegionOptions(threshold=step / 254, min_cells=1, merge=merge)
        found = find_regions(path, options, backend=backend)
        expected = flood_fill(flags, merge)
        assert {cells_of(region) for region in found.regions} == set(expected)
        assert (found.found, found.small, found.cells) == (len(expected), 0, flags.sum())
        assert found.valid_cells == (data != NODATA).sum()
        for region in found.regions:
            numbers = np.array([data[cell] for cell in cells_of(region)], int)
            assert region.cells == len(numbers)
            assert found.mean_u(region) == pytest.approx(numbers.mean() / 254)
            assert found.max_u(region) == pytest.approx(numbers.max() / 254)
        importance = [region.cells * found.mean_u(region) for region in found.regions]
        assert importance == sorted(importance, reverse=True)


@pytest.mark.parametrize("merge", [0, 1, 4])
@pytest.mark.parametrize("rows", [1, 2, 3, 7, 23])
def test_strips_change_nothing(write, monkeypatch, rows, merge):
    path = write(random_map(9))
    options = RegionOptions(top=30, min_cells=2, merge=merge, limit=7)
    whole = find_regions(path, options)
    monkeypatch.setattr(regions_reading, "strip_rows", lambda *sizes: rows)
    strips = find_regions(path, options)
    assert len(whole.regions) == len(strips.regions)
    for one, other in zip(whole.regions, strips.regions):
        assert np.array_equal(one.runs, other.runs)
        assert (one.cells, one.total, one.peak) == (other.cells, other.total, other.peak)
    assert (whole.found, whole.small, whole.threshold) == (strips.found, strips.small, strips.threshold)


def test_shapes_that_join_late(write, monkeypatch):
    """A spiral, a comb whose teeth meet in the last row, and one that is joined from below and from the side."""
    spiral = np.zeros((21, 21), np.uint8)
    row = col = 10
    length, direction = 2, 0
    while 0 <= row < 21 and 0 <= col < 21 and length < 22:
        for _ in range(length):
            if 0 <= row < 21 and 0 <= col < 21:
                spiral[row, col] = 200
            row += (0, 1, 0, -1)[direction]
            col += (1, 0, -1, 0)[direction]
        direction = (direction + 1) % 4
        length += direction % 2 * 2
    comb = np.zeros((21, 21), np.uint8)
    comb[:, ::2] = 200
    comb[-1] = 200
    for data in (spiral, comb, comb[::-1].copy(), comb.T.copy()):
        path = write(data)
        for rows in (1, 4, 21):
            monkeypatch.setattr(regions_reading, "strip_rows", lambda *sizes, rows=rows: rows)
            [region] = find_regions(path, RegionOptions(threshold=0.5, merge=0)).regions
            assert region.cells == np.count_nonzero(data)


def test_small_ones_are_dropped_and_the_most_important_kept(write, monkeypatch):
    """Also when many more are found than kept, in any order."""
    data = np.zeros((60, 40), np.uint8)
    rng = np.random.default_rng(3)
    for row in range(0, 60, 4):
        for col in range(0, 40, 8):
            data[row, col : col + rng.integers(1, 7)] = rng.integers(150, 255)
    path = write(data)
    everything = find_regions(path, RegionOptions(threshold=0.5, min_cells=3)).regions
    assert min(region.cells for region in everything) == 3
    for rows in (1, 4, 60):
        monkeypatch.setattr(regions_reading, "strip_rows", lambda *sizes, rows=rows: rows)
        for limit in (1, 2, 5, 30):
            kept = find_regions(path, RegionOptions(threshold=0.5, min_cells=3, limit=limit))
            assert [cells_of(region) for region in kept.regions] == [cells_of(one) for one in everything[:limit]]
            assert (kept.found, kept.small) == (75, 75 - len(everything))


def test_equally_important_ones_are_ranked_from_the_top_left(write):
    data = np.zeros((9, 9), np.uint8)
    data[::4, ::4] = 200
    found = find_regions(write(data), RegionOptions(threshold=0.5, min_cells=1)).regions
    assert [tuple(region.runs[0, :2]) for region in found] == [(r, c) for r in (0, 4, 8) for c in (0, 4, 8)]


@pytest.mark.parametrize(
    ("counts", "top", "step"),
    [
        ({200: 1, 190: 2, 50: 97}, 2, 200),
        ({200: 1, 190: 2, 50: 97}, 2.1, 190),
        ({200: 1, 190: 2, 50: 97}, 0.001, 200),
        ({200: 1, 190: 2, 50: 97}, 100, 50),
        ({120: 40}, 2, 120),
        ({0: 40}, 2, 256),
        ({}, 2, 256),
    ],
)
def test_threshold_of_a_share(counts, top, step):
    histogram = np.zeros(256, np.int64)
    for number, cells in counts.items():
        histogram[number] = cells
    assert step_of_top(histogram, top) == step


def test_top_takes_the_share_asked_for(write):
    """Of a ramp of 254 steps in equal parts; nodata is not part of the area."""
    data = np.tile(np.arange(255, dtype=np.uint8), (20, 1))
    data = np.concatenate([data, np.full((20, 255), NODATA, np.uint8)])
    found = find_regions(write(data), RegionOptions(top=10))
    assert found.cells / found.valid_cells == pytest.approx(0.1, abs=0.002)
    assert found.threshold == pytest.approx(0.9, abs=0.01)


def test_band_two_is_preferred(write):
    data = np.zeros((2, 8, 8), np.uint8)
    data[0, :4], data[1, 4:] = 200, 200
    path = write(data)
    for band, first_row in ((None, 4), (1, 0), (2, 4)):
        [region] = find_regions(path, RegionOptions(threshold=0.5, band=band)).regions
        assert region.runs[0, 0] == first_row
    assert find_regions(write(data[:1]), RegionOptions(threshold=0.5)).band == 1
    with pytest.raises(OptionsError, match=r"Band 3 does not exist.*choose 1 to 2"):
        find_regions(path, RegionOptions(band=3))


@pytest.mark.parametrize("value", [0, NODATA])
def test_nothing_to_find(write, value):
    """All sure, or no data at all: no region and no error."""
    path = write(np.full((12, 12), value, np.uint8))
    for options in (RegionOptions(), RegionOptions(threshold=0.5), RegionOptions(threshold=1)):
        found = find_regions(path, options)
        assert found.regions == ()
        assert (found.cells, found.found) == (0, 0)


def test_without_nodata_every_cell_counts(write):
    [region] = find_regions(write(np.full((12, 12), 200, np.uint8), nodata=None), RegionOptions()).regions
    assert region.cells == 144


def test_masked_cells_do_not_count(make_raster):
    """A mask inside the file, over the upper left quadrant, instead of a nodata number."""
    path = make_raster(width=16, height=12, data=np.full((1, 12, 16), 200, np.uint8), mask=True)
    with open_raster(path) as reader:
        assert reader.info.has_own_mask
    found = find_regions(path, RegionOptions(threshold=0.5))
    assert found.valid_cells == found.cells == 12 * 16 * 3 // 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"top": 0}, r"top=0 per cent is not allowed: use above 0 and at most 100"),
        ({"top": 101}, "top=101"),
        ({"threshold": 1.5}, r"threshold=1.5 is not allowed: use 0 to 1"),
        ({"min_cells": 0}, "min_cells=0"),
        ({"merge": -1}, "merge=-1"),
        ({"merge": 65}, "0 to 64"),
        ({"limit": 0}, "limit=0"),
        ({"scale": 0}, "scale=0"),
        ({"spread": 15}, r"spread=15 cells is not allowed: use 0, or 16 and more"),
        ({"spread": -1}, "spread=-1"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(OptionsError, match=message):
        RegionOptions(**options)


def test_rasters_of_other_kinds_are_refused(write, make_raster):
    with pytest.raises(RasterError, match=r"3 bands of type uint8 and is no uncertainty raster"):
        find_regions(write(np.zeros((3, 8, 8), np.uint8)), RegionOptions())
    with pytest.raises(RasterError, match=r"1 bands of type float32"):
        find_regions(make_raster(count=1, dtype="float32"), RegionOptions())


def test_cells_too_scattered_are_refused(write, monkeypatch):
    monkeypatch.setattr(regions_tracker, "MOST_RUNS", 50)
    with pytest.raises(OptionsError, match=r"too scattered.*higher threshold"):
        find_regions(write(random_map(1)), RegionOptions(threshold=0.5))


def test_cancel_and_progress(write, monkeypatch):
    monkeypatch.setattr(regions_reading, "strip_rows", lambda *sizes: 2)
    path = write(random_map(2))
    shares = []
    find_regions(path, RegionOptions(), Watch(shares.append))
    assert shares == sorted(shares)
    assert shares[-1] == 1
    for calls in (0, 5, 15):
        answers = iter([False] * calls + [True])
        with pytest.raises(CancelledError):
            find_regions(path, RegionOptions(), Watch(is_cancelled=lambda answers=answers: next(answers)))


def test_strips_are_whole_blocks_and_bounded():
    assert strip_rows(1000, 1000, 512) == 1000
    assert strip_rows(100_000, 1000, 512) == 3584
    assert strip_rows(100_000, 20_000, 512) == 512
    assert strip_rows(100_000, 1_000_000, 512) * 1_000_000 <= regions_reading.MOST_STRIP_CELLS


def test_connect_labels_paths_and_stars():
    """In the order of first nodes, whatever the order of links."""
    rng = np.random.default_rng(0)
    nodes = rng.permutation(2000)
    labels, count = connect(2000, nodes[:-1], nodes[1:])
    assert count == 1
    star = np.full(1999, 1999)
    assert connect(2000, star, np.arange(1999))[1] == 1
    labels, count = connect(5, np.array([4, 3]), np.array([1, 0]))
    assert labels.tolist() == [0, 1, 2, 0, 1]
    assert count == 3
    assert regions.MOST_REGIONS >= 10_000
