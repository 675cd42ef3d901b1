"""The resolution-biased uncertainty estimator: where did the low stream lose detail that it needed?"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

from training.networks.layers import ConvNormReLU, resize

Signs = Literal["both", "entropy", "residual", "constant"]


def entropy(logits: Tensor) -> Tensor:
    """Entropy in nats of the softmax of (N, C, h, w) logits -> (N, 1, h, w), 0 to ln C."""
    # ln S - (sum of e^z z) / S, with z the logits below their largest and S the sum of e^z: unlike log_softmax, steps
    # that onnxruntime takes without moving the classes to the last axis.
    below = logits - logits.amax(1, keepdim=True)
    power = below.exp()
    total = power.sum(1, keepdim=True)
    return total.log() - (power * below).sum(1, keepdim=True) / total


class Residual(nn.Module):
    """High-frequency feature residual: what stage 1 holds that stage 2 cannot explain.

    The stage-2 features, resized and projected, predict the stage-1 features; the mean and the maximum over
    channels of the absolute difference pass one convolution.

    Args:
        fine: channels of stage 1.
        coarse: channels of stage 2.
        kernel: side of the last convolution: 1 in the published code, 3 in the paper's figure.
    """

    def __init__(self, fine: int = 64, coarse: int = 128, kernel: int = 3) -> None:
        super().__init__()
        self.predict = ConvNormReLU(coarse, fine)
        self.out = nn.Conv2d(2, 1, kernel, padding=kernel // 2)

    def forward(self, f1: Tensor, f2: Tensor, context: Tensor | None = None, logits: Tensor | None = None) -> Tensor:
        """(N, fine, 2h, 2w), (N, coarse, h, w) -> residual before its sigmoid (N, 1, 2h, 2w); the rest is not used."""
        difference = (f1 - self.predict(resize(f2, (f1.shape[-2], f1.shape[-1])))).abs()
        return self.out(torch.cat((difference.mean(1, keepdim=True), difference.amax(1, keepdim=True)), 1))


class ErrorHead(nn.Module):
    """In place of the residual: where the low stream errs, from its features and its own answer.

    All four are projected to `width` channels and added; a 3x3 convolution and a classifier follow.

    Args:
        fine: channels of stage 1.
        coarse: channels of stage 2.
        context: channels of the context features.
        classes: of the logits.
        width: channels in between.
    """

    def __init__(self, fine: int, coarse: int, context: int, classes: int, width: int = 32) -> None:
        super().__init__()
        self.projections = nn.ModuleList(
            nn.Sequential(nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width))
            for inputs in (fine, coarse, context, classes)
        )
        self.out = nn.Sequential(nn.ReLU(), ConvNormReLU(width, width), nn.Conv2d(width, 1, 1))

    def forward(self, f1: Tensor, f2: Tensor, context: Tensor, logits: Tensor) -> Tensor:
        """Before its sigmoid (N, 1, 2h, 2w).

        Args:
            f1: (N, fine, 2h, 2w).
            f2: (N, coarse, h, w).
            context: (N, context, h, w).
            logits: (N, classes, h', w'); no gradient flows into them.
        """
        size = (f1.shape[-2], f1.shape[-1])
        answer = logits.detach().float().softmax(1).to(f1.dtype)
        maps = (resize(p(x), size) for p, x in zip(self.projections, (f1, f2, context, answer), strict=True))
        told: Tensor = self.out(sum(maps))
        return told


def uncertainty(
    residual: Tensor,
    entropy_nats: Tensor,
    size: tuple[int, int],
    divisor: float,
    resize_first: bool,
    signs: Signs = "both",
    gradient: bool = False,
) -> Tensor:
    """U, the mean of both signs of lost resolution, at `size`.

    Args:
        residual: (N, 1, h, w), before its sigmoid.
        entropy_nats: (N, 1, h', w'), resized where it has another size.
        size: (height, width) of the result.
        divisor: what scales the entropy to [0, 1]: ln C, or the constant of the published code.
        resize_first: resize the residual before the sigmoid (published) or after it.
        signs: the mean of both signs, one of them alone, or the constant 1/2.
        gradient: let the gradient through the entropy; it is cut in the published heads with patches, and not in those
            without.

    Returns:
        (N, 1, *size), in [0, 1] when the divisor is ln C.

    Reference: the paper's uncertainty estimator; U = (sigmoid(residual) + entropy / ln C) / 2.
    """
    if signs == "constant":
        return residual.new_full((residual.shape[0], 1, *size), 0.5)
    entropy_nats = entropy_nats if gradient else entropy_nats.detach()
    if signs == "entropy":
        return resize(entropy_nats, size) / divisor
    high_frequency = resize(residual, size).sigmoid() if resize_first else resize(residual.sigmoid(), size)
    if signs == "residual":
        return high_frequency
    return (high_frequency + resize(entropy_nats, size) / divisor) / 2


def entropy_divisor(classes: int, given: float | None) -> float:
    """The divisor `given`, or ln C when it is None."""
    return math.log(classes) if given is None else given
