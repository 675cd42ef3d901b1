"""Thresholds of squares against sorting the cells of each square."""

from __future__ import annotations

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.regions import search as regions
from uhrs_qgis_plugin.engine.regions import threshold as regions_reading
from uhrs_qgis_plugin.engine.regions.search import RegionOptions, find_regions
from uhrs_qgis_plugin.engine.regions.threshold import step_of_top, steps_of_share

NODATA = 255
SIDE = regions.LEAST_SPREAD


def random_map(seed, height, width):
    """Numbers 0..254, much higher on the left; some nodata, and one square that is nodata throughout."""
    rng = np.random.default_rng(seed)
    data = rng.integers(0, 120, (height, width)) + np.linspace(130, 0, width).astype(int)
    data[rng.random(data.shape) < 0.05] = NODATA
    data[:SIDE, :SIDE] = NODATA
    return data.astype(np.uint8)


def squares_of(data, side):
    for row in range(0, data.shape[0], side):
        for col in range(0, data.shape[1], side):
            yield np.s_[row : row + side, col : col + side]


def flagged(found, shape):
    flags = np.zeros(shape, bool)
    for region in found.regions:
        for row, start, end in region.runs.tolist():
            flags[row, start:end] = True
    return flags


@pytest.fixture
def write(make_raster):
    return lambda data: make_raster(data=data[None], nodata=NODATA)


@pytest.mark.parametrize("rows", [1, 7, 16, 50])
def test_each_square_gives_its_share(write, monkeypatch, backend, rows):
    """Whatever the strips: the highest cells of each, as many as are nearest to the share; all squares nearly alike."""
    data = random_map(3, 50, 70)
    monkeypatch.setattr(regions_reading, "strip_rows", lambda *sizes: rows)
    options = RegionOptions(top=10, min_cells=1, merge=0, spread=SIDE)
    found = find_regions(write(data), options, backend=backend)
    flags = flagged(found, data.shape)
    for square in squares_of(data, SIDE):
        numbers, taken = data[square][data[square] != NODATA], data[square][flags[square]]
        sizes = [np.count_nonzero(numbers >= step) for step in [*np.unique(numbers), 256]]
        assert abs(len(taken) - 0.1 * numbers.size) == min(abs(size - 0.1 * numbers.size) for size in sizes)
        assert sorted(taken) == sorted(numbers)[numbers.size - len(taken) :]
    assert found.cells == flags.sum()
    assert found.threshold == pytest.approx(data[flags].min() / 254)
    whole = flagged(find_regions(write(data), RegionOptions(top=10, min_cells=1, merge=0)), data.shape)
    assert not whole[:, 35:].any()
    assert flags[:, 35:].sum() > 0.4 * flags.sum()


def test_a_square_without_doubt_gives_nothing(write):
    """Equal numbers are neither all taken nor at random; 0 never."""
    data = np.full((2 * SIDE, 2 * SIDE), 3, np.uint8)
    data[SIDE:, :SIDE] = 0
    data[SIDE:, SIDE:][:2, :3] = 90
    found = find_regions(write(data), RegionOptions(top=2, min_cells=1, spread=SIDE))
    [region] = found.regions
    assert region.runs.tolist() == [[SIDE, SIDE, SIDE + 3], [SIDE + 1, SIDE, SIDE + 3]]
    nothing = find_regions(write(data[:SIDE]), RegionOptions(top=2, spread=SIDE))
    assert (nothing.regions, nothing.cells) == ((), 0)
    assert nothing.threshold > 1


def test_one_large_square_is_the_raster(write):
    data = random_map(4, 40, 60)
    whole, square = (find_regions(write(data), RegionOptions(top=7, spread=side)) for side in (0, 1000))
    assert whole.threshold == square.threshold
    assert [region.cells for region in whole.regions] == [region.cells for region in square.regions]


def test_squares_take_turns(write):
    """The ranks go over all squares before the second region of one: with a limit, none is left out."""
    data = np.zeros((SIDE, 3 * SIDE), np.uint8)
    data[0:2, 0:2], data[4:6, 0:2], data[8:10, 0:2] = 250, 245, 240
    data[0:2, 20:22], data[0, 40] = 100, 50
    options = {"top": 5, "min_cells": 1, "merge": 0, "spread": SIDE}
    starts = [tuple(region.runs[0, :2]) for region in find_regions(write(data), RegionOptions(**options)).regions]
    assert starts == [(0, 0), (0, 20), (0, 40), (4, 0), (8, 0)]
    first = find_regions(write(data), RegionOptions(**options, limit=3))
    assert [tuple(region.runs[0, :2]) for region in first.regions] == starts[:3]
    assert first.found == 5


def test_a_threshold_is_the_same_in_all_squares(write):
    data = random_map(5, 40, 60)
    one, other = (find_regions(write(data), RegionOptions(threshold=0.7, spread=side)) for side in (0, SIDE))
    assert [region.runs.tolist() for region in one.regions] == [region.runs.tolist() for region in other.regions]


def test_shares_of_many_are_those_of_one():
    """Where some cells are near enough to the share, a square is a small raster."""
    counts = np.random.default_rng(0).poisson(3.0, (50, 256))
    steps = steps_of_share(counts, 10.0)
    assert steps.tolist() == [step_of_top(square, 10.0) for square in counts]
