"""Where samples are cut: each judged pixel in one core, few crops, and the splits."""

from __future__ import annotations

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.samples.crops import JudgedCells, goes_to_validation


def cells_of(judged, block=64):
    cells = JudgedCells(*judged.shape)
    for row in range(0, judged.shape[0], block):
        for col in range(0, judged.shape[1], block):
            window = Window(row, col, block, block).clipped(*judged.shape)
            cells.add(judged[window.slices()], window)
    return cells


def scattered(height, width, count, seed):
    rng = np.random.default_rng(seed)
    judged = np.zeros((height, width), bool)
    for row, col, side in zip(
        rng.integers(0, height, count), rng.integers(0, width, count), rng.integers(1, 40, count)
    ):
        judged[row : row + side, col : col + side] = True
    return judged


@pytest.mark.parametrize("side", [64, 100, 160, 640])
@pytest.mark.parametrize("seed", range(3))
def test_each_judged_pixel_is_in_one_core(seed, side):
    """Cores cover all that was judged, share nothing, lie in their crops; crops lie in the raster and have one size."""
    judged = scattered(450, 700, 25, seed)
    counts = np.zeros(judged.shape, int)
    for crop in cells_of(judged).crops(side):
        core, window = crop.core, crop.window
        counts[core.slices()] += 1
        assert judged[core.slices()].any()
        assert window.row <= core.row < core.row_end <= window.row_end
        assert window.col <= core.col < core.col_end <= window.col_end
        assert 0 <= window.row < window.row_end <= 450
        assert 0 <= window.col < window.col_end <= 700
        assert (window.height, window.width) == (min(side, 450), min(side, 700))
    assert counts.max() == 1
    assert (counts[judged] == 1).all()


def test_crops_are_few():
    """All judged: as many crops as tiles; one crop: one crop; nothing: none."""
    assert len(list(cells_of(np.ones((640, 960), bool)).crops(320))) == 6
    assert len(list(cells_of(scattered(500, 500, 1, 0)).crops(64))) == 1
    assert list(cells_of(np.zeros((100, 100), bool)).crops(64)) == []


def test_crops_show_what_is_around():
    """A crop lies in the middle of its crop; near the edge the crop ends with the raster."""
    judged = np.zeros((1000, 2000), bool)
    judged[0:50, 600:700] = judged[0:50, 1900:1950] = True
    first, second = cells_of(judged).crops(640)
    assert (first.core.col, first.core.col_end) == (576, 704)
    assert (first.window.row, first.window.col) == (0, 320)
    assert (second.core.col, second.core.col_end) == (1888, 1952)
    assert (second.window.row, second.window.col) == (0, 1360)


def test_small_rasters_give_small_crops():
    (crop,) = cells_of(np.ones((50, 90), bool)).crops(640)
    assert crop.window == crop.core == Window(0, 0, 50, 90)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.2, 0.25, 0.3, 0.5])
def test_split_keeps_its_share(share):
    """ceil(share * (n - 1)) of the first n; the first is never for validation, the second is."""
    flags = [goes_to_validation(number, share) for number in range(200)]
    for count in range(1, 200):
        assert sum(flags[:count]) == int(np.ceil(round(share * (count - 1), 9)))
    if share:
        assert flags[:2] == [False, True]


def test_split_of_a_fifth():
    assert [number for number in range(17) if goes_to_validation(number, 0.2)] == [1, 6, 11, 16]
