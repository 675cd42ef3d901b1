"""Estimates from polygons and blocks: by hand, and coverage of the bootstrap."""

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.accuracy.clusters import ClusterEstimator, Clusters


def clusters_of(*matrices):
    """One cluster for each (C, C) matrix of areas."""
    made = Clusters(len(matrices[0]))
    for number, matrix in enumerate(matrices):
        flat = np.asarray(matrix, float).ravel()
        codes = np.flatnonzero(flat)
        made.add(number, codes, flat[codes].astype(int), flat[codes])
    return made


def test_areas_of_the_map_weigh_the_classes():
    estimator = ClusterEstimator(clusters_of([[6, 2], [1, 3]], [[2, 0], [0, 2]]), [30.0, 70.0])
    # Of what is mapped 0, 8 of 10 are right; of what is mapped 1, 5 of 6.
    assert estimator.overall().value == pytest.approx(0.3 * 0.8 + 0.7 * 5 / 6)
    assert estimator.area(0).value == pytest.approx(30 * 0.8 + 70 / 6)
    assert estimator.shares() == pytest.approx(np.array([[0.24, 0.06], [0.7 / 6, 3.5 / 6]]))
    assert estimator.overall().low is None  # two clusters are too few


def test_a_mapped_class_without_reference_is_left_out():
    estimator = ClusterEstimator(clusters_of([[6, 2], [0, 0]]), [30.0, 70.0])
    assert estimator.total == 30
    assert estimator.overall().value == pytest.approx(0.75)


@pytest.mark.once
def test_the_bootstrap_covers_the_truth():
    """Clusters whose accuracy differs: of 200 samples of 60 clusters about 95 % of the intervals hold the mean."""
    rng, hits = np.random.default_rng(1), 0
    for _ in range(200):
        right = (rng.beta(6, 2, (60, 2)) * 400).astype(int)  # mean 0.75
        matrices = [[[a, 400 - a], [400 - b, b]] for a, b in right]
        overall = ClusterEstimator(clusters_of(*matrices), [1.0, 1.0]).overall()
        hits += overall.low <= 0.75 - 0.5 / 400 <= overall.high
    assert 181 <= hits <= 198


def test_the_same_numbers_each_time():
    matrices = [[[5 + n, 2], [1, 9 - n]] for n in range(8)]
    one, other = (ClusterEstimator(clusters_of(*matrices), [2.0, 3.0]) for _ in range(2))
    assert one.of_class(1) == other.of_class(1)
