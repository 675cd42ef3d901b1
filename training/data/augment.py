"""Colour augmentation of a batch, on whatever device the batch is."""

from __future__ import annotations

import torch
from kornia.enhance import (
    adjust_brightness_accumulative,
    adjust_contrast_with_mean_subtraction,
    adjust_saturation_with_gray_subtraction,
)
from torch import Tensor, nn


class Photometric(nn.Module):
    """Random colour cast, brightness, contrast, and for three-band images saturation; different for each image.

    All four are linear: kornia's jitter in hue and saturation goes through HSV, which cost a fifth of a training
    step on a CPU.

    Args:
        strength: 0 changes nothing, 1 is strong: factors vary by +-40 % of it, those of single bands by +-10 %.
        probability: that an image is changed at all.
        limits: (lowest, highest) of the raster's own numbers; results stay inside.
    """

    def __init__(
        self, strength: float = 0.5, probability: float = 0.8, limits: tuple[float, float] = (0.0, 255.0)
    ) -> None:
        super().__init__()
        self.strength, self.probability = strength, probability
        self.lowest, self.highest = limits

    @torch.no_grad()
    def forward(self, image: Tensor) -> Tensor:
        """(N, B, H, W) in the raster's own numbers -> the same, changed."""
        n, bands = image.shape[:2]
        changed = torch.rand(n, device=image.device) < self.probability

        def factors(spread: float, *shape: int) -> Tensor:
            drawn = 1 + self.strength * spread * (2 * torch.rand(n, *shape, device=image.device) - 1)
            return torch.where(changed.view(n, *([1] * len(shape))), drawn, torch.ones_like(drawn))

        unit = ((image - self.lowest) / (self.highest - self.lowest)).clamp(0, 1)
        unit = unit * factors(0.1, bands, 1, 1)
        unit = adjust_brightness_accumulative(unit, factors(0.4))
        if bands == 3:
            unit = adjust_contrast_with_mean_subtraction(unit, factors(0.4))
            unit = adjust_saturation_with_gray_subtraction(unit, factors(0.4))
        return unit.clamp(0, 1) * (self.highest - self.lowest) + self.lowest
