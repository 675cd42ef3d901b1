"""Where a raster is looked at."""

import pytest

from uhrs_qgis_plugin.engine.familiarity import sample_windows, spacing

pytest.importorskip("hypothesis", reason="only in the training environment")
from hypothesis import given
from hypothesis import strategies as st

SIDES = st.integers(1, 20_000)


@given(SIDES, SIDES)
def test_windows_lie_inside_apart_and_in_blocks_of_256(height, width):
    step = spacing(height, width)
    windows = sample_windows(height, width, step)
    assert windows
    assert len({(window.row, window.col) for window in windows}) == len(windows)
    for window in windows:
        assert window.row >= 0
        assert window.row_end <= height
        assert window.col >= 0
        assert window.col_end <= width
        assert (window.height, window.width) == (min(128, height), min(128, width))
        assert height < 192 or window.row // 256 == (window.row_end - 1) // 256


@given(st.integers(1024, 20_000), st.integers(1024, 20_000))
def test_sixteen_windows_at_least_and_few_of_a_large_raster(height, width):
    count = len(sample_windows(height, width, spacing(height, width)))
    assert count >= 9  # the last ones of a grid may not fit in
    assert count <= max(100, height * width // 1024**2)


@given(SIDES, SIDES)
def test_a_coarse_grid_is_part_of_the_fine_one(height, width):
    coarse = sample_windows(height, width, spacing(height, width))
    if spacing(height, width) >= 256:
        assert set(coarse) <= set(sample_windows(height, width, 256))


@pytest.mark.parametrize(
    ("side", "step"), [(100, 128), (1000, 128), (1024, 256), (2048, 512), (5120, 1024), (10240, 2048), (60000, 2048)]
)
def test_spacing(side, step):
    assert spacing(side, side) == step
