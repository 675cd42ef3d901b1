"""Calibration: whether the final probabilities claim what is true, and the temperatures that mend it.

A temperature divides logits: labels stay, probabilities become flatter (above 1) or steeper. Pixels of selected
patches and all others get their classes from different heads, so each of the two has a temperature of its own. Scenes
count alike in the fit, whatever their size: pixels of a scene are not independent, and it is new scenes that matter.

Reference: Guo et al., "On Calibration of Modern Neural Networks" (ICML 2017), section 4.2 (temperature scaling) and
section 2, equation 3 (expected calibration error).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from training.data.arrays import FIRST_SET, Scene
from training.errors import DatasetError
from training.evaluation.parts import SegmentedScene
from training.evaluation.segmenters import NetworkSegmenter
from uhrs_qgis_plugin.engine.grid import Window

CONFIDENCE_BINS = 15
_STEP = 4  # at least every 4th row and column: neighbours are correlated
_MOST_PIXELS = 4_000_000  # of the sample: bounds memory
_LOWEST, _HIGHEST = 0.1, 10.0  # of a temperature
_WHOLE = 10_000  # pixels of the sample from which on a scene counts as one; smaller ones count in proportion
_HALVINGS = 40  # of that range; the last step is far below a digit that is kept
_DIGITS = 4


@dataclass(frozen=True)
class Temperatures:
    """What the final logits are divided by.

    Attributes:
        low: Where no patch is selected.
        fused: In selected patches.
    """

    low: float = 1.0
    fused: float = 1.0

    def to_json(self) -> dict[str, float]:
        """As `Temperatures(**...)` takes them."""
        return asdict(self)


UNCHANGED = Temperatures()


@dataclass(frozen=True)
class Sample:
    """Labelled pixels of scenes, and the logits of a network there.

    Attributes:
        labels: (P,) integers.
        logits: K -> (P, C) float32.
        chosen: K -> (P,) bool, in selected patches.
        weights: (P,) under which scenes count alike.
    """

    labels: Tensor
    logits: dict[float, Tensor]
    chosen: dict[float, Tensor]
    weights: Tensor


@torch.inference_mode()
def sample_pixels(segmenter: NetworkSegmenter, scenes: Sequence[Scene], ratios: Sequence[float]) -> Sample:
    """Segment scenes part by part and keep the logits of labelled pixels on a regular grid.

    Args:
        segmenter: A dual-stream network with patches of a fixed side.
        ratios: The K.

    Raises:
        DatasetError: No pixel is labelled, or a scene does not fit the network.
    """
    pixels = sum(scene.labels.shape[0] * scene.labels.shape[1] for scene in scenes)
    step = max(_STEP, int(np.ceil((pixels / _MOST_PIXELS) ** 0.5)))
    labels: list[Tensor] = []
    weights: list[Tensor] = []
    logits: dict[float, list[Tensor]] = {ratio: [] for ratio in ratios}
    chosen: dict[float, list[Tensor]] = {ratio: [] for ratio in ratios}
    for scene in scenes:
        before = len(labels)
        made = SegmentedScene(segmenter.network, segmenter.pixels_of(scene), ratios, segmenter.bias)
        for part in made.scored(scene.labels):
            rows, cols = (np.arange(start, end) % step == step // 2 for start, end in _spans(part.window))
            known = part.truth[rows][:, cols] < FIRST_SET
            labels.append(torch.from_numpy(part.truth[rows][:, cols][known].astype(np.int64)))
            at_rows, at_cols = (torch.from_numpy(np.flatnonzero(flags)) for flags in (rows, cols))
            for ratio, values, flags in zip(ratios, part.logits, part.chosen, strict=True):
                on_grid = values.cpu().float()[:, at_rows][:, :, at_cols]
                logits[ratio].append(on_grid[:, torch.from_numpy(known)].T)
                chosen[ratio].append(torch.from_numpy(flags[rows][:, cols][known]))
        count = sum(len(values) for values in labels[before:])
        weights.append(torch.full((count,), 1 / max(count, _WHOLE), dtype=torch.float64))
    if not sum(len(values) for values in labels):
        raise DatasetError("No pixel of these scenes is labelled; give a split with labels")
    return Sample(
        torch.cat(labels),
        {ratio: torch.cat(values) for ratio, values in logits.items()},
        {ratio: torch.cat(values) for ratio, values in chosen.items()},
        torch.cat(weights),
    )


def _spans(window: Window) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last row, first and last column."""
    return (window.row, window.row_end), (window.col, window.col_end)


def fit_temperature(logits: Tensor, labels: Tensor, weights: Tensor) -> float:
    """The temperature with the least negative log likelihood, 0.1 to 10.

    It is convex in the inverse b of the temperature: its slope, the weighted sum of sum(p z) - z[label] with
    p = softmax(b z), rises with b, so that halving finds where it is zero.

    Args:
        logits: (P, C).
        labels: (P,) integers.
        weights: (P,) above 0.
    """
    z = logits.double()
    own = (weights * z.gather(1, labels[:, None]).squeeze(1)).sum()
    low, high = 1 / _HIGHEST, 1 / _LOWEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        slope = (weights * ((middle * z).softmax(1) * z).sum(1)).sum() - own
        low, high = (low, middle) if slope > 0 else (middle, high)
    return round(2 / (low + high), _DIGITS)


def fit_temperatures(sample: Sample) -> Temperatures:
    """Both temperatures: that of unselected patches from K = 0, that of selected ones from K = 1."""
    fits = (fit_temperature(sample.logits[ratio], sample.labels, sample.weights) for ratio in (0.0, 1.0))
    return Temperatures(*fits)


def confidence_bins(confidence: Tensor, hits: Tensor, weights: Tensor | None = None) -> Tensor:
    """Counts by confidence (bins, 3): pixels, sum of confidence, sum of hits.

    Args:
        confidence: (P,) in 0..1.
        hits: (P,) bool.
        weights: (P,), what each pixel counts; None: 1.
    """
    values = confidence.double()
    each = torch.ones_like(values) if weights is None else weights
    bins = (values * CONFIDENCE_BINS).long().clamp(max=CONFIDENCE_BINS - 1)
    columns = (each, each * values, each * hits.double())
    return torch.stack([torch.bincount(bins, column, CONFIDENCE_BINS) for column in columns], 1)


def expected_error(bins: Tensor) -> float:
    """Expected calibration error, 0..1: the gap between mean confidence and hits of a bin, weighed by pixels."""
    count, confidence, hits = bins.unbind(1)
    total = count.sum()
    return float((confidence - hits).abs().sum() / total) if total > 0 else 0.0


def calibration_error(sample: Sample, ratio: float, temperatures: Temperatures, by_scene: bool = False) -> float:
    """Expected calibration error at a K, 0..1.

    Args:
        by_scene: Scenes count alike, as in the fit; else pixels do, as is usual.
    """
    warm = torch.where(sample.chosen[ratio], temperatures.fused, temperatures.low)
    confidence, predicted = (sample.logits[ratio] / warm[:, None]).softmax(1).max(1)
    weights = sample.weights if by_scene else None
    return expected_error(confidence_bins(confidence, predicted == sample.labels, weights))
