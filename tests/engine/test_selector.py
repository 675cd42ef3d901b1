import numpy as np
import pytest

from uhrs_qgis_plugin.engine import selector
from uhrs_qgis_plugin.engine.selector import score_patches, select_by_ratio, select_by_threshold


@pytest.mark.parametrize(("rows", "cols", "stride", "side"), [(3, 5, 16, 128), (2, 2, 8, 128), (4, 3, 16, 16)])
def test_scores_are_area_means(rows, cols, stride, side):
    cells = side // stride
    uncertainty = np.random.default_rng(1).random((rows * cells, cols * cells), np.float32)
    scores = score_patches(uncertainty, stride, side)
    assert scores.shape == (rows, cols)
    for row in range(rows):
        for col in range(cols):
            patch = uncertainty[row * cells : (row + 1) * cells, col * cells : (col + 1) * cells]
            assert scores[row, col] == pytest.approx(patch.astype(float).mean(), abs=1e-12)


def test_scores_do_not_depend_on_the_strips(monkeypatch):
    uncertainty = np.random.default_rng(2).random((70, 30), np.float32)
    whole = score_patches(uncertainty, 8, 16)
    monkeypatch.setattr(selector, "STRIP_PATCHES", 3)
    assert np.array_equal(score_patches(uncertainty, 8, 16), whole)


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
