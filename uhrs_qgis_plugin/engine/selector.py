"""Which patches get the high stream: those of highest mean uncertainty, one budget for the whole canvas."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STRIP_PATCHES = 64  # patch rows read at a time: the uncertainty may be a scratch file on disk


def score_patches(uncertainty: NDArray[np.float32], stride: int, patch_side: int) -> NDArray[np.float64]:
    """Take the area mean of U over each patch.

    Args:
        uncertainty: (rows, cols) U in [0, 1], one cell per `stride` x `stride` pixels.
        stride: Pixels per cell; divides `patch_side`.
        patch_side: Side of a patch in pixels; divides the canvas.

    Returns:
        (patch rows, patch cols) mean U.
    """
    cells = patch_side // stride
    rows, cols = uncertainty.shape[0] // cells, uncertainty.shape[1] // cells
    scores = np.empty((rows, cols), np.float64)
    for first in range(0, rows, STRIP_PATCHES):
        strip = np.asarray(uncertainty[first * cells : (first + STRIP_PATCHES) * cells], np.float64)
        # Rows first, columns second, always in this order: the same cells give the same last bit everywhere.
        by_row = strip.reshape(-1, cells, cols * cells).sum(axis=1)
        scores[first : first + STRIP_PATCHES] = by_row.reshape(-1, cols, cells).sum(axis=2)
    return scores / cells**2


def select_by_ratio(scores: NDArray[np.float64], valid: NDArray[np.bool_], ratio: float) -> NDArray[np.bool_]:
    """Select the fraction K of the patches with data that have the highest U.

    Args:
        scores: (patch rows, patch cols) mean U.
        valid: (patch rows, patch cols) whether a patch holds data.
        ratio: K in 0..1.

    Returns:
        (patch rows, patch cols) bool with round(K * valid patches) set; among equals the first in row-major order.
        K = 0.5 of 5 patches selects 2 (Python rounds halves to even).
    """
    candidates = np.flatnonzero(valid)
    count = round(ratio * len(candidates))
    order = np.argsort(-scores.ravel()[candidates], kind="stable")
    selected = np.zeros(scores.size, np.bool_)
    selected[candidates[order[:count]]] = True
    return selected.reshape(scores.shape)


def select_by_threshold(scores: NDArray[np.float64], valid: NDArray[np.bool_], threshold: float) -> NDArray[np.bool_]:
    """Select every patch with data whose mean U reaches a threshold.

    Args:
        scores: (patch rows, patch cols) mean U.
        valid: (patch rows, patch cols) whether a patch holds data.
        threshold: Least mean U, 0..1.

    Returns:
        (patch rows, patch cols) bool.
    """
    return valid & (scores >= threshold)
