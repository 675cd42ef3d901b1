from types import SimpleNamespace

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.segmentation.passes import selection as selector
from uhrs_qgis_plugin.engine.segmentation.passes.selection import (
    Costs,
    FixedSelection,
    TimedSelection,
    score_patches,
    select_by_ratio,
    select_by_threshold,
)


class _Uncertainty:
    """A coarse map that knows U only."""

    def __init__(self, values, stride, side):
        self.values, self.stride = values, stride
        height, width = (n * stride for n in values.shape)
        self.canvas = SimpleNamespace(
            patch_side=side, patch_shape=(height // side, width // side), height=height, width=width
        )

    def uncertainty(self, window):
        return self.values[window.slices(self.stride)]


@pytest.mark.parametrize(("rows", "cols", "stride", "side"), [(3, 5, 16, 128), (2, 2, 8, 128), (4, 3, 16, 16)])
def test_scores_are_area_means(rows, cols, stride, side):
    cells = side // stride
    uncertainty = np.random.default_rng(1).random((rows * cells, cols * cells), np.float32)
    scores = score_patches(_Uncertainty(uncertainty, stride, side))
    assert scores.shape == (rows, cols)
    for row in range(rows):
        for col in range(cols):
            patch = uncertainty[row * cells : (row + 1) * cells, col * cells : (col + 1) * cells]
            assert scores[row, col] == pytest.approx(patch.astype(float).mean(), abs=1e-12)


def test_scores_do_not_depend_on_the_strips(monkeypatch):
    coarse = _Uncertainty(np.random.default_rng(2).random((70, 30), np.float32), 8, 16)
    whole = score_patches(coarse)
    monkeypatch.setattr(selector, "STRIP_PATCHES", 3)
    assert np.array_equal(score_patches(coarse), whole)


def _oracle(scores, valid, ratio):
    places = [(row, col) for row in range(scores.shape[0]) for col in range(scores.shape[1]) if valid[row, col]]
    places.sort(key=lambda place: (-scores[place], place))
    selected = np.zeros(scores.shape, bool)
    for place in places[: round(ratio * len(places))]:
        selected[place] = True
    return selected


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("ratio", [0, 0.1, 0.25, 0.5, 0.73, 1])
def test_ratio_agrees_with_brute_force(seed, ratio):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 9, 2))
    scores = rng.integers(0, 5, shape) / 4  # many ties
    valid = rng.random(shape) < 0.7
    assert np.array_equal(select_by_ratio(scores, valid, ratio), _oracle(scores, valid, ratio))


def test_ratio_prefers_the_first_of_equals():
    selected = select_by_ratio(np.full((2, 3), 0.5), np.ones((2, 3), bool), 0.5)
    assert selected.tolist() == [[True, True, True], [False, False, False]]


def test_ratio_spends_the_budget_on_patches_with_data_only():
    valid = np.array([[False, True], [True, False]])
    selected = select_by_ratio(np.array([[1.0, 0.1], [0.2, 0.9]]), valid, 0.5)
    assert selected.tolist() == [[False, False], [True, False]]


def test_ratio_of_nothing_selects_nothing():
    assert not select_by_ratio(np.ones((2, 2)), np.zeros((2, 2), bool), 1).any()


def test_threshold_is_inclusive_and_needs_data():
    scores = np.array([[0.2, 0.5], [0.7, 0.9]])
    valid = np.array([[True, True], [True, False]])
    assert select_by_threshold(scores, valid, 0.5).tolist() == [[False, True], [True, False]]


class _Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def _timed_run(scores, deadline, patch, block, guess):
    """Blocks are the rows of the patch grid; a patch really takes `patch` seconds and a block `block` more."""
    clock = _Clock()
    selection = TimedSelection(scores, np.ones(scores.shape, bool), len(scores), deadline, guess, clock)
    for row in range(len(scores)):
        count = int(selection.flags(Window(row, 0, 1, scores.shape[1])).sum())
        clock.now += patch * count + block
        selection.record_cost(count, patch * count, patch * count + block)
    return selection.selected, clock.now


@pytest.mark.parametrize("guess", [Costs(1.0, 2.0), Costs(0.3, 1.0), Costs(4.0, 5.0)])
def test_time_is_used_but_not_overrun_even_from_a_wrong_guess(guess):
    scores = np.random.default_rng(0).random((40, 25))
    selected, ended = _timed_run(scores, 300.0, 1.0, 2.0, guess)
    assert 0.85 * 300 <= ended <= 305
    assert 150 <= selected.sum() <= 221


def test_time_goes_to_the_most_uncertain_patches():
    scores = np.random.default_rng(1).random((40, 25))
    selected, _ = _timed_run(scores, 300.0, 1.0, 2.0, Costs(1.0, 2.0))
    best = select_by_ratio(scores, np.ones(scores.shape, bool), selected.mean())
    assert (selected & best).sum() >= 0.95 * selected.sum()


@pytest.mark.parametrize(("deadline", "expected"), [(0.0, 0), (-5.0, 0), (1e9, 1000)])
def test_no_time_and_all_the_time(deadline, expected):
    scores = np.random.default_rng(2).random((40, 25))
    assert _timed_run(scores, deadline, 1.0, 2.0, Costs(1.0, 2.0))[0].sum() == expected


def test_what_was_said_of_a_patch_holds():
    clock = _Clock()
    scores = np.random.default_rng(3).random((4, 6))
    selection = TimedSelection(scores, np.ones((4, 6), bool), 4, 8.0, Costs(1.0, 0.0), clock)
    first = selection.flags(Window(0, 0, 2, 6))
    clock.now = 8.0  # the time is up
    again = selection.flags(Window(1, 0, 2, 6))
    assert np.array_equal(again[0], first[1])
    assert not again[1].any()


def test_how_many_patches_are_expected():
    selected = np.array([[True, False, True], [True, True, False]])
    touched = np.array([[True, True, True], [False, False, False]])
    assert FixedSelection(selected).expected(Window(0, 0, 2, 3), touched) == 2
    timed = TimedSelection(np.ones((2, 3)), np.ones((2, 3), bool), 1, 10.0, Costs(1.0, 1.0), lambda: 0.0)
    assert timed.expected(Window(0, 0, 2, 3), touched) is None
