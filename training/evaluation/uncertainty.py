"""How useful is the uncertainty? Measured on labelled scenes, for `evaluate.py --uncertainty`.

Three questions: do U and its parts rank the low stream's errors; does selecting patches by U gain more than
selecting them by its parts, at random, or by an oracle; are the final probabilities calibrated?
This file counts; `uncertainty_report` turns the counts into numbers, tables and plots.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.arrays import IGNORE, Scene, fill_values, filled
from training.evaluation.calibration import CONFIDENCE_BINS, confidence_bins
from training.evaluation.metrics import confusion
from training.networks import DualStream, Output, entropy, mean_score

if TYPE_CHECKING:
    from torchmetrics.classification import BinaryPrecisionRecallCurve, BinaryROC

SIGNALS = ("U", "entropy", "residual", "final uncertainty")
SELECTORS = ("U", "entropy", "residual", "random", "oracle")
_STEP = 4  # errors are sampled at every 4th row and column: neighbours are correlated
_BINS = 1000  # thresholds of the curves


@dataclass
class Study:
    """What is counted over the scenes.

    Attributes:
        curves: Per signal its ROC and precision-recall curves for the low stream's errors.
        selected: Per selector and K the confusion matrix (C, C).
        caught: Per selector and K (errors of the low stream in selected patches, all its errors).
        ends: Confusion matrices without any choice: of the "low stream", and at K "0" and "1".
        judged: (pixels at which errors were judged, errors among them).
        confidence: (bins, 3): pixels, sum of confidence, sum of hits of the prediction at K = 1.
    """

    curves: dict[str, tuple[BinaryROC, BinaryPrecisionRecallCurve]] = field(default_factory=dict)
    selected: dict[str, dict[float, Tensor]] = field(default_factory=dict)
    caught: dict[str, dict[float, Tensor]] = field(default_factory=dict)
    ends: dict[str, Tensor] = field(default_factory=dict)
    judged: Tensor = field(default_factory=lambda: torch.zeros(2, dtype=torch.int64))
    confidence: Tensor = field(default_factory=lambda: torch.zeros(CONFIDENCE_BINS, 3, dtype=torch.float64))


@dataclass(frozen=True)
class _Asked:
    """What every scene is studied with: the network, what is added to its logits, the K, the random numbers."""

    network: DualStream
    bias: Tensor
    ratios: Sequence[float]
    generator: torch.Generator


@torch.inference_mode()
def study_uncertainty(
    network: DualStream,
    scenes: Sequence[Scene],
    ratios: Sequence[float],
    seed: int = 0,
    bias: Tensor | None = None,
) -> Study:
    """Run the study on the device where the network is.

    Args:
        network: In evaluation mode, with patches of a fixed side.
        ratios: The K to try, between 0 and 1; may be empty, then nothing is said about selecting.
        bias: (1, C, 1, 1), added to all logits that are judged; see `NetworkSegmenter`.
    """
    from torchmetrics.classification import BinaryPrecisionRecallCurve, BinaryROC  # takes seconds; few ask for a study

    bias = torch.zeros(1, network.settings.classes, 1, 1, device=network.mean.device) if bias is None else bias
    asked = _Asked(network, bias, ratios, torch.Generator().manual_seed(seed))
    result = Study({name: (BinaryROC(_BINS), BinaryPrecisionRecallCurve(_BINS)) for name in SIGNALS})
    for scene in scenes:
        _study_scene(result, asked, scene)
    return result


def _study_scene(result: Study, asked: _Asked, scene: Scene) -> None:
    """Add a scene to the study."""
    network, bias = asked.network, asked.bias
    device = network.mean.device
    complete = filled(scene, fill_values(network.settings.mean, network.settings.data_type))
    image = torch.from_numpy(np.asarray(complete.image).astype(np.float32))[None].to(device)
    image = image.contiguous(memory_format=torch.channels_last)
    labels = torch.from_numpy(np.asarray(scene.labels)).long().to(device)
    output = network(image, 1.0)
    low = (network.full_size(output, output.low.logits) + bias).max(1).indices[0]
    wrong = (low != labels) & (labels != IGNORE)
    _add_curves(result, network, output, wrong, labels)
    full = _add_confidence(result, network.full_logits(output) + bias, labels)
    none = (network.full_logits(network(image, 0.0)) + bias).max(1).indices[0]
    for end, predicted in (("low stream", low), ("0", none), ("1", full)):
        _sum(result.ends, end, confusion(predicted, labels, network.settings.classes).cpu())
    gain = wrong.float() - ((full != labels) & (labels != IGNORE)).float()
    errors = _per_patch(wrong.float(), output)
    for name, score in _scores(network, output, gain, asked.generator).items():
        for ratio in asked.ratios:
            chosen = network(image, ratio, score)
            predicted = (network.full_logits(chosen) + bias).max(1).indices[0]
            counts = confusion(predicted, labels, network.settings.classes)
            _sum(result.selected.setdefault(name, {}), ratio, counts.cpu())
            caught = torch.stack((errors[chosen.selected[0]].sum(), errors.sum()))
            _sum(result.caught.setdefault(name, {}), ratio, caught.cpu().double())


def _add_curves(result: Study, network: DualStream, output: Output, wrong: Tensor, labels: Tensor) -> None:
    """Rank the low stream's errors by every signal."""
    final = entropy(output.logits.float()) / math.log(network.settings.classes)
    maps = {
        "U": output.uncertainty,
        "entropy": network.entropy(output.low, output.grid.size8) / network.divisor,
        "residual": output.low.residual.sigmoid(),
        "final uncertainty": final,
    }
    seen = (slice(_STEP // 2, None, _STEP),) * 2
    known = (labels != IGNORE)[seen]
    target = wrong[seen][known].cpu()
    result.judged += torch.tensor([target.numel(), int(target.sum())])
    for name, values in maps.items():
        signal = network.full_size(output, values)[0, 0][seen][known].clamp(0, 1).cpu()
        for curve in result.curves[name]:
            curve.update(signal, target)


def _add_confidence(result: Study, logits: Tensor, labels: Tensor) -> Tensor:
    """Compare confidence and hits of the final prediction (1, C, H, W); returns its labels (H, W)."""
    confidence, predicted = logits[0].softmax(0).max(0)
    known = labels != IGNORE
    result.confidence += confidence_bins(confidence[known].cpu(), (predicted == labels)[known].cpu())
    return predicted


def _scores(network: DualStream, output: Output, gain: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
    """Patch scores (1, patches) of every selector; the oracle knows how many pixels each patch would correct."""
    grid = output.grid
    drawn = network.settings.selector == "random"  # then the network's own score is not U
    return {
        "U": mean_score(output.uncertainty, grid) if drawn else output.score,
        "entropy": mean_score(network.entropy(output.low, grid.size8), grid),
        "residual": mean_score(output.low.residual.sigmoid(), grid),
        "random": torch.rand(output.score.shape, generator=generator).to(output.score.device),
        "oracle": _per_patch(gain, output)[None],
    }


def _per_patch(values: Tensor, output: Output) -> Tensor:
    """Sum of (H, W) values in each patch (patches,); what lies outside the patches is left out."""
    grid = output.grid
    height, width = grid.rows * grid.patch[0], grid.cols * grid.patch[1]
    padded = F.pad(values, (0, width - values.shape[1], 0, height - values.shape[0]))
    return padded.reshape(grid.rows, grid.patch[0], grid.cols, grid.patch[1]).sum((1, 3)).flatten()


def _sum(totals: dict[Any, Tensor], key: float | str, value: Tensor) -> None:
    """Add to an entry."""
    totals[key] = totals[key] + value if key in totals else value
