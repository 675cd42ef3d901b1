"""Small statistics of an imagery that never was, and rasters that fit them or not."""

import numpy as np

from uhrs_qgis_plugin.engine.bundle import Imagery, Mixture
from uhrs_qgis_plugin.engine.familiarity import describe, descriptor_names

MEAN, DEVIATION = (120.0, 110.0, 100.0), (40.0, 40.0, 40.0)


def scene(seed, height=256, width=256, tint=(10, 0, -10), light=115, soft=1):
    """A (3, height, width) uint8 image: noise that `soft` pixels share, brighter towards the right."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 20, (3, -(-height // soft), -(-width // soft))).repeat(soft, axis=1).repeat(soft, axis=2)
    image = light + noise[:, :height, :width] + np.asarray(tint)[:, None, None] + np.linspace(-20, 20, width)
    return np.clip(np.round(image), 0, 255).astype(np.uint8)


def descriptors(images, side=128):
    """Descriptors of all windows of images."""
    found = []
    for image in images:
        for row in range(0, image.shape[1] - side + 1, side):
            for col in range(0, image.shape[2] - side + 1, side):
                found.append(describe(image[:, row : row + side, col : col + side], None, MEAN, DEVIATION))
    return np.stack(found)


def normal(samples):
    """A mixture of one component."""
    size = samples.shape[1]
    return Mixture(np.ones(1), samples.mean(axis=0)[None], (np.cov(samples.T) + 0.05 * np.eye(size))[None])


def imagery():
    """Statistics of `scene`, and of `scene` with its bands in another order."""
    familiar = descriptors([scene(seed, light=115 + 3 * seed) for seed in range(12)])
    swapped = descriptors([scene(seed, light=115 + 3 * seed)[::-1] for seed in range(12)])
    assert familiar.shape[1] == len(descriptor_names(3))
    mixtures = {"training": normal(familiar), "band order": normal(swapped)}
    return Imagery(len(familiar), MEAN, DEVIATION, 0.0, mixtures)
