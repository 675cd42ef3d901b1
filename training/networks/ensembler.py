"""The ensembler: both streams in one map, weighted by the uncertainty."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.networks.layers import ConvNormReLU, resize


class HighReducer(nn.Module):
    """Brings the two feature maps of the high stream to one map of `outputs` channels at 1/8.

    Args:
        fine: channels at stride 8.
        coarse: channels at stride 16.
        outputs: channels of the result.
    """

    def __init__(self, fine: int = 256, coarse: int = 512, outputs: int = 64) -> None:
        super().__init__()
        self.fine = ConvNormReLU(fine, outputs, kernel=1)
        self.coarse = ConvNormReLU(coarse, outputs, kernel=1)

    def forward(self, f8: Tensor, f16: Tensor) -> Tensor:
        """(N, fine, h, w), (N, coarse, h/2, w/2) -> F_high (N, outputs, h, w)."""
        return self.fine(f8) + resize(self.coarse(f16), (f8.shape[-2], f8.shape[-1]))


def ensemble(f_low: Tensor, f_high: Tensor, uncertainty: Tensor, selected: Tensor, weighted: bool = True) -> Tensor:
    """F = (1 - U) F_low + U F_high where selected, F_low elsewhere.

    Args:
        f_low: (N, F, h, w) low features resized to the 1/8 map.
        f_high: (N, F, h, w), anything where not selected.
        uncertainty: U (N, 1, h, w).
        selected: (N, 1, h, w) bool.
        weighted: as above; False takes F_low + F_high where selected (ablation).

    Returns:
        (N, F, h, w).

    Reference: the paper's ensembler.
    """
    if not weighted:
        return torch.where(selected, f_low + f_high, f_low)
    weight = torch.where(selected, uncertainty, torch.zeros_like(uncertainty))
    return (1 - weight) * f_low + weight * f_high
