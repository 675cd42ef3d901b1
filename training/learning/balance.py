"""Losses between the two streams: that their features tell the same, and that both learn at one pace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from training.networks import resize
from training.running import process_mean

_EMBEDDING = 128  # channels in which the streams are compared, as in the published code


class Alignment(nn.Module):
    """Symmetric Kullback-Leibler divergence between the features of both streams, as distributions over channels.

    Two 1x1 convolutions, which are part of training alone, bring both to the same channels. High features exist in
    selected patches only: other cells do not count.

    Args:
        low: channels of the low features.
        high: channels of the high features.

    Reference: the cross-frequency alignment loss of Chen et al., "F2Net: A Frequency-Fused Network for Ultra-High
        Resolution Remote Sensing Segmentation" (CVPR 2026, arXiv 2506.07847), equation 16, as its authors' code has
        it (github.com/easm002/F2Net); there the streams are frequency bands.
    """

    def __init__(self, low: int, high: int) -> None:
        super().__init__()
        self.low, self.high = nn.Conv2d(low, _EMBEDDING, 1), nn.Conv2d(high, _EMBEDDING, 1)

    def forward(self, low: Tensor, high: Tensor, selected: Tensor) -> Tensor:
        """Half the sum of both divergences, the mean over the cells of the low features that count.

        Args:
            low: F_low (N, F, h, w).
            high: F_high (N, F', H, W), resized to the low features.
            selected: (N, 1, H, W) bool, where the high stream has looked.
        """
        size = (low.shape[-2], low.shape[-1])
        with torch.autocast(low.device.type, enabled=False):
            one = self.low(low.float()).log_softmax(1)
            other = self.high(resize(high.float(), size)).log_softmax(1)
            counts = (resize(selected.float(), size) >= 1)[:, 0].float()  # all that is mixed there was looked at
            # KL(p, q) + KL(q, p) is the sum of (p - q) (ln p - ln q).
            apart = 0.5 * ((one.exp() - other.exp()) * (one - other)).sum(1)
            return (apart * counts).sum() / process_mean(counts.sum()).clamp(min=1)


def gradient_imbalance(loss: Tensor, parts: Mapping[str, Iterable[nn.Parameter]]) -> Tensor:
    """How far the gradients of a loss for several parts of a network are from equally long, with gradient.

    Args:
        loss: () of the pass whose graph is still there.
        parts: the parameters of each part, all of them trained.

    Returns:
        the sum over the parts of | G - mean of G |, where G is the Euclidean length of the gradient for a part.

    Reference: the cross-frequency balance loss of F2Net (see `Alignment`), equation 17, as its authors' code has it:
        for the last block of each part, as in GradNorm (Chen et al., ICML 2018), which keeps gradients of gradients
        affordable.
    """
    lengths = []
    for parameters in parts.values():
        gradients = torch.autograd.grad(loss, list(parameters), create_graph=True)
        lengths.append(torch.cat([gradient.flatten() for gradient in gradients]).norm())
    together = torch.stack(lengths)
    return (together - together.mean()).abs().sum()
