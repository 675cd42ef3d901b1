"""How far a network looks: at which distance from a change its classes stay the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.importing.trial import Image, Trial, chances

CHANGED_PART = 4  # one quarter of the image, at one side, is changed
MOST_CHANGE = 0.01  # mean change of a probability that no seam shows
MOST_LABELS = 0.005  # share of pixels whose class may change


def measure_reach(trial: Trial, image: Image, kind: str) -> int | None:
    """Measure how far from a change the classes of a network change.

    A quarter of a test image is replaced by another one: what lies beyond the border of a window is unknown in the same
    way. Receptive fields by counting layers are several times as large as what matters.

    Args:
        image: (B, side, side) a test image.
        kind: Of the scores.

    Returns:
        Pixels; None where the change is felt over the whole image.
    """
    before = chances(trial.scores(image), kind)
    side = image.shape[-1]
    stride = side // before.shape[-1]
    edge = side // CHANGED_PART // stride * stride
    reaches = []
    for axis in (1, 2):
        changed = np.moveaxis(image.copy(), axis, 1)
        changed[:, :edge] = trial.shaded(changed)[:, :edge]
        after = chances(trial.scores(np.moveaxis(changed, 1, axis)), kind)
        reaches.append(_reach(np.moveaxis(before, axis, 1), np.moveaxis(after, axis, 1), edge // stride))
    if None in reaches:
        return None
    return stride * max(reach for reach in reaches if reach is not None)


def _reach(before: NDArray[np.float32], after: NDArray[np.float32], edge: int) -> int | None:
    """Cells beyond an edge from which on nothing changes; None where that goes on to the end.

    Args:
        before: (channels, n, m) probabilities; rows before `edge` belong to what was changed.
        after: Of the changed image.
        edge: A row.
    """
    difference = np.abs(after - before).max(0).mean(1)[edge:]
    labels = (_labels(after) != _labels(before)).mean(1)[edge:]
    felt = np.flatnonzero((difference > MOST_CHANGE) | (labels > MOST_LABELS))
    if not felt.size:
        return 0
    return None if felt[-1] == len(difference) - 1 else int(felt[-1]) + 1


def _labels(probabilities: NDArray[np.float32]) -> NDArray[np.intp]:
    return probabilities.argmax(0) if len(probabilities) > 1 else (probabilities[0] > 0.5).astype(np.intp)
