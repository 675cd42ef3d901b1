"""How much more likely windows are under the training imagery than under imagery of another kind.

Imagery counts as familiar by the ratio of two densities: that of its descriptors under the training imagery, and that
under changed copies of it (bands in another order, haze, other pixel sizes), or under anything at all. The density
under the training imagery alone is a poor judge: plain windows, such as water, are likely anywhere (J. Ren et al.,
"Likelihood Ratios for Out-of-Distribution Detection", NeurIPS 2019, equation 5; changed copies in place of unknown
imagery: D. Hendrycks et al., "Deep Anomaly Detection with Outlier Exposure", ICLR 2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import TRAINING, Imagery, Mixture

OTHER = "other"  # anything at all: a normal distribution this many times as wide as the training imagery
WIDER = 2.0
LARGEST_RATIO = 8.0  # of a window, up and down: one of them decides nothing alone

Array = NDArray[np.float64]


@dataclass(frozen=True)
class WindowRatios:
    """What windows are likely to be.

    Attributes:
        kinds: What they may be if not familiar: changes of the training imagery, and "other".
        logs: (n, len(kinds)) log ratio of the density under the training imagery and under each kind, in -8..8.
    """

    kinds: tuple[str, ...]
    logs: Array

    def score(self, windows: list[int] | slice = slice(None)) -> tuple[float, str]:
        """Judge windows together: they are of one kind.

        Args:
            windows: Indices of some windows, at least one; all by default.

        Returns:
            The least mean log ratio: above the threshold of the statistics they are familiar; and the kind of it.
        """
        means = self.logs[windows].mean(axis=0)
        least = int(means.argmin())
        return float(means[least]), self.kinds[least]


def compare_windows(descriptors: Array, imagery: Imagery) -> WindowRatios:
    """Compare windows with the training imagery.

    Args:
        descriptors: (n, D) from `describe`.
        imagery: The statistics of the training imagery.

    Returns:
        Their log ratios.
    """
    changes = tuple(kind for kind in imagery.mixtures if kind != TRAINING)
    training = log_density(descriptors, imagery.mixtures[TRAINING])
    others = [log_density(descriptors, imagery.mixtures[kind]) for kind in changes]
    others.append(_anything(descriptors, imagery.mixtures[TRAINING]))
    logs = training[:, np.newaxis] - np.stack(others, axis=1)
    return WindowRatios((*changes, OTHER), np.clip(logs, -LARGEST_RATIO, LARGEST_RATIO))


def log_density(descriptors: Array, mixture: Mixture) -> Array:
    """Log density of a mixture of normal distributions.

    Args:
        descriptors: (n, D).

    Returns:
        (n,).
    """
    logs = []
    for weight, mean, covariance in zip(mixture.weights, mixture.means, mixture.covariances):
        factor = np.linalg.cholesky(covariance)
        away = np.linalg.solve(factor, (descriptors - mean).T)
        determinant = 2 * np.log(np.diag(factor)).sum() + mean.size * np.log(2 * np.pi)
        logs.append(np.log(weight) - 0.5 * (np.square(away).sum(axis=0) + determinant))
    stacked = np.stack(logs)
    top = stacked.max(axis=0)
    return np.asarray(top + np.log(np.exp(stacked - top).sum(axis=0)))


def moments(mixture: Mixture) -> tuple[Array, Array]:
    """Mean and variance (D,) of each number of a mixture."""
    mean = mixture.weights @ mixture.means
    variances = np.diagonal(mixture.covariances, axis1=1, axis2=2) + np.square(mixture.means - mean)
    return mean, np.asarray(mixture.weights @ variances)


def _anything(descriptors: Array, training: Mixture) -> Array:
    """Log density (n,) of a normal distribution much wider than the training imagery."""
    mean, variance = moments(training)
    wide = WIDER**2 * variance
    return np.asarray(-0.5 * (np.square(descriptors - mean) / wide + np.log(2 * np.pi * wide)).sum(axis=1))
