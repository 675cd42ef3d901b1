"""Segment labelled scenes and count their pixels, one result for each setting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.data.arrays import IGNORE, PixelArray, Scene
from training.data.crops import scenes_ahead
from training.evaluation.boundary import DILATION, boundary_counts
from training.evaluation.metrics import confusion
from training.evaluation.scores import Counts
from training.evaluation.segmenters import Segmented, Segmenter
from uhrs_qgis_plugin.engine.raster import bounded_memory

_STRIP_ROWS = 1024  # counted at a time: bounds memory


def setting(ratio: float | None) -> str:
    """The name of the results at a K; None for networks without a K."""
    return "no K" if ratio is None else f"K = {100 * ratio:g} %"


@dataclass(frozen=True)
class Judged:
    """A segmented scene.

    Attributes:
        scene: what was segmented; in memory where it was decoded ahead.
        counts: its pixels by setting: each K, and the low stream alone where the segmenter provides it.
        segmented: the result at the largest K.
    """

    scene: Scene
    counts: dict[str, Counts]
    segmented: Segmented


def judged_scenes(
    segmenter: Segmenter,
    scenes: Sequence[Scene],
    ratios: Sequence[float],
    classes: int,
    dilation: float = DILATION,
) -> Iterator[Judged]:
    """Segment scenes one after the other and count their pixels.

    Where the segmenter takes a scene whole, the next ones are decoded meanwhile.

    Args:
        dilation: width of a boundary as a share of the image's diagonal; 0 skips boundaries.
    """
    every = sorted(ratios) if segmenter.takes_ratio else [None]
    with bounded_memory():
        for scene in scenes_ahead(scenes) if segmenter.takes_whole else scenes:
            counts: dict[str, Counts] = {}
            results = segmenter.segment_all(scene, [1.0 if ratio is None else ratio for ratio in every])
            for ratio, result in zip(every, results, strict=True):
                counts[setting(ratio)] = _count(result.labels, scene.labels, classes, dilation)
            if result.low_labels is not None:
                counts["low stream"] = _count(result.low_labels, scene.labels, classes, dilation)
            yield Judged(scene, counts, result)


def summed(counts: Iterable[dict[str, Counts]]) -> dict[str, Counts]:
    """The counts of several scenes together, by setting."""
    total: dict[str, Counts] = {}
    for of_scene in counts:
        for name, found in of_scene.items():
            total[name] = total[name] + found if name in total else found
    return total


def count_pixels(
    segmenter: Segmenter,
    scenes: Sequence[Scene],
    ratios: Sequence[float],
    colours: dict[str, str],
    dilation: float = DILATION,
) -> dict[str, Counts]:
    """The pixels of all scenes by setting, see `judged_scenes`.

    Args:
        colours: RRGGBB by class name, in the order of the labels.
    """
    return summed(judged.counts for judged in judged_scenes(segmenter, scenes, ratios, len(colours), dilation))


def _count(labels: PixelArray, truth: PixelArray, classes: int, dilation: float) -> Counts:
    boundary = boundary_counts(labels, truth, classes, dilation) if dilation else None
    return Counts(_confusion(labels, truth, classes), boundary)


def _confusion(labels: PixelArray, truth: PixelArray, classes: int) -> Tensor:
    """The confusion matrix of a scene, some rows at a time; where the engine finds no data, nothing is counted."""
    total = torch.zeros(classes, classes, dtype=torch.int64)
    for row in range(0, labels.shape[0], _STRIP_ROWS):
        found, known = (np.asarray(x[row : row + _STRIP_ROWS]) for x in (labels, truth))
        known = np.where(found == IGNORE, np.uint8(IGNORE), known)
        total += confusion(torch.from_numpy(found), torch.from_numpy(known), classes)
    return total
