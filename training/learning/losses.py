"""Losses of the three outputs, and the complementer that weights the last of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.arrays import FIRST_SET, IGNORE
from training.networks import resize
from training.running import process_mean


@dataclass(frozen=True)
class Complementer:
    """Weight of a pixel in the final loss: (1 + U)^power, so that training concentrates where resolution was lost.

    Attributes:
        power: exponent; published 6 (Inria), 1 (DeepGlobe, URUR), 3 to 6 (ISIC, CRAG).
        mask: where U is below this the weight is 1; None weighs every pixel.
        gate: as long as the low stream's loss is above this all weights are 1; None never gates.
        per_process: where several processes train together, each decides the gate by its own loss (published); else all
            decide by the mean.
        normalise: divide by the sum of the weights, so that the power does not change the learning rate;
            False divides every loss by the number of pixels, ignored ones included (published).

    Reference: the paper's complementer; mask and gate are those of its figure.
    """

    power: float = 1.0
    mask: float | None = None
    gate: float | None = None
    normalise: bool = True
    per_process: bool = False

    def weight(self, uncertainty: Tensor, deep_loss: Tensor) -> Tensor:
        """Weights (N, 1, h, w), without gradient, from U (N, 1, h, w) and the low stream's loss (scalar)."""
        u = uncertainty.detach()
        weight = (1 + u) ** self.power
        if self.mask is not None:
            weight = torch.where(u < self.mask, torch.ones_like(weight), weight)
        if self.gate is not None:  # decided on the device, which need not stop to tell
            loss = deep_loss.detach() if self.per_process else process_mean(deep_loss.detach())
            weight = torch.where(loss > self.gate, torch.ones_like(weight), weight)
        return weight


def without_borders(labels: Tensor, width: int) -> Tensor:
    """Labels (N, H, W) int64 with IGNORE where another class is at most `width` pixels away, along rows and columns.

    For labels that are a little off: the network is not taught their borders. Unknown pixels are no class.
    """
    if not width:
        return labels
    unknown, side = labels == IGNORE, 2 * width + 1
    pixels = labels[:, None].float()
    largest = F.max_pool2d(pixels.masked_fill(unknown[:, None], -1.0), side, 1, width)
    smallest = -F.max_pool2d((-pixels).masked_fill(unknown[:, None], -float(IGNORE)), side, 1, width)
    return labels.masked_fill((largest > smallest)[:, 0], IGNORE)


def with_sets(labels: Tensor, sets: Sequence[Sequence[int]]) -> Tensor:
    """Labels (N, H, W) int64 as the losses take them where some pixels are one of several classes.

    Args:
        sets: the classes that FIRST_SET, FIRST_SET + 1, ... stand for; at most 30 classes, from 0.

    Returns:
        the labels; with sets int32, where a negative number is a set: -0b101 is class 0 or 2.
    """
    if not sets:
        return labels
    for number, classes in enumerate(sets):
        labels = labels.masked_fill(labels == FIRST_SET + number, -sum(1 << label for label in classes))
    return labels.int()


def is_among(guess: Tensor, labels: Tensor) -> Tensor:
    """Whether classes (N, H, W) int64 are the labels, or in the sets that these are, see `with_sets`."""
    if labels.dtype == torch.int64:
        return guess == labels
    return torch.where(labels < 0, _holds(labels, guess), guess == labels)


def _holds(labels: Tensor, classes: Tensor) -> Tensor:
    """Whether sets hold classes; no set holds any where a label is one class."""
    return ((-labels.clamp(max=0)).long() >> classes) & 1 == 1


def pixel_cross_entropy(logits: Tensor, labels: Tensor, reduction: Literal["none", "sum"] = "none") -> Tensor:
    """Cross entropy of each pixel (N, H, W), 0 where the label is IGNORE, or the sum over all.

    Of a pixel that is one of several classes it is the negative logarithm of the sum of their probabilities.

    Args:
        logits: (N, C, H, W) float32.
        labels: (N, H, W) int64, or with sets int32, see `with_sets`.

    Reference: the marginal loss of Shi et al., "Marginal loss and exclusion loss for partially supervised multi-organ
        segmentation" (Medical Image Analysis 2021).
    """
    if labels.dtype == torch.int64:
        return F.cross_entropy(logits, labels, ignore_index=IGNORE, reduction=reduction)
    is_set = labels < 0
    one = labels.masked_fill(is_set, IGNORE).long()
    known = F.cross_entropy(logits, one, ignore_index=IGNORE, reduction="none")
    classes = torch.arange(logits.shape[1], device=logits.device).view(1, -1, 1, 1)
    among = logits.masked_fill(~_holds(labels[:, None], classes) & is_set[:, None], -math.inf)
    losses = known + logits.logsumexp(1) - among.logsumexp(1)  # equal where the label is no set
    return losses.sum() if reduction == "sum" else losses


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross entropy of logits resized to the labels, averaged over ALL pixels, ignored ones included.

    Args:
        logits: (N, C, h, w).
        labels: (N, H, W) int64, IGNORE where unknown.
    """
    size = (labels.shape[-2], labels.shape[-1])
    return pixel_cross_entropy(resize(logits.float(), size), labels).mean()


def known_cross_entropy(logits: Tensor, labels: Tensor, stride: int) -> Tensor:
    """Cross entropy over the known pixels of every `stride`-th row and column.

    The low stream's outputs have one value for 32 pixels: full-scale labels would cost time and teach nothing.

    Args:
        logits: (N, C, h, w).
        labels: (N, H, W) int64.
        stride: 1 uses every pixel.
    """
    seen = labels[:, stride // 2 :: stride, stride // 2 :: stride]
    size = (seen.shape[-2], seen.shape[-1])
    total = pixel_cross_entropy(resize(logits.float(), size), seen, "sum")
    return total / process_mean((seen != IGNORE).sum()).clamp(min=1)


def weighted_cross_entropy(logits: Tensor, labels: Tensor, weight: Tensor, normalise: bool, stride: int = 1) -> Tensor:
    """Cross entropy with a weight a pixel.

    Args:
        logits: (N, C, h, w), resized to the labels.
        labels: (N, H, W) int64.
        weight: (N, 1, h', w'), resized to the labels.
        normalise: divide by the sum of weights of known pixels, else by the number of all pixels.
        stride: use every `stride`-th row and column of the labels.
    """
    seen = labels[:, stride // 2 :: stride, stride // 2 :: stride]
    size = (seen.shape[-2], seen.shape[-1])
    loss = pixel_cross_entropy(resize(logits.float(), size), seen)
    pixel_weight = resize(weight.float(), size)[:, 0]
    if normalise:
        return (pixel_weight * loss).sum() / process_mean((pixel_weight * (seen != IGNORE)).sum()).clamp(min=1e-6)
    return (pixel_weight * loss).mean()


def error_cross_entropy(
    residual: Tensor, logits: Tensor, labels: Tensor, stride: int, final: Tensor | None = None
) -> Tensor:
    """Cross entropy between the residual's sigmoid and the share of pixels where the low stream errs.

    It trains the estimator for the use of U: to find the places that the low stream gets wrong, or, with `final`, those
    of them that a look at full scale puts right.

    Args:
        residual: (N, 1, h, w), before its sigmoid.
        logits: (N, C, h', w') of the low stream; no gradient flows into them.
        labels: (N, H, W) int64; H and W are multiples of h * stride and w * stride.
        stride: judge every `stride`-th row and column of the labels.
        final: (N, C, h", w") final logits, with every patch selected; no gradient flows into them.
    """
    seen = labels[:, stride // 2 :: stride, stride // 2 :: stride]
    known = (seen != IGNORE).float()[:, None]
    guess = resize(logits.detach().float(), (seen.shape[-2], seen.shape[-1])).argmax(1)
    judged = ~is_among(guess, seen)
    if final is not None:
        judged &= is_among(resize(final.detach().float(), (seen.shape[-2], seen.shape[-1])).argmax(1), seen)
    size = (residual.shape[-2], residual.shape[-1])
    weight = F.adaptive_avg_pool2d(known, size)
    wrong = F.adaptive_avg_pool2d(judged.float()[:, None] * known, size) / weight.clamp(min=1e-6)
    loss = F.binary_cross_entropy_with_logits(residual.float(), wrong, reduction="none")
    return (weight * loss).sum() / process_mean(weight.sum()).clamp(min=1e-6)


def affinity_difference(deep: Tensor, fine: Tensor) -> Tensor:
    """Mean difference between the pairwise similarities of two feature maps; trains the first map only.

    Each channel is scaled to length 1 over the places; the similarity of two places is the dot product over the
    channels.

    Args:
        deep: (N, F, h, w).
        fine: (N, F, H, W), resized to the first map; no gradient flows into it.

    Returns:
        the mean absolute difference over all (h * w) ** 2 pairs; zero for equal maps.

    Reference: Wang et al., "Dual Super-Resolution Learning for Semantic Segmentation" (CVPR 2020), normalised as in
        the published code of ISDNet (CVPR 2022).
    """
    with torch.autocast(deep.device.type, enabled=False):
        resized = resize(fine.detach().float(), (deep.shape[-2], deep.shape[-1]))
        places, fine_places = (F.normalize(x.float().flatten(2), dim=2, eps=1e-6) for x in (deep, resized))
        return F.l1_loss(places.transpose(1, 2) @ places, fine_places.transpose(1, 2) @ fine_places)
