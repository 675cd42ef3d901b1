"""Measure a bundle on a labelled split, for its card: through the engine, in each precision, with intervals.

Intervals are 95 % bootstrap intervals over squares of the scenes (B. Efron, "Bootstrap Methods: Another Look at the
Jackknife", 1979, section 2): neighbouring pixels are not independent, squares nearly are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from training.data.arrays import FIRST_SET, IGNORE, PixelArray, Scene
from training.data.datasets import SceneSource, find_dataset
from training.errors import DatasetError
from training.evaluation import (
    UNCHANGED,
    BundleSegmenter,
    NetworkSegmenter,
    Temperatures,
    calibration_error,
    sample_pixels,
    setting,
    study_uncertainty,
    uncertainty_summary,
)
from training.networks import DualStream
from training.weights import load_start
from uhrs_qgis_plugin.engine.bundle import read_bundle

RATIOS = (0.0, 0.25, 0.5, 1.0)
STUDIED = (0.25, 0.5)  # K at which ways to choose patches are compared
SQUARE, LEAST_SQUARE = 512, 128  # pixels: side of the squares; halved where scenes are small, but not below the second
FEWEST = 8  # squares; with fewer the side is halved
SAMPLES = 1000  # of the bootstrap
_ENDS = (2.5, 97.5)  # percentiles

Measured = dict[str, Any]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Run:
    """One precision of a bundle.

    Attributes:
        counts: K -> confusion matrices of the squares (S, C, C), rows = truth.
        labels: K -> labels of each scene.
    """

    counts: dict[float, Counts]
    labels: dict[float, list[PixelArray]]


def measure_split(path: Path, source: SceneSource, split: str, studies: bool, say: Callable[[str], None]) -> Measured:
    """Measure a bundle on the scenes of a split.

    Args:
        path: The bundle.
        source: The dataset.
        split: "val" or "test".
        studies: Also measure how useful U is; needs memory for whole scenes.
        say: Is told what is done.

    Returns:
        "scenes", names; "squares" and their "side"; by precision and K "miou", "accuracy", "iou" by class, each [value,
        low, high] in per cent; "equal", share of equal labels of both precisions by K; "calibration" by K in per cent;
        "uncertainty" where it was studied, see `uncertainty_summary`.

    Raises:
        DatasetError: The scenes are not of the model's classes.
        UhrsError: The bundle cannot be used.
    """
    bundle = read_bundle(path)
    names = [entry.name for entry in bundle.classes]
    given = list(find_dataset(source.dataset).classes(source.root)[0])
    if names != given:
        raise DatasetError(
            f"The model's classes are {names}, those of '{source.dataset}' are {given}: measure it on its own data"
        )
    scenes = source.scenes(split)
    side = square_side(scenes)
    runs = {}
    for precision in bundle.precisions:
        say(f"{source.dataset}, {split}: {precision}")
        runs[precision] = _segment(BundleSegmenter(path, precision, "cpu"), scenes, len(names), side)
    result: Measured = {
        "scenes": [scene.name for scene in scenes],
        "squares": len(next(iter(runs.values())).counts[RATIOS[0]]),
        "side": side,
        "precisions": {
            precision: {setting(ratio): scores(run.counts[ratio], names) for ratio in RATIOS}
            for precision, run in runs.items()
        },
    }
    if len(runs) > 1:
        plain, small = runs["float"], runs["int8"]
        result["equal"] = {setting(ratio): _equal(plain.labels[ratio], small.labels[ratio]) for ratio in RATIOS}
    say(f"{source.dataset}, {split}: calibration")
    segmenter = NetworkSegmenter(load_start(path))
    result["calibration"] = _calibration(segmenter, scenes, Temperatures(**bundle.calibration.get("temperatures", {})))
    if studies:
        say(f"{source.dataset}, {split}: what U is worth")
        studied = study_uncertainty(cast(DualStream, segmenter.network), scenes, STUDIED)
        dropped = ("curves", "reliability", "ece")
        result["uncertainty"] = {k: v for k, v in uncertainty_summary(studied).items() if k not in dropped}
    return result


def square_side(scenes: Sequence[Scene]) -> int:
    """Side of the squares of scenes, so that there are some."""
    side = SQUARE
    while side > LEAST_SQUARE and sum(len(list(_squares(scene.labels.shape, side))) for scene in scenes) < FEWEST:
        side //= 2
    return side


def _segment(segmenter: BundleSegmenter, scenes: Sequence[Scene], classes: int, side: int) -> _Run:
    """Segment scenes at every K."""
    counts: dict[float, list[Counts]] = {ratio: [] for ratio in RATIOS}
    labels: dict[float, list[PixelArray]] = {ratio: [] for ratio in RATIOS}
    for scene in scenes:
        for ratio, found in zip(RATIOS, segmenter.segment_all(scene, RATIOS), strict=True):
            counts[ratio] += square_counts(found.labels, scene.labels, classes, side)
            labels[ratio].append(found.labels)
    return _Run({ratio: np.stack(matrices) for ratio, matrices in counts.items()}, labels)


def square_counts(found: PixelArray, truth: PixelArray, classes: int, side: int = SQUARE) -> list[Counts]:
    """Confusion matrices (C, C), rows = truth, of the squares of a scene that hold labelled pixels."""
    matrices = []
    for place in _squares(truth.shape, side):
        predicted, known = np.asarray(found[place]), np.asarray(truth[place])
        judged = (known < FIRST_SET) & (predicted != IGNORE)
        if judged.any():
            pairs = known[judged].astype(np.int64) * classes + predicted[judged]
            matrices.append(np.bincount(pairs, minlength=classes**2).reshape(classes, classes).astype(np.int64))
    return matrices


def _squares(shape: tuple[int, ...], side: int = SQUARE) -> Iterator[tuple[slice, slice]]:
    """Squares of a scene, those at the right and lower edge smaller."""
    for row in range(0, shape[0], side):
        for col in range(0, shape[1], side):
            yield slice(row, row + side), slice(col, col + side)


def scores(counts: Counts, names: Sequence[str]) -> Measured:
    """Scores of all squares together, each with its interval: [value, low, high] in per cent; None where undefined.

    Args:
        counts: (S, C, C), rows = truth.
        names: Of the classes.
    """
    squares = len(counts)
    times = np.random.default_rng(0).multinomial(squares, np.full(squares, 1 / squares), SAMPLES)
    drawn = np.concatenate((counts.sum(0)[None], np.tensordot(times, counts, 1)))  # (1 + samples, C, C); first: all
    hits = np.diagonal(drawn, axis1=1, axis2=2)
    union = drawn.sum(1) + drawn.sum(2) - hits
    with np.errstate(invalid="ignore"):
        iou = np.where(union > 0, hits / np.maximum(union, 1), np.nan)
        mean = np.nanmean(iou, axis=1)
        right = hits.sum(1) / drawn.sum((1, 2))
    return {
        "miou": _with_interval(mean),
        "accuracy": _with_interval(right),
        "iou": {name: _with_interval(iou[:, number]) for number, name in enumerate(names)},
    }


def _with_interval(values: npt.NDArray[np.float64]) -> list[float] | None:
    """[value, low, high] in per cent of a value and its bootstrap samples; None where a class never occurs."""
    if np.isnan(values[0]):
        return None
    low, high = np.nanpercentile(values[1:], _ENDS)
    return [round(100 * float(value), 2) for value in (values[0], low, high)]


def _equal(one: Sequence[PixelArray], other: Sequence[PixelArray]) -> float:
    """Per cent of the pixels that have the same label."""
    same = known = 0
    for a, b in zip(one, other, strict=True):
        for place in _squares(a.shape):
            first, second = np.asarray(a[place]), np.asarray(b[place])
            known += int((first != IGNORE).sum())
            same += int(((first == second) & (first != IGNORE)).sum())
    return round(100 * same / max(1, known), 2)


def _calibration(segmenter: NetworkSegmenter, scenes: Sequence[Scene], used: Temperatures) -> Measured:
    """Expected calibration errors by K in per cent: without and with the temperatures, of pixels and scenes alike."""
    sample = sample_pixels(segmenter, scenes, RATIOS)
    return {
        setting(ratio): {
            f"{name}{suffix}": round(100 * calibration_error(sample, ratio, warm, by_scene), 2)
            for suffix, by_scene in (("", False), ("_by_scene", True))
            for name, warm in (("before", UNCHANGED), ("after", used))
        }
        for ratio in RATIOS
    }
