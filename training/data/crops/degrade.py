"""What cameras and compression take from an image: blur, noise and JPEG, on whatever device the batch is."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.data.crops.augment import uniform

_BLUR = 1.6  # pixels, the largest spread
_NOISE = 10.0  # levels of 8 bits, the largest spread
_COARSE = 1.5  # what JPEG's table is multiplied by at most; 1 is a quality of 50, 0.5 of 75
_RADIUS = 4  # pixels
_BLOCK = 8
_SALT = 0x5DEECE66D  # other random numbers than those of the colours
# Quantisation of luminance, ITU-T T.81, table K.1.
_TABLE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)


class Degrade(nn.Module):
    """Random blur, noise and JPEG compression of 8-bit images, each drawn by itself and different for each image.

    Args:
        probability: of each of the three; 0 changes nothing.
    """

    table: Tensor
    cosines: Tensor

    def __init__(self, probability: float = 0.0) -> None:
        super().__init__()
        self.probability = probability
        self.register_buffer("table", torch.tensor(_TABLE, dtype=torch.float32), persistent=False)
        self.register_buffer("cosines", _cosines(), persistent=False)

    @torch.no_grad()
    def forward(self, image: Tensor, numbers: Tensor) -> Tensor:
        """Degrade.

        Args:
            image: (N, B, H, W), 0 to 255.
            numbers: (N,) int64, one random number per image, which determines its changes but for the grain of noise.

        Returns:
            the same, changed.
        """
        if not self.probability:
            return image
        draws = uniform(numbers ^ _SALT, 6).to(image)
        blur, noise, coarse = (
            torch.where(draws[:, 2 * i] < self.probability, most * draws[:, 2 * i + 1], 0.0)
            for i, most in enumerate((_BLUR, _NOISE, _COARSE))
        )
        with torch.autocast(image.device.type, enabled=False):
            image = blurred(image, blur)
            image = image + noise.view(-1, 1, 1, 1) * torch.randn_like(image)
            return self.compressed(image.clamp(0, 255), coarse)

    def compressed(self, image: Tensor, coarse: Tensor) -> Tensor:
        """Quantise blocks of 8 x 8 pixels as JPEG does, each band by itself.

        Args:
            image: (N, B, H, W), 0 to 255; what is left of the last block stays as it is.
            coarse: (N,) what the table is multiplied by; 0 leaves an image as it is.
        """
        n, bands = image.shape[:2]
        height, width = (length // _BLOCK * _BLOCK for length in image.shape[-2:])
        blocks = image[:, :, :height, :width].reshape(n, bands, height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
        blocks = blocks.transpose(3, 4)
        step = (coarse.view(-1, 1, 1, 1, 1, 1) * self.table).clamp(min=1e-3)
        waves = self.cosines @ (blocks - 128) @ self.cosines.T
        back = self.cosines.T @ (torch.round(waves / step) * step) @ self.cosines + 128
        back = torch.where(coarse.view(-1, 1, 1, 1, 1, 1) > 0, back.clamp(0, 255), blocks)
        result = image.clone()
        result[:, :, :height, :width] = back.transpose(3, 4).reshape(n, bands, height, width)
        return result


def blurred(image: Tensor, spread: Tensor) -> Tensor:
    """Gaussian blur of each image (N, B, H, W) by its spread (N,) in pixels; 0 leaves it as it is."""
    n, bands, height, width = image.shape
    offsets = torch.arange(-_RADIUS, _RADIUS + 1, device=image.device, dtype=image.dtype)
    kernel = torch.exp(-(offsets**2) / (2 * spread.clamp(min=1e-2)[:, None] ** 2))
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(bands, 0)[:, None]  # (N * B, 1, size)
    planes = F.pad(image, (_RADIUS,) * 4, mode="replicate").reshape(1, n * bands, height + 2 * _RADIUS, -1)
    planes = F.conv2d(planes, kernel[:, :, :, None], groups=n * bands)
    planes = F.conv2d(planes, kernel[:, :, None, :], groups=n * bands)
    return planes.reshape(n, bands, height, width)


def _cosines() -> Tensor:
    """The orthonormal matrix (8, 8) of the discrete cosine transform, a wave a row."""
    place = torch.arange(_BLOCK, dtype=torch.float64)
    waves = torch.cos(math.pi / _BLOCK * (place[None] + 0.5) * place[:, None]) * (2 / _BLOCK) ** 0.5
    waves[0] /= 2**0.5
    return waves.float()
