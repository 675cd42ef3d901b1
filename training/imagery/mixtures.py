"""Mixtures of normal distributions, fitted by expectation-maximisation with shrunk covariances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Mixture

_STEPS = 15
_SHRINKAGE = 0.05  # of the variance of all samples, added to each component's
_PRIOR = 20.0  # samples that each component's covariance is worth before it has seen any
_PRIOR_VARIANCE = 0.3  # of theirs, as a share of the variance of all samples

Array = NDArray[np.float64]


def fit_mixture(samples: Array, components: int, rng: np.random.Generator) -> Mixture:
    """Fit a mixture (A. P. Dempster et al., "Maximum Likelihood from Incomplete Data via the EM Algorithm", 1977).

    Covariances are shrunk towards a multiple of the samples' variances, as an inverse Wishart prior would do it
    (C. Fraley, A. E. Raftery, "Bayesian Regularization for Normal Mixture Estimation", 2007), so that components of few
    samples stay broad.

    Args:
        samples: (n, D).
        components: Components at most; fewer where there are few samples.
        rng: Draws where components begin.

    Returns:
        The mixture.
    """
    count, size = samples.shape
    components = max(1, min(components, count // (2 * size)))
    centre, spread = samples.mean(axis=0), samples.std(axis=0) + 1e-9
    scaled = (samples - centre) / spread
    shares = _nearest(scaled, _k_means(scaled, components, rng))
    weights = means = covariances = np.empty(0)
    for _ in range(_STEPS):
        weights, means, covariances = _maximise(scaled, shares)
        shares = _expect(scaled, weights, means, covariances)
    return Mixture(weights, centre + spread * means, covariances * np.outer(spread, spread))


def _k_means(scaled: Array, components: int, rng: np.random.Generator) -> Array:
    """Ten rounds of k-means: (K, D) centres."""
    centres = scaled[rng.choice(len(scaled), components, replace=False)]
    for _ in range(10):
        shares = _nearest(scaled, centres)
        sizes = shares.sum(axis=0)
        found = shares.T @ scaled / np.maximum(sizes, 1)[:, None]
        centres = np.where(sizes[:, None] > 0, found, scaled[rng.choice(len(scaled), components)])
    return centres


def _nearest(scaled: Array, centres: Array) -> Array:
    """(n, K) one-hot: the nearest centre of each sample."""
    distances = (centres**2).sum(axis=1) - 2 * scaled @ centres.T
    return np.eye(len(centres))[distances.argmin(axis=1)]


def _maximise(scaled: Array, shares: Array) -> tuple[Array, Array, Array]:
    """Weights, means and covariances from the components' shares in the samples."""
    sizes = shares.sum(axis=0) + 1e-9
    means = shares.T @ scaled / sizes[:, None]
    identity = np.eye(scaled.shape[1])
    covariances = []
    for index, size in enumerate(sizes):
        away = scaled - means[index]
        scatter = (shares[:, index, None] * away).T @ away
        covariances.append((scatter + _PRIOR * _PRIOR_VARIANCE * identity) / (size + _PRIOR) + _SHRINKAGE * identity)
    return sizes / sizes.sum(), means, np.stack(covariances)


def _expect(scaled: Array, weights: Array, means: Array, covariances: Array) -> Array:
    """(n, K) how probable each component is for each sample."""
    logs = []
    for weight, mean, covariance in zip(weights, means, covariances, strict=True):
        factor = np.linalg.cholesky(covariance)
        away = np.linalg.solve(factor, (scaled - mean).T)
        logs.append(np.log(weight) - 0.5 * np.square(away).sum(axis=0) - np.log(np.diag(factor)).sum())
    stacked = np.stack(logs, axis=1)
    shares = np.exp(stacked - stacked.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))
