"""The ensembler: both streams in one map, weighted by the uncertainty, and what is learned beside that."""

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


class Correction(nn.Module):
    """What the mix by U leaves out: a correction of it, made of both features, U and the low stream's answer.

    Where U is low the mix takes little of F_high, although the high stream may be right there too. It looks at single
    cells (1x1 convolutions), so the margin with which blocks of a raster are fused stays enough. It begins at zero:
    until it has learned something the mix is the ensembler's. It has no normalisation, so that cells that are not
    selected have no part in it.

    Args:
        features: channels of F_low, F_high and the result.
        classes: of the logits.
        width: channels in between.
    """

    def __init__(self, features: int, classes: int, width: int = 64) -> None:
        super().__init__()
        self.features = nn.Conv2d(2 * features + 1, width, 1)
        self.answer = nn.Conv2d(classes, width, 1, bias=False)
        self.out = nn.Conv2d(width, features, 1)
        nn.init.zeros_(self.out.weight)
        if self.out.bias is not None:
            nn.init.zeros_(self.out.bias)

    def forward(self, f_low: Tensor, f_high: Tensor, uncertainty: Tensor, low_logits: Tensor) -> Tensor:
        """(N, F, h, w), (N, F, h, w), U (N, 1, h, w), (N, C, h, w) -> (N, F, h, w); no gradient flows into logits."""
        answer = low_logits.detach().float().softmax(1).to(f_low.dtype)
        seen = torch.cat((f_low, f_high, uncertainty.to(f_low.dtype)), 1)
        told: Tensor = self.out((self.features(seen) + self.answer(answer)).relu())
        return told


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
