"""Segment labelled scenes and count their pixels, one result for each setting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.data.arrays import IGNORE, PixelArray, Scene
from training.evaluation.boundary import DILATION, boundary_counts
from training.evaluation.metrics import confusion
from training.evaluation.pictures import save_panels
from training.evaluation.scores import Counts
from training.evaluation.segmenters import Segmenter
from uhrs_qgis_plugin.engine.raster import bounded_memory

_STRIP_ROWS = 1024  # counted at a time: bounds memory


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

    def count(name: str, labels: PixelArray, truth: PixelArray) -> None:
        boundary = boundary_counts(labels, truth, len(colours), dilation) if dilation else None
        counts = Counts(_confusion(labels, truth, len(colours)), boundary)
        counted[name] = counted[name] + counts if name in counted else counts

    every = sorted(ratios) if segmenter.takes_ratio else [None]
    with bounded_memory():
        for scene in scenes:
            results = segmenter.segment_all(scene, [1.0 if ratio is None else ratio for ratio in every])
            for ratio, result in zip(every, results, strict=True):
                count(setting(ratio), result.labels, scene.labels)
            if result.low_labels is not None:
                count("low stream", result.low_labels, scene.labels)
            if folder is not None:
                save_panels(folder / f"{scene.name}.png", scene, result.labels, result.uncertainty, colours)
    return counted


def _confusion(labels: PixelArray, truth: PixelArray, classes: int) -> Tensor:
    """The confusion matrix of a scene, some rows at a time; where the engine finds no data, nothing is counted."""
    total = torch.zeros(classes, classes, dtype=torch.int64)
    for row in range(0, labels.shape[0], _STRIP_ROWS):
        found, known = (np.asarray(x[row : row + _STRIP_ROWS]) for x in (labels, truth))
        known = np.where(found == IGNORE, np.uint8(IGNORE), known)
        total += confusion(torch.from_numpy(found), torch.from_numpy(known), classes)
    return total
