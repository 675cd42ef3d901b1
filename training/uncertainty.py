"""Does the uncertainty mean anything? Measured on labelled scenes, for `evaluate.py --uncertainty`.

Three questions: do U and its parts rank the low stream's errors; does selecting patches by U bring more than
selecting them by its parts, at random, or by an oracle; are the final probabilities honest?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torchmetrics.classification import BinaryAUROC, BinaryAveragePrecision

from training.data.scenes import IGNORE, Scene
from training.metrics import confusion, mean_iou
from training.networks.dual_stream import DualStream, Output
from training.networks.estimator import entropy
from training.networks.selector import mean_score

matplotlib.use("Agg")  # no display is needed to write a file
from matplotlib import pyplot as plt

SIGNALS = ("U", "entropy", "residual", "final uncertainty")
SELECTORS = ("U", "entropy", "residual", "random", "oracle")
_STEP = 4  # errors are judged at every 4th row and column: neighbours say the same
_BINS = 1000  # thresholds of the curves
_CONFIDENCE_BINS = 15


@dataclass
class Study:
    """What is counted over the scenes.

    Attributes:
        curves: Per signal its ROC and precision-recall curves for the low stream's errors.
        selected: Per selector and K the confusion matrix (C, C).
        caught: Per selector and K (errors of the low stream in selected patches, all its errors).
        confidence: (bins, 3): pixels, sum of confidence, sum of hits of the prediction at K = 1.
    """

    curves: dict[str, tuple[BinaryAUROC, BinaryAveragePrecision]] = field(default_factory=dict)
    selected: dict[str, dict[float, Tensor]] = field(default_factory=dict)
    caught: dict[str, dict[float, Tensor]] = field(default_factory=dict)
    confidence: Tensor = field(default_factory=lambda: torch.zeros(_CONFIDENCE_BINS, 3, dtype=torch.float64))


@torch.inference_mode()
def study(network: DualStream, scenes: Sequence[Scene], ratios: Sequence[float], seed: int = 0) -> Study:
    """Run the study.

    Args:
        network: In evaluation mode, with patches of a fixed side.
        scenes: Labelled scenes.
        ratios: The K to try.
        seed: Of the random selection.
    """
    result = Study(
        {name: (BinaryAUROC(thresholds=_BINS), BinaryAveragePrecision(thresholds=_BINS)) for name in SIGNALS}
    )
    generator = torch.Generator().manual_seed(seed)
    for scene in scenes:
        image = torch.from_numpy(np.asarray(scene.image).astype(np.float32))[None].contiguous(
            memory_format=torch.channels_last
        )
        labels = torch.from_numpy(np.asarray(scene.labels)).long()
        output = network(image, 1.0)
        low = network.full_size(output, output.low.logits).argmax(1)[0]
        wrong = (low != labels) & (labels != IGNORE)
        _add_curves(result, network, output, wrong, labels)
        full = _add_confidence(result, network, output, labels)
        gain = wrong.float() - ((full != labels) & (labels != IGNORE)).float()
        scores = _scores(network, output, gain, generator)
        errors = _per_patch(wrong.float(), output)
        for name, score in scores.items():
            for ratio in ratios:
                chosen = network(image, ratio, score)
                predicted = network.full_logits(chosen).argmax(1)[0]
                counts = confusion(predicted, labels, network.settings.classes)
                _sum(result.selected.setdefault(name, {}), ratio, counts)
                caught = torch.stack((errors[chosen.selected[0]].sum(), errors.sum()))
                _sum(result.caught.setdefault(name, {}), ratio, caught)
    return result


def _add_curves(result: Study, network: DualStream, output: Output, wrong: Tensor, labels: Tensor) -> None:
    """Rank the low stream's errors by every signal."""
    final = entropy(output.logits) / np.log(network.settings.classes)
    maps = {
        "U": output.uncertainty,
        "entropy": output.low.entropy / network.divisor,
        "residual": output.low.residual.sigmoid(),
        "final uncertainty": final,
    }
    seen = (slice(_STEP // 2, None, _STEP),) * 2
    known = (labels != IGNORE)[seen]
    target = wrong[seen][known]
    for name, values in maps.items():
        signal = network.full_size(output, values)[0, 0][seen][known].clamp(0, 1)
        for curve in result.curves[name]:
            curve.update(signal, target)


def _add_confidence(result: Study, network: DualStream, output: Output, labels: Tensor) -> Tensor:
    """Compare confidence and hits of the final prediction; returns its labels (H, W)."""
    logits = network.full_logits(output)[0]
    confidence, predicted = logits.softmax(0).max(0)
    known = labels != IGNORE
    values, hits = confidence[known].double(), (predicted == labels)[known].double()
    bins = (values * _CONFIDENCE_BINS).long().clamp(max=_CONFIDENCE_BINS - 1)
    for column, weights in enumerate((torch.ones_like(values), values, hits)):
        result.confidence[:, column] += torch.bincount(bins, weights, _CONFIDENCE_BINS)
    return predicted


def _scores(network: DualStream, output: Output, gain: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
    """Patch scores (1, patches) of every selector; the oracle knows how many pixels each patch would mend."""
    grid = output.grid
    return {
        "U": output.score,
        "entropy": mean_score(output.low.entropy, grid),
        "residual": mean_score(output.low.residual.sigmoid(), grid),
        "random": torch.rand(output.score.shape, generator=generator),
        "oracle": _per_patch(gain, output)[None],
    }


def _per_patch(values: Tensor, output: Output) -> Tensor:
    """Sum of (H, W) values in each patch (patches,)."""
    grid = output.grid
    height, width = grid.rows * grid.patch[0], grid.cols * grid.patch[1]
    padded = F.pad(values, (0, width - values.shape[1], 0, height - values.shape[0]))
    return padded.reshape(grid.rows, grid.patch[0], grid.cols, grid.patch[1]).sum((1, 3)).flatten()


def _sum(totals: dict[float, Tensor], key: float, value: Tensor) -> None:
    """Add to what is there."""
    totals[key] = totals[key] + value if key in totals else value


def summary(result: Study) -> dict[str, Any]:
    """Plain numbers for JSON: AUROC and average precision in 0..1, the rest in per cent.

    "ece" is the expected calibration error: the mean gap between confidence and hits, weighed by pixels.
    """
    count, confidence, hits = result.confidence.unbind(1)
    filled = count.clamp(min=1)
    return {
        "errors_of_the_low_stream": {
            name: {"auroc": round(float(roc.compute()), 4), "average_precision": round(float(ap.compute()), 4)}
            for name, (roc, ap) in result.curves.items()
        },
        "miou_by_selector": {
            name: {f"{100 * k:g}": round(100 * mean_iou(m), 2) for k, m in by_ratio.items()}
            for name, by_ratio in result.selected.items()
        },
        "errors_in_selected_patches": {
            name: {f"{100 * k:g}": round(100 * float(c[0] / c[1].clamp(min=1)), 1) for k, c in by_ratio.items()}
            for name, by_ratio in result.caught.items()
        },
        "ece": round(100 * float(((confidence - hits).abs() / filled * count).sum() / count.sum().clamp(min=1)), 2),
        "reliability": [
            {"pixels": int(n), "confidence": round(float(c / n), 4), "accuracy": round(float(h / n), 4)}
            for n, c, h in zip(count, confidence, hits, strict=True)
            if n
        ],
    }


def table(numbers: dict[str, Any]) -> str:
    """The numbers as Markdown tables."""
    lines = ["| signal | AUROC | average precision |", "|---|---|---|"]
    for name, row in numbers["errors_of_the_low_stream"].items():
        lines.append(f"| {name} | {row['auroc']:.3f} | {row['average_precision']:.3f} |")
    for title, key in (("mIoU", "miou_by_selector"), ("low stream's errors caught, %", "errors_in_selected_patches")):
        ratios = list(next(iter(numbers[key].values())))
        lines += ["", f"| {title}, selected by | " + " | ".join(f"K = {k} %" for k in ratios) + " |"]
        lines.append("|---" * (1 + len(ratios)) + "|")
        for name, row in numbers[key].items():
            lines.append(f"| {name} | " + " | ".join(f"{row[k]:.1f}" for k in ratios) + " |")
    lines += ["", f"Expected calibration error of the final prediction, K = 100 %: {numbers['ece']:.2f} %"]
    return "\n".join(lines)


def save_plots(path: Path, numbers: dict[str, Any]) -> None:
    """Write one PNG: mIoU over K for every selector, and confidence against hits."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    for name, row in numbers["miou_by_selector"].items():
        left.plot([float(k) for k in row], list(row.values()), marker="o", label=name)
    left.set(xlabel="K, % of the patches", ylabel="mIoU, %", title="Selecting patches by ...")
    left.legend()
    points = numbers["reliability"]
    right.plot([0, 1], [0, 1], color="grey", linewidth=1)
    right.plot([p["confidence"] for p in points], [p["accuracy"] for p in points], marker="o")
    right.set(xlabel="confidence", ylabel="share that is right", title="Final prediction, K = 100 %")
    figure.savefig(path, dpi=90)
    plt.close(figure)
