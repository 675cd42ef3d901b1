"""The estimators for points: a published example, coverage of the intervals, and what must hold."""

import math

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.accuracy.figures import Estimate
from uhrs_qgis_plugin.engine.accuracy.intervals import amount, f1_of, share
from uhrs_qgis_plugin.engine.accuracy.stratified import PointSample, StratifiedEstimator

# Olofsson et al. (2014), table 8: deforestation, forest gain, stable forest, stable non-forest; pixels of 30 m.
EXAMPLE = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]])
PIXELS = np.array([200_000, 150_000, 3_200_000, 6_450_000.0])
HECTARES = PIXELS.sum() * 900 / 10_000


def sample_of(counts, sizes, population=None):
    """A sample whose strata are the classes of the map."""
    rows, cols = np.nonzero(counts)
    mapped, reference = (np.repeat(index, counts[rows, cols]) for index in (rows, cols))
    return PointSample(mapped, mapped, reference, sizes, sizes if population is None else population)


@pytest.fixture
def example():
    return StratifiedEstimator(sample_of(EXAMPLE, PIXELS, np.full(4, 1e12)))


def test_overall_accuracy_of_the_published_example(example):
    """Section 5.1.2 of the paper: 0.95 +- 0.02."""
    found = example.overall()
    assert (round(found.value, 2), round(1.96 * math.sqrt(found.variance), 2)) == (0.95, 0.02)


@pytest.mark.parametrize(
    ("index", "users", "producers"),
    [
        (0, (0.88, 0.07), (0.75, 0.21)),
        (1, (0.73, 0.10), (0.85, 0.25)),
        (2, (0.93, 0.04), (0.93, 0.03)),
        (3, (0.96, 0.02), (0.96, 0.02)),
    ],
)
def test_accuracies_of_the_published_example(example, index, users, producers):
    for estimate, published in zip(example.of_class(index), (users, producers)):
        assert round(estimate.value, 2) == published[0]
        assert round(1.96 * estimate.error, 2) == published[1]


@pytest.mark.parametrize(
    ("index", "hectares", "margin"),
    [(0, 21_158, 6_158), (1, 11_686, 3_756), (2, 285_770, 15_510), (3, 581_386, 16_282)],
)
def test_areas_of_the_published_example(example, index, hectares, margin):
    """The areas and margins that the paper states."""
    area = example.area_share(index).as_area(HECTARES)
    assert area.value == pytest.approx(hectares, abs=1)
    assert area.high - area.value == pytest.approx(margin, abs=1)
    assert area.value - area.low == pytest.approx(margin, abs=1)


def test_shares_of_the_area_sum_to_what_they_should(example):
    shares = example.shares(4)
    assert shares.sum() == pytest.approx(1)
    assert shares.sum(axis=1) == pytest.approx(PIXELS / PIXELS.sum())  # the rows are the map's own areas
    assert shares.sum(axis=0) == pytest.approx([example.area_share(index).value for index in range(4)])
    assert np.trace(shares) == pytest.approx(example.overall().value)


def population(seed=3):
    """A whole map of 60,000 pixels: (stratum, mapped, true) of each; strata are thirds by doubt, not the classes."""
    rng = np.random.default_rng(seed)
    strata = np.repeat([0, 1, 2], [40_000, 15_000, 5_000])
    mapped = rng.choice(3, 60_000, p=[0.15, 0.6, 0.25])
    wrong = rng.random(60_000) < np.array([0.05, 0.2, 0.45])[strata]
    return strata, mapped, np.where(wrong, rng.integers(0, 3, 60_000), mapped)


def test_intervals_cover_the_truth_where_strata_are_not_classes():
    """Of 400 samples of the same map about 95 % of the intervals hold the true figure, whatever the figure."""
    strata, mapped, true = population()
    sizes = np.bincount(strata).astype(float)
    both, either = (mapped == 0) & (true == 0), (mapped == 0) | (true == 0)
    truth = {
        "overall": (mapped == true).mean(),
        "users": both.sum() / (mapped == 0).sum(),
        "producers": both.sum() / (true == 0).sum(),
        "f1": 2 * both.sum() / ((mapped == 0).sum() + (true == 0).sum()),
        "iou": both.sum() / either.sum(),
        "area": (true == 0).sum(),
    }
    rng, hits, middle = np.random.default_rng(5), dict.fromkeys(truth, 0), dict.fromkeys(truth, 0.0)
    for _ in range(400):
        drawn = np.concatenate([rng.choice(np.flatnonzero(strata == h), 120, replace=False) for h in range(3)])
        estimator = StratifiedEstimator(PointSample(strata[drawn], mapped[drawn], true[drawn], sizes, sizes))
        users, producers, f1, iou = estimator.of_class(0)
        area = estimator.area_share(0).as_area(60_000)
        found = (estimator.overall().as_share(), users, producers, f1, iou, area)
        for name, estimate in zip(truth, found):
            hits[name] += estimate.low <= truth[name] <= estimate.high
            middle[name] += estimate.value / 400
    assert {name: count for name, count in hits.items() if not 0.925 * 400 <= count <= 0.985 * 400} == {}
    for name, value in truth.items():
        assert middle[name] == pytest.approx(value, rel=0.02), name


def test_a_sample_of_everything_is_exact():
    counts = np.array([[5, 1], [2, 4]])
    estimator = StratifiedEstimator(sample_of(counts, np.array([6.0, 6.0])))
    overall = estimator.overall().as_share()
    assert (overall.value, overall.low, overall.high) == pytest.approx((0.75, 0.75, 0.75))
    area = estimator.area_share(0).as_area(12.0)
    assert (area.value, area.low, area.high) == pytest.approx((7, 7, 7))


def test_no_error_seen_is_not_certainty():
    """50 of 50 right: the interval begins at 92.9 % (Wilson), and areas get no interval without width."""
    estimator = StratifiedEstimator(sample_of(np.array([[50, 0], [0, 50]]), np.array([1e6, 2e6])))
    users = estimator.of_class(0)[0]
    assert users.value == users.high == 1
    assert users.low == pytest.approx(50 / (50 + 1.959964**2))
    assert estimator.area_share(0).as_area(3e6) == Estimate(1e6)


def test_one_point_in_a_stratum_gives_no_interval():
    estimator = StratifiedEstimator(sample_of(np.array([[1, 0], [5, 20]]), np.array([1000.0, 5000.0])))
    overall = estimator.overall().as_share()
    assert overall.value is not None
    assert (overall.low, overall.high) == (None, None)
    assert estimator.of_class(1)[0].low is not None  # what the map calls 1 lies in the other stratum


def test_a_class_that_nobody_saw_has_no_figures():
    estimator = StratifiedEstimator(sample_of(np.array([[9, 1, 0], [1, 9, 0], [0, 0, 0]]), np.array([10.0, 10, 0])))
    assert estimator.of_class(2) == (Estimate(), Estimate(), Estimate(), Estimate())


@pytest.mark.parametrize("value", [0.0, 1e-3, 0.5, 0.98, 1.0])
def test_intervals_hold_their_figure_and_stay_in_bounds(value):
    estimate = share(value, value * (1 - value) / 40, 40, 50)
    assert 0 <= estimate.low <= value <= estimate.high <= 1
    assert estimate.high - estimate.low > 0.01
    f1 = f1_of(estimate)
    assert 0 <= f1.low <= f1.value <= f1.high <= 1


def test_an_area_is_not_negative():
    area = amount(10.0, 100.0, 1000.0, False)
    assert (area.low, area.high) == pytest.approx((0.0, 29.6), abs=0.01)
