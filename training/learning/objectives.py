"""The objective of each architecture: its output and the labels -> losses by name, each with its weight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import torch.nn.functional as F
from torch import Tensor

from training.data.arrays import IGNORE
from training.learning.balance import Alignment, gradient_imbalance
from training.learning.criteria import Criterion
from training.learning.losses import (
    Complementer,
    affinity_difference,
    cross_entropy,
    error_cross_entropy,
    known_cross_entropy,
    weighted_cross_entropy,
)
from training.networks import (
    DeepLabPrediction,
    DeepLabV3Plus,
    DualStream,
    HighPrediction,
    HighStream,
    ISDNet,
    ISDPrediction,
    LibraryNetwork,
    LibraryPrediction,
    LowPrediction,
    LowStream,
    Output,
    Prediction,
    SegFormer,
    SegFormerPrediction,
    resize,
)

_DEEP_LABEL_STRIDE = 4  # a map with one value for 32 pixels belongs to an image at 1/4 scale, and so do its labels
_RECONSTRUCTION_WEIGHT = 0.1  # ISDNet, as published


@dataclass(frozen=True)
class LossSettings:
    """How losses are weighted.

    Attributes:
        complementer: weighs the pixels of the dual-stream network's final loss.
        auxiliary_weight: weight of the loss of the head on stage 3 of the ResNet.
        estimator_weight: weight of the loss that teaches the estimator.
        estimator_target: what it is taught: the low stream's "errors", or the "gain", those of them that are right in
            the final map; for K = 1 in training.
        label_stride: the final loss uses every n-th row and column of the labels.
        criterion: what a wrong answer costs, in every loss that compares an answer with the labels.
        alignment: compares the features of both streams; None leaves that loss out.
        alignment_weight: its weight.
        balance_weight: weight of the loss that keeps the gradients of both streams equally long; 0 leaves it out.
    """

    complementer: Complementer = field(default_factory=Complementer)
    auxiliary_weight: float = 0.4
    estimator_weight: float = 0.0
    estimator_target: Literal["errors", "gain"] = "errors"
    label_stride: int = 1
    criterion: Criterion = field(default_factory=Criterion)
    alignment: Alignment | None = None
    alignment_weight: float = 0.0
    balance_weight: float = 0.0

    def known(self, logits: Tensor, labels: Tensor, stride: int) -> Tensor:
        """The loss over the known pixels of every `stride`-th row and column; see `known_cross_entropy`."""
        if self.criterion.is_plain:
            return known_cross_entropy(logits, labels, stride)
        return self.criterion(*_together(logits, labels, stride))

    def published(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss over all pixels, ignored ones included; see `cross_entropy`."""
        if self.criterion.is_plain:
            return cross_entropy(logits, labels)
        return self.criterion(*_together(logits, labels, 1), normalise=False)

    def weighted(self, logits: Tensor, labels: Tensor, weight: Tensor) -> Tensor:
        """The final loss with a weight (N, 1, h, w) a pixel; see `weighted_cross_entropy`."""
        normalise = self.complementer.normalise
        if self.criterion.is_plain:
            return weighted_cross_entropy(logits, labels, weight, normalise, self.label_stride)
        logits, seen = _together(logits, labels, self.label_stride)
        return self.criterion(logits, seen, resize(weight.float(), (seen.shape[1], seen.shape[2]))[:, 0], normalise)


def _together(logits: Tensor, labels: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """Every `stride`-th row and column of the labels (N, H, W), and the logits (N, C, h, w) resized to them."""
    seen = labels[:, stride // 2 :: stride, stride // 2 :: stride]
    return resize(logits.float(), (seen.shape[1], seen.shape[2])), seen


def dual_stream(network: DualStream, output: Output, labels: Tensor, settings: LossSettings) -> dict[str, Tensor]:
    """Deep, auxiliary, final and estimator loss, and what is asked for between both streams."""
    labels = on_canvas(labels, output)
    complementer = settings.complementer
    deep = _of_low(output.low.logits, labels, settings)
    auxiliary = _of_low(network.auxiliary_head(output.low.stages[2]), labels, settings)
    weight = complementer.weight(output.uncertainty, deep)
    losses = {
        "deep": deep,
        "auxiliary": settings.auxiliary_weight * auxiliary,
        "final": settings.weighted(output.logits, labels, weight),
    }
    if settings.estimator_weight and network.settings.uncertainty in ("both", "residual"):
        final = output.logits if settings.estimator_target == "gain" else None
        error = error_cross_entropy(output.low.residual, output.low.logits, labels, _DEEP_LABEL_STRIDE, final)
        losses["estimator"] = settings.estimator_weight * error
    if (settings.alignment is not None or settings.balance_weight) and output.high is not None:
        losses |= _between_streams(network, output, losses["final"], settings)
    return losses


def _between_streams(network: DualStream, output: Output, final: Tensor, settings: LossSettings) -> dict[str, Tensor]:
    """Alignment and balance of both streams, where at least one patch is selected."""
    losses = {}
    if settings.alignment is not None:
        apart = settings.alignment(output.low.features, output.f_high, output.grid.mask8(output.selected))
        losses["alignment"] = settings.alignment_weight * apart
    if settings.balance_weight:
        last = {"low": network.low_reducer.parameters(), "high": network.high_reducer.parameters()}
        losses["balance"] = settings.balance_weight * gradient_imbalance(final, last)
    return losses


def _of_low(logits: Tensor, labels: Tensor, settings: LossSettings) -> Tensor:
    """Of a map of the low stream: over known pixels at 1/4 scale, or as published over all pixels at full scale."""
    if settings.complementer.normalise:
        return settings.known(logits, labels, _DEEP_LABEL_STRIDE)
    return settings.published(logits, labels)


def low_stream(network: LowStream, output: LowPrediction, labels: Tensor, settings: LossSettings) -> dict[str, Tensor]:
    """Final and auxiliary loss, as the low stream has them within the dual-stream network."""
    labels = on_canvas(labels, output)
    auxiliary = settings.known(network.auxiliary_head(output.stage3), labels, _DEEP_LABEL_STRIDE)
    return {
        "final": settings.known(output.logits, labels, _DEEP_LABEL_STRIDE),
        "auxiliary": settings.auxiliary_weight * auxiliary,
    }


def final_alone(
    network: HighStream | SegFormer | LibraryNetwork,
    output: HighPrediction | SegFormerPrediction | LibraryPrediction,
    labels: Tensor,
    settings: LossSettings,
) -> dict[str, Tensor]:
    """Final loss."""
    return {"final": settings.known(output.logits, on_canvas(labels, output), settings.label_stride)}


def isdnet(network: ISDNet, output: ISDPrediction, labels: Tensor, settings: LossSettings) -> dict[str, Tensor]:
    """Final, deep, auxiliary and both context losses, reconstruction of detail, and similarity of features.

    Reference: Guo et al., "ISDNet" (CVPR 2022); weights as in its published code.
    """
    labels, maps = on_canvas(labels, output), output.maps
    if maps is None:
        raise ValueError("the losses need an output of training mode")
    features, detail = network.super_resolution(maps.deep)
    detail = resize(detail.float(), output.canvas)
    auxiliary = settings.known(network.auxiliary_head(maps.stage3), labels, _DEEP_LABEL_STRIDE)
    stride = settings.label_stride
    return {
        "final": settings.known(output.logits, labels, stride),
        "deep": settings.known(maps.deep_logits, labels, _DEEP_LABEL_STRIDE),
        "auxiliary": settings.auxiliary_weight * auxiliary,
        "context16": settings.known(network.context_head16(maps.context16), labels, stride),
        "context8": settings.known(network.context_head8(maps.context8), labels, stride),
        "reconstruction": _RECONSTRUCTION_WEIGHT * F.mse_loss(detail, maps.detail),
        "affinity": affinity_difference(maps.deep, features),
    }


def deeplab(
    network: DeepLabV3Plus,
    output: DeepLabPrediction,
    labels: Tensor,
    settings: LossSettings,
) -> dict[str, Tensor]:
    """Final and auxiliary loss."""
    if output.stage3 is None:
        raise ValueError("the losses need an output of training mode")
    labels = on_canvas(labels, output)
    auxiliary = settings.known(network.auxiliary_head(output.stage3), labels, _DEEP_LABEL_STRIDE)
    return {
        "final": settings.known(output.logits, labels, settings.label_stride),
        "auxiliary": settings.auxiliary_weight * auxiliary,
    }


def on_canvas(labels: Tensor, output: Prediction) -> Tensor:
    """Pad labels (N, H, W) with IGNORE to the canvas that an output's maps cover."""
    below, right = output.canvas[0] - labels.shape[-2], output.canvas[1] - labels.shape[-1]
    return F.pad(labels, (0, right, 0, below), value=IGNORE) if below or right else labels


Losses = Callable[[Any, Any, Tensor, LossSettings], dict[str, Tensor]]
# Of each architecture: network, its output in training mode, labels (N, H, W), settings -> weighted losses by name;
# "final" is that of the final logits.
LOSSES: dict[str, Losses] = {
    "dual_stream": dual_stream,
    "low_stream": low_stream,
    "high_stream": final_alone,
    "isdnet": isdnet,
    "deeplabv3plus": deeplab,
    "segformer": final_alone,
}


def losses_of(architecture: str) -> Losses:
    """The objective of a registered architecture; networks of other packages have one loss."""
    return LOSSES.get(architecture, final_alone)
