"""Scores of windows against densities that are computed in plain numpy."""

import numpy as np
import pytest

from tests.engine.familiarity.cases import descriptors, imagery, scene
from uhrs_qgis_plugin.engine.bundle import Mixture
from uhrs_qgis_plugin.engine.familiarity import compare_windows
from uhrs_qgis_plugin.engine.familiarity.likelihood import log_density, moments


def plain_density(x, mixture):
    """Sum over the components: weight * exp(-d' C^-1 d / 2) / sqrt(det(2 pi C)), one window at a time."""
    total = 0.0
    for weight, mean, covariance in zip(mixture.weights, mixture.means, mixture.covariances):
        away = x - mean
        distance = away @ np.linalg.inv(covariance) @ away
        total += weight * np.exp(-distance / 2) / np.sqrt(np.linalg.det(2 * np.pi * covariance))
    return total


def random_mixture(seed, components=3, size=4):
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(components, size, size))
    weights = rng.uniform(0.5, 1, components)
    covariances = roots @ roots.transpose(0, 2, 1) + 0.2 * np.eye(size)
    return Mixture(weights / weights.sum(), rng.normal(size=(components, size)), covariances)


@pytest.mark.parametrize("seed", range(5))
def test_density_is_that_of_the_formula(seed):
    mixture = random_mixture(seed)
    points = np.random.default_rng(100 + seed).normal(size=(20, 4))
    expected = [np.log(plain_density(point, mixture)) for point in points]
    np.testing.assert_allclose(log_density(points, mixture), expected, rtol=1e-9)


def test_moments_are_those_of_samples():
    mixture, rng = random_mixture(7), np.random.default_rng(0)
    chosen = rng.choice(3, 100_000, p=mixture.weights)
    samples = np.stack([rng.multivariate_normal(mixture.means[k], mixture.covariances[k]) for k in chosen])
    mean, variance = moments(mixture)
    np.testing.assert_allclose(mean, samples.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(variance, samples.var(axis=0), rtol=0.05)


def test_scores_tell_familiar_from_swapped_and_from_others():
    known = imagery()
    familiar = compare_windows(descriptors([scene(77)]), known)
    swapped = compare_windows(descriptors([scene(77)[::-1]]), known)
    other = compare_windows(descriptors([scene(77, light=30, soft=4)]), known)
    assert familiar.kinds == ("band order", "other")
    assert familiar.score()[0] > 1
    assert swapped.score()[0] < -1
    assert swapped.score()[1] == "band order"
    assert other.score()[0] < -1
    assert other.score([0])[1] == "other"


def test_a_score_is_the_least_mean_ratio():
    found = compare_windows(descriptors([scene(77)]), imagery())
    means = found.logs[[0, 2]].mean(axis=0)
    assert found.score([0, 2]) == (means.min(), found.kinds[means.argmin()])
    assert (np.abs(found.logs) <= 8).all()


def test_ratios_are_those_of_the_densities():
    known, points = imagery(), descriptors([scene(5)])
    expected = log_density(points, known.mixtures["training"]) - log_density(points, known.mixtures["band order"])
    np.testing.assert_allclose(compare_windows(points, known).logs[:, 0], np.clip(expected, -8, 8))
    mean, variance = moments(known.mixtures["training"])
    wide = np.log(plain_density(points[0], Mixture(np.ones(1), mean[None], np.diag(16 * variance)[None])))
    expected = log_density(points[:1], known.mixtures["training"]) - wide
    np.testing.assert_allclose(compare_windows(points, known).logs[0, 1], np.clip(expected[0], -8, 8))


def test_far_from_everything_is_finite():
    found = compare_windows(np.full((2, 22), 1e6), imagery())
    assert np.isfinite(found.logs).all()
    assert found.score()[0] == -8
