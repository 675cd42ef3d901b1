"""Colour augmentation of a batch, on whatever device the batch is."""

from __future__ import annotations

import kornia.augmentation as K
import torch
from torch import Tensor, nn


class Photometric(nn.Module):
    """Random brightness, contrast, and for three-band images saturation and hue, different for each image.

    Args:
        strength: 0 changes nothing, 1 is strong. Brightness, contrast and saturation vary by +-40 % of it,
            hue by +-0.03 of it.
        probability: that an image is changed at all.
        limits: (lowest, highest) of the raster's own numbers; results stay inside.
    """

    def __init__(
        self, strength: float = 0.5, probability: float = 0.8, limits: tuple[float, float] = (0.0, 255.0)
    ) -> None:
        super().__init__()
        self.lowest, self.highest = limits
        spread = 0.4 * strength
        self.colour = K.ColorJiggle(spread, spread, spread, 0.03 * strength, p=probability)
        self.grey = nn.Sequential(
            K.RandomBrightness((1 - spread, 1 + spread), p=probability),
            K.RandomContrast((1 - spread, 1 + spread), p=probability),
        )

    @torch.no_grad()
    def forward(self, image: Tensor) -> Tensor:
        """(N, B, H, W) in the raster's own numbers -> the same, changed."""
        unit = ((image - self.lowest) / (self.highest - self.lowest)).clamp(0, 1)
        changed = self.colour(unit) if image.shape[1] == 3 else self.grey(unit)
        return changed.clamp(0, 1) * (self.highest - self.lowest) + self.lowest
