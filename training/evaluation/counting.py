"""Segment labelled scenes and count their pixels, one result for each setting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from training.data.arrays import IGNORE, Scene
from training.evaluation.boundary import DILATION, boundary_counts
from training.evaluation.metrics import confusion
from training.evaluation.pictures import save_panels
from training.evaluation.scores import Counts
from training.evaluation.segmenters import Segmenter


def setting(ratio: float | None) -> str:
    """The name of the results at a K; None for networks without a K."""
    return "no K" if ratio is None else f"K = {100 * ratio:g} %"


def count_pixels(
    segmenter: Segmenter,
    scenes: Sequence[Scene],
    ratios: Sequence[float],
    colours: dict[str, str],
    folder: Path | None = None,
    dilation: float = DILATION,
) -> dict[str, Counts]:
    """Count pixels by setting: each K, and the low stream alone where the segmenter provides it.

    Args:
        colours: RRGGBB by class name, in the order of the labels.
        folder: where to put one picture a scene, at the largest K; None draws none.
        dilation: width of a boundary as a share of the image's diagonal; 0 skips boundaries.
    """
    counted: dict[str, Counts] = {}

    def count(name: str, labels: npt.NDArray[np.uint8], truth: npt.NDArray[np.uint8]) -> None:
        truth = np.where(labels == IGNORE, np.uint8(IGNORE), truth)  # the engine finds no data there, so NaN
        matrix = confusion(torch.from_numpy(labels), torch.from_numpy(truth), len(colours))
        counts = Counts(matrix, boundary_counts(labels, truth, len(colours), dilation) if dilation else None)
        counted[name] = counted[name] + counts if name in counted else counts

    for scene in scenes:
        truth = np.asarray(scene.labels)
        for ratio in sorted(ratios) if segmenter.takes_ratio else [None]:
            result = segmenter.segment(scene, 1.0 if ratio is None else ratio)
            count(setting(ratio), result.labels, truth)
        if result.low_labels is not None:
            count("low stream", result.low_labels, truth)
        if folder is not None:
            save_panels(folder / f"{scene.name}.png", scene, result.labels, result.uncertainty, colours)
    return counted
