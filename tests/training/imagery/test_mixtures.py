"""Expectation-maximisation finds the distributions that samples were drawn from."""

import numpy as np

from training.imagery.mixtures import fit_mixture
from uhrs_qgis_plugin.engine.familiarity.likelihood import log_density


def test_two_clouds_are_found():
    rng = np.random.default_rng(0)
    one = rng.normal((0, 0), (1, 1), (4000, 2))
    other = rng.multivariate_normal((20, -10), [[4, 1.5], [1.5, 1]], 2000)
    found = fit_mixture(np.concatenate([one, other]), 2, np.random.default_rng(1))
    first, second = np.argsort(found.means[:, 0])
    np.testing.assert_allclose(found.weights[[first, second]], [2 / 3, 1 / 3], atol=0.02)
    np.testing.assert_allclose(found.means[second], (20, -10), atol=0.3)
    assert found.covariances[second][0, 1] > 1  # shrinkage broadens it, but the shape stays


def test_few_samples_give_few_broad_components():
    samples = np.random.default_rng(0).normal(size=(9, 4))
    found = fit_mixture(samples, 8, np.random.default_rng(0))
    assert len(found.weights) == 1
    assert (np.linalg.eigvalsh(found.covariances) > 0.01).all()


def test_likely_where_samples_are():
    rng = np.random.default_rng(3)
    samples = rng.normal(size=(500, 3)) * (1, 10, 0.1) + (5, 0, 0)
    found = fit_mixture(samples, 3, rng)
    near, far = log_density(samples, found).mean(), log_density(samples + np.array([8, 80, 0.8]), found).mean()
    assert near > far + 5


def test_one_number_alone_in_a_column():
    samples = np.random.default_rng(0).normal(size=(200, 3))
    samples[:, 1] = 7.0
    found = fit_mixture(samples, 2, np.random.default_rng(0))
    assert np.isfinite(found.covariances).all()
