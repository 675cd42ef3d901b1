"""From training scenes to the statistics that a bundle carries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from training.data.arrays import IGNORE, PixelArray, Scene
from training.errors import TrainingError
from training.imagery.changes import change_window
from training.imagery.mixtures import fit_mixture
from uhrs_qgis_plugin.engine.bundle import CHANGES, TRAINING, Imagery
from uhrs_qgis_plugin.engine.familiarity import (
    MOST_BANDS,
    SIDE,
    compare_windows,
    describe,
    descriptor_names,
    sample_windows,
    spacing,
)
from uhrs_qgis_plugin.engine.grid import Window

WINDOWS = 8000  # of the training imagery that are described
DENSITY = 2.0  # windows at most for each 128 x 128 pixels: more would be the same again
CHANGED_WINDOWS = 4000  # of each change
COMPONENTS, CHANGED_COMPONENTS = 32, 16  # of the mixtures; half of that for descriptors of many numbers
MANY_NUMBERS = 40
DRAWS = {"band order": 2}  # times that each window is changed: there are several orders
LEAST_WINDOWS = 200  # that statistics need
SCENE_SIDE = 1024  # pixels: validation scenes are cut into scenes of this size
MARGIN = 0.5  # of the threshold below the score of every validation scene

Array = NDArray[np.float64]


class TooFewWindowsError(TrainingError):
    """The scenes are too few or too small to be described."""


def describe_scenes(training: Sequence[Scene], validation: Sequence[Scene], seed: int = 0) -> Imagery:
    """Describe the imagery of training scenes.

    Windows are drawn at random, from large scenes more than from small ones but not in proportion (by the root of the
    area), and only where at least half of the pixels are labelled: what a split keeps for validation is not described.

    Args:
        training: The training scenes.
        validation: Scenes that may lower the threshold, which is -0.5 otherwise.
        seed: Of the random numbers.

    Returns:
        The statistics.

    Raises:
        TooFewWindowsError: The scenes hold too few windows of 128 x 128 pixels.
    """
    rng = np.random.default_rng(seed)
    scenes = [scene for scene in training if min(scene.labels.shape) >= SIDE]
    wanted = min(WINDOWS, int(DENSITY * sum(scene.labels.size for scene in scenes) / SIDE**2))
    places = list(_places(scenes, wanted, rng)) if wanted else []
    if len(places) < LEAST_WINDOWS:
        raise TooFewWindowsError(
            f"The training scenes hold {len(places)} labelled windows of {SIDE} x {SIDE} pixels, {LEAST_WINDOWS} are "
            "needed: the fit of rasters to this model will not be known"
        )
    mean, deviation = _moments(scenes, places)
    mixtures = {}
    half = 1 if len(descriptor_names(len(mean))) <= MANY_NUMBERS else 2
    descriptors = _described((_window(scenes[index].image, row, col) for index, row, col in places), mean, deviation)
    windows, mixtures[TRAINING] = len(descriptors), fit_mixture(descriptors, COMPONENTS // half, rng)
    overall = float(np.mean(mean)), float(np.mean(deviation))
    for kind in CHANGES:
        changed = (
            change_window(kind, scenes[index].image, row, col, *overall, rng)
            for index, row, col in places[:: max(1, len(places) // CHANGED_WINDOWS)] * DRAWS.get(kind, 1)
        )
        descriptors = _described((window for window in changed if window is not None), mean, deviation)
        if len(descriptors) >= 2 * len(descriptor_names(len(mean))):
            mixtures[kind] = fit_mixture(descriptors, CHANGED_COMPONENTS // half, rng)
    imagery = Imagery(windows, mean, deviation, 0.0, mixtures)
    scores = [score for scene in validation for score in scene_scores(scene.image, imagery, least=SIDE)]
    # At 0 imagery is as likely to be a changed copy; lower where validation scenes need it, or cannot tell.
    return replace(imagery, threshold=min(0.0, min(scores, default=0.0) - MARGIN))


def scene_scores(image: PixelArray, imagery: Imagery, least: int = SCENE_SIDE // 2) -> list[float]:
    """Score an image as the engine scores rasters of 1024 x 1024 pixels.

    Args:
        image: (B, H, W); cut into scenes.
        imagery: The statistics.
        least: Pixels along each side that a scene needs to count.

    Returns:
        The mean score of each scene.
    """
    _, height, width = image.shape
    scores = []
    for row in range(0, max(1, height - SCENE_SIDE // 2), SCENE_SIDE):
        for col in range(0, max(1, width - SCENE_SIDE // 2), SCENE_SIDE):
            scene = Window(row, col, SCENE_SIDE, SCENE_SIDE).clipped(height, width)
            if min(scene.height, scene.width) < least:
                continue
            pixels = np.asarray(image[:, row : scene.row_end, col : scene.col_end])
            windows = sample_windows(scene.height, scene.width, spacing(scene.height, scene.width))
            cut = (pixels[(slice(None), *window.slices())] for window in windows)
            descriptors = _described(cut, imagery.mean, imagery.deviation)
            if len(descriptors):
                scores.append(float(compare_windows(descriptors, imagery).score()[0]))
    return scores


def _places(scenes: Sequence[Scene], count: int, rng: np.random.Generator) -> Iterator[tuple[int, int, int]]:
    """Draw windows: scene, row and column. Up to three times as many are tried where labels are rare."""
    weights = np.sqrt([float(scene.labels.size) for scene in scenes])
    found = 0
    for index in rng.choice(len(scenes), 3 * count, p=weights / weights.sum()):
        height, width = scenes[index].labels.shape
        row, col = int(rng.integers(height - SIDE + 1)), int(rng.integers(width - SIDE + 1))
        labels = np.asarray(scenes[index].labels[row : row + SIDE, col : col + SIDE])
        valid = scenes[index].valid
        whole = valid is None or bool(np.asarray(valid[row : row + SIDE, col : col + SIDE]).all())
        if whole and 2 * np.count_nonzero(labels != IGNORE) >= labels.size:
            yield int(index), row, col
            found += 1
            if found == count:
                return


def _window(image: PixelArray, row: int, col: int) -> NDArray[np.generic]:
    """(B, 128, 128) pixels."""
    return np.asarray(image[:, row : row + SIDE, col : col + SIDE])


def _moments(
    scenes: Sequence[Scene], places: Sequence[tuple[int, int, int]]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation of each band over some of the windows."""
    totals = []
    for index, row, col in places[:1000]:
        pixels = _window(scenes[index].image, row, col)[:MOST_BANDS].astype(np.float64)
        pixels = pixels.reshape(len(pixels), -1)
        totals.append((pixels.mean(axis=1), np.square(pixels).mean(axis=1)))
    mean, square = np.mean(totals, axis=0)
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    if not (deviation > 0).all() or not np.isfinite(deviation).all():
        raise TooFewWindowsError("A band of the training scenes holds one number alone, or none that is finite")
    return tuple(mean.tolist()), tuple(deviation.tolist())


def _described(windows: Iterator[NDArray[np.generic]], mean: Sequence[float], deviation: Sequence[float]) -> Array:
    """(n, D) descriptors of windows."""
    found = [describe(window, None, mean, deviation) for window in windows]
    size = len(descriptor_names(len(mean)))
    return np.asarray([item for item in found if item is not None], np.float64).reshape(-1, size)
