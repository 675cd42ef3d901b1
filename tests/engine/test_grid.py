import numpy as np
import pytest

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.grid import (
    Canvas,
    Window,
    blocks,
    fit_side,
    runs,
    scene_side,
    scene_starts,
    scenes,
    touched_cells,
    with_margin,
)


@pytest.mark.parametrize(
    ("height", "width", "side", "expected"),
    [(1, 1, 128, (128, 128)), (128, 129, 128, (128, 256)), (3000, 5000, 128, (3072, 5120)), (90, 97, 48, (96, 192))],
)
def test_canvas_is_padded_to_multiples_of_patch_and_cell(height, width, side, expected):
    canvas = Canvas(height, width, side)
    assert (canvas.height, canvas.width) == expected
    assert canvas.patch_shape == (expected[0] // side, expected[1] // side)
    assert canvas.cells(32) == (expected[0] // 32, expected[1] // 32)


def test_canvas_refuses_empty_windows_and_odd_patches():
    with pytest.raises(OptionsError, match="0 x 5 pixels"):
        Canvas(5, 0, 128)
    with pytest.raises(OptionsError, match="Patch side 100 is not allowed"):
        Canvas(5, 5, 100)


def test_window_slices_and_clips():
    window = Window(32, 64, 96, 128)
    assert window.slices(32) == (slice(1, 4), slice(2, 6))
    assert window.clipped(100, 100) == Window(32, 64, 68, 36)
    assert window.clipped(20, 70) == Window(32, 64, 0, 6)


@pytest.mark.parametrize(
    ("requested", "patch", "expected"),
    [(2048, 128, 2048), (2100, 128, 2048), (500, 128, 384), (1, 128, 128), (2048, 48, 1536), (100, 48, 96)],
)
def test_fit_side_rounds_down_to_the_grids(requested, patch, expected):
    assert fit_side(requested, patch) == expected


@pytest.mark.parametrize("length", [32, 4096, 4128, 7680, 7712, 12800, 28032])
@pytest.mark.parametrize(("side", "overlap"), [(4096, 512), (4096, 0), (2048, 1024), (128, 96), (64, 32)])
def test_scene_starts_follow_the_formula(length, side, overlap):
    starts = scene_starts(length, side, overlap)
    count = 1 if length <= side else -(-(length - overlap) // (side - overlap))
    assert len(starts) == count
    assert starts[0] == 0
    assert all(start % 32 == 0 for start in starts)
    assert all(left + side - right >= overlap for left, right in zip(starts, starts[1:]))
    assert max(starts[-1] + min(side, length), 0) == length


@pytest.mark.parametrize("overlap", [-32, 16, 64])
def test_scenes_refuse_overlaps_that_do_not_fit(overlap):
    with pytest.raises(OptionsError, match=f"Scene overlap {overlap} does not fit scenes of 64"):
        scenes(Canvas(128, 128, 32), 64, overlap)


@pytest.mark.parametrize("length", [32, 64, 96, 4096, 4128, 4480, 7712, 12800, 60032])
@pytest.mark.parametrize(("most", "overlap"), [(4096, 512), (128, 96), (64, 32), (64, 0)])
def test_scene_side_is_the_least_that_covers_with_as_few_scenes(length, most, overlap):
    side = scene_side(length, most, overlap)
    assert side % 32 == 0
    assert side <= min(most, length)
    fewest = len(scene_starts(length, min(most, length), overlap))
    starts = scene_starts(length, side, overlap)
    assert len(starts) == fewest
    assert all(left + side - right >= overlap for left, right in zip(starts, starts[1:]))
    if fewest > 1:
        assert (side - 32) * fewest - (fewest - 1) * overlap < length


@pytest.mark.parametrize(("height", "width", "side"), [(300, 500, 128), (128, 128, 128), (1000, 129, 256)])
def test_blocks_cover_the_canvas_once(height, width, side):
    canvas = Canvas(height, width, 128)
    count = np.zeros((canvas.height, canvas.width), int)
    for block in blocks(canvas, (side, side)):
        count[block.slices()] += 1
    assert (count == 1).all()


def test_scenes_cover_the_canvas_and_stay_inside():
    canvas = Canvas(300, 500, 32)
    count = np.zeros((canvas.height, canvas.width), int)
    for scene, (row, col) in scenes(canvas, 128, 32):
        assert scene.row_end <= canvas.height
        assert scene.col_end <= canvas.width
        assert (row == 0) == (scene.row == 0)
        assert (col == 0) == (scene.col == 0)
        count[scene.slices()] += 1
    assert count.min() == 1


@pytest.mark.parametrize("seed", range(20))
def test_overlap_is_what_both_windows_hold(seed):
    rng = np.random.default_rng(seed)
    one, other = (Window(*(int(number) * 4 for number in rng.integers(1, 9, 4))) for _ in range(2))
    flags = np.zeros((2, 80, 80), bool)
    flags[0][one.slices()] = flags[1][other.slices()] = True
    both = one.overlap(other)
    assert both.height * both.width == (flags[0] & flags[1]).sum()
    assert both == other.overlap(one)
    if both.height and both.width:
        assert (flags[0] & flags[1])[both.slices()].all()
        # The same pixels, seen from the window and from the whole, at 1/4 scale.
        numbers = np.arange(400).reshape(20, 20)
        assert np.array_equal(numbers[one.slices(4)][both.slices(4, one)], numbers[both.slices(4)])


def test_margin_stops_where_the_canvas_ends():
    canvas = Canvas(512, 512, 128)
    assert with_margin(Window(0, 0, 256, 256), canvas) == Window(0, 0, 288, 288)
    assert with_margin(Window(128, 256, 128, 256), canvas) == Window(96, 224, 192, 288)


@pytest.mark.parametrize(
    ("window", "side", "expected"),
    [(Window(0, 96, 160, 160), 128, Window(0, 0, 2, 2)), (Window(32, 32, 32, 64), 16, Window(2, 2, 2, 4))],
)
def test_touched_cells_includes_partly_covered_ones(window, side, expected):
    assert touched_cells(window, side) == expected


@pytest.mark.parametrize(
    ("flags", "expected"),
    [([], []), ([0, 0], []), ([1, 1], [(0, 2)]), ([0, 1, 0, 1, 1], [(1, 2), (3, 5)]), ([1, 0, 1], [(0, 1), (2, 3)])],
)
def test_runs_finds_contiguous_flags(flags, expected):
    assert list(runs(np.array(flags, bool))) == expected


def test_relative_to_moves_the_origin():
    window = Window(70, 90, 10, 20)
    assert window.relative_to(Window(64, 32, 100, 100)) == Window(6, 58, 10, 20)
    assert window.relative_to(Window(0, 0, 1, 1)) == window
