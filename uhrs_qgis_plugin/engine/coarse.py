"""The coarse pass: low stream over scenes, blended where they overlap, into one map of the whole canvas."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import CELL32, DOWN_RATIO, scenes
from uhrs_qgis_plugin.engine.source import CanvasSource
from uhrs_qgis_plugin.engine.streams import Streams


@dataclass(frozen=True)
class CoarseMap:
    """What the low stream says about a whole canvas. Arrays may be scratch files: touch them through slices.

    Attributes:
        features: (G, rows, cols) float32, one cell per 32x32 pixels; only the fusion reads meaning into them.
        uncertainty: (rows, cols) float32 U in [0, 1], one cell per `stride` x `stride` pixels.
        stride: Pixels per cell of U.
        valid_patches: (patch rows, patch cols) bool, whether a patch holds data (looked at in 1/4 scale).
    """

    features: NDArray[np.float32]
    uncertainty: NDArray[np.float32]
    stride: int
    valid_patches: NDArray[np.bool_]


@dataclass(frozen=True)
class ScenePlan:
    """How to cut a canvas into scenes.

    Attributes:
        side: Side of a scene in pixels, a multiple of lcm(patch side, 32).
        overlap: Least pixels that neighbours share, a multiple of 32 below `side`.
        channels: Channels G of the features.
        stride: Pixels per cell of U, 16 or 8.
    """

    side: int
    overlap: int
    channels: int
    stride: int


def map_coarsely(
    source: CanvasSource, streams: Streams, plan: ScenePlan, proceed: Callable[[float], None]
) -> CoarseMap:
    """Run the low stream over all scenes.

    Args:
        source: The canvas.
        streams: The model.
        plan: How to cut the canvas.
        proceed: Called with 0..1 before every scene; raises to stop.

    Returns:
        The map. Scenes without any data are not run: features and U stay 0 there.
    """
    canvas, stride = source.canvas, plan.stride
    features = np.zeros((plan.channels, *canvas.cells(CELL32)), np.float32)
    uncertainty = np.zeros(canvas.cells(stride), np.float32)
    # Scenes start at multiples of 32 and patches at multiples of their side: this cell fits both.
    cell = math.gcd(canvas.patch_side, CELL32)
    valid_cells = np.zeros(canvas.cells(cell), np.bool_)
    windows = scenes(canvas, plan.side, plan.overlap)
    rows = sorted({window.row for window, _ in windows})
    cols = sorted({window.col for window, _ in windows})
    height, width = windows[0][0].height, windows[0][0].width
    weights = {step: (scene_weights(rows, height, step), scene_weights(cols, width, step)) for step in {CELL32, stride}}
    for index, (scene, (row, col)) in enumerate(windows):
        proceed(index / len(windows))
        image, valid = source.read_scene(scene)
        if not valid.any():
            continue
        valid_cells[scene.slices(cell)] |= _any_in_squares(valid, cell // DOWN_RATIO)
        scene_features, scene_u = streams.low(image[np.newaxis])
        for target, values, step in (
            (features, scene_features[0], CELL32),
            (uncertainty[np.newaxis], scene_u[0], stride),
        ):
            part = (slice(None), *scene.slices(step))
            if len(windows) == 1:
                target[part] = values
            else:
                by_row, by_col = weights[step]
                target[part] += values * (by_row[row][:, np.newaxis] * by_col[col])
    return CoarseMap(features, uncertainty, stride, _any_in_squares(valid_cells, canvas.patch_side // cell))


def scene_weights(starts: Sequence[int], side: int, cell: int) -> list[NDArray[np.float32]]:
    """Blend scenes along one axis: trapezoids that sum to one at every cell.

    Args:
        starts: From `scene_starts`.
        side: Scene side in pixels (the canvas length when there is one scene).
        cell: Pixels per cell of the blended array; divides every start and the side.

    Returns:
        Per scene, one weight per cell (side / cell,), in (0, 1].
    """
    cells = side // cell
    first = [start // cell for start in starts]
    total = np.zeros(first[-1] + cells, np.float64)
    position = np.arange(cells) + 0.5
    raw = []
    for index, start in enumerate(first):
        weight = np.ones(cells, np.float64)
        if index > 0:
            weight = np.minimum(weight, position / max(1, first[index - 1] + cells - start))
        if index + 1 < len(first):
            weight = np.minimum(weight, (cells - position) / max(1, start + cells - first[index + 1]))
        raw.append(weight)
        total[start : start + cells] += weight
    return [(weight / total[start : start + cells]).astype(np.float32) for weight, start in zip(raw, first)]


def _any_in_squares(flags: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Tell per `size` x `size` square whether a flag is set in it; sides must be multiples of `size`."""
    height, width = flags.shape
    by_row = np.any(flags.reshape(height // size, size, width), axis=1)
    return np.asarray(np.any(by_row.reshape(height // size, width // size, size), axis=2))
