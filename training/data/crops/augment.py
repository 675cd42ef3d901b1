"""Colour augmentation of a batch, on whatever device the batch is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

_SPREAD = 0.4  # largest relative change of brightness, contrast and saturation at strength 1
_CAST_SPREAD = 0.1  # the same for a single band
_HUE_SPREAD = 0.3  # radians by which colours turn around the grey axis at strength 1
_DARK = 3.0  # spreads below the mean where imagery with negative numbers is taken for dark; so it is in 8 bits
_FARTHEST = 8.0  # the most spreads that 0 may lie below the mean to be dark
_GOLDEN = 0x9E3779B97F4A7C15 - 2**64  # constants of SplitMix64, as signed numbers
_MIX = (0xBF58476D1CE4E5B9 - 2**64, 0x94D049BB133111EB - 2**64)
_GREY_AXIS = ((0.0, -1.0, 1.0), (1.0, 0.0, -1.0), (-1.0, 1.0, 0.0))  # cross product with it, times the root of 3
_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601: how much red, green and blue count in grey


@dataclass(frozen=True)
class NumberRange:
    """What numbers a raster may hold, and where its darkness lies.

    Attributes:
        lowest: no result is below.
        highest: no result is above.
        dark: per band, or one for all: the number that brightness and contrast leave where it is.
    """

    lowest: float = 0.0
    highest: float = 255.0
    dark: tuple[float, ...] = (0.0,)

    @classmethod
    def of(cls, data_type: str, mean: Sequence[float], std: Sequence[float]) -> NumberRange:
        """The range of a data type: of integers what they can hold, of floats everything.

        Dark is 0 as in 8-bit imagery, unless a band lies so far from it (temperatures, decibels) that a change of
        brightness would be many times its spread.

        Args:
            data_type: numpy name.
            mean: of each band.
            std: of each band.
        """
        kind = np.dtype(data_type)
        if kind == np.uint8:
            return cls()
        limits = (-math.inf, math.inf) if kind.kind == "f" else (np.iinfo(kind).min, np.iinfo(kind).max)
        pairs = zip(mean, std, strict=True)
        dark = tuple(m - _DARK * s if m < 0 else max(0.0, m - _FARTHEST * s) for m, s in pairs)
        return cls(float(limits[0]), float(limits[1]), dark)


class Photometric(nn.Module):
    """Random colour cast, brightness, contrast, and for red, green and blue saturation and hue; different per image.

    All five are linear in the bands, so they become one matrix an image and cost one pass over the pixels: jitter
    step by step, or through HSV, took a fifth of a training step on a CPU.

    Args:
        strength: 0 changes nothing, 1 is strong: factors vary by +-40 % of it, those of single bands by +-10 %,
            and hues turn by +-0.3 radians of it.
        probability: that an image is changed at all.
        numbers: the raster's own numbers; results stay inside.
        colours: places of red, green and blue among the bands; None: three bands are these, more are unknown. Further
            bands get a cast and a contrast of their own, and the three what they would get alone.
    """

    luma: Tensor
    dark: Tensor
    cross: Tensor

    def __init__(
        self,
        strength: float = 0.5,
        probability: float = 0.8,
        numbers: NumberRange | None = None,
        colours: tuple[int, int, int] | None = None,
    ) -> None:
        super().__init__()
        self.strength, self.probability, self.colours = strength, probability, colours
        self.numbers = numbers or NumberRange()
        self.register_buffer("dark", torch.tensor(self.numbers.dark).view(1, -1, 1, 1), persistent=False)
        self._from_zero = not any(self.numbers.dark)
        self.register_buffer("luma", torch.tensor(_LUMA), persistent=False)
        # Made once: a device stops for every small tensor that is made from numbers of the processor.
        self.register_buffer("cross", torch.tensor(_GREY_AXIS) / 3**0.5, persistent=False)

    @torch.no_grad()
    def forward(self, image: Tensor, numbers: Tensor | None = None) -> Tensor:
        """Change colours.

        Args:
            image: (N, B, H, W) in the raster's own numbers.
            numbers: (N,) int64, one random number per image, which determines its changes; None uses torch's
                generator.

        Returns:
            the same, changed.
        """
        if not self.strength:
            return image
        n, bands = image.shape[:2]
        count = bands + 5
        draws = torch.rand(n, count, device=image.device) if numbers is None else uniform(numbers, count).to(image)
        changed, draws = draws[:, 0] < self.probability, draws[:, 1:]

        def factors(spread: float, *shape: int) -> Tensor:
            nonlocal draws
            count = math.prod(shape)
            drawn = 1 + self.strength * spread * (2 * draws[:, :count].reshape(n, *shape) - 1)
            draws = draws[:, count:]
            return torch.where(changed.view(n, *([1] * len(shape))), drawn, torch.ones_like(drawn))

        coloured = bands == 3 or (self.colours is not None and bands > 3)
        brightness_and_cast = factors(_CAST_SPREAD, 3 if coloured else bands), factors(_SPREAD, 1)
        gain = brightness_and_cast[0] * brightness_and_cast[1]
        matrix, grey = torch.diag_embed(gain), image.new_full((bands,), 1 / bands)
        if coloured:
            grey, keep = self.luma.to(image), factors(_SPREAD, 1, 1)
            matrix = (keep * torch.eye(3, device=image.device) + (1 - keep) * grey.expand(3, 3)) @ matrix
            matrix = _turn(factors(_HUE_SPREAD) - 1, self.cross) @ matrix
        contrast = factors(_SPREAD, 1, 1)
        if coloured and bands > 3:
            others = factors(_CAST_SPREAD, bands - 3) * brightness_and_cast[1]
            matrix, grey = self._among_others(matrix, others, grey)
        above = image if self._from_zero else image - self.dark
        mean = (matrix @ above.mean((2, 3))[:, :, None]).transpose(1, 2) @ grey  # (N, 1), or (N, 1, B): a grey a band
        offset = (1 - contrast) * (mean[:, :, None] if mean.ndim == 2 else mean.transpose(1, 2)) + self.dark[:, :, 0]
        pixels = above.flatten(2)
        with torch.autocast(image.device.type, enabled=False):  # half precision would round the pixels
            mixed = torch.baddbmm(offset.expand(n, bands, 1), contrast * matrix, pixels)
        return mixed.clamp_(self.numbers.lowest, self.numbers.highest).view_as(image)

    def _among_others(self, matrix: Tensor, gain: Tensor, luma: Tensor) -> tuple[Tensor, Tensor]:
        """What changes red, green and blue (N, 3, 3), and other bands (N, B - 3), as (N, B, B); the grey of each band.

        That of other bands is their own mean, as their numbers may mean anything; greys are the columns of (B, B).
        """
        bands = 3 + gain.shape[1]
        colours = torch.tensor(self.colours or (0, 1, 2), device=gain.device)
        others = torch.tensor([b for b in range(bands) if b not in (self.colours or (0, 1, 2))], device=gain.device)
        whole, grey = matrix.new_zeros(len(matrix), bands, bands), matrix.new_zeros(bands, bands)
        whole[:, colours[:, None], colours], whole[:, others, others] = matrix, gain
        grey[colours[:, None], colours], grey[others, others] = luma[:, None].expand(3, 3), 1.0
        return whole, grey


def colour_places(bands: Sequence[str], by_place: bool) -> tuple[int, int, int] | None:
    """Places of red, green and blue among bands.

    Args:
        bands: What they are; empty where it is not known.
        by_place: Whether the first three are these where no name tells: weights for them take them so.
    """
    if {"red", "green", "blue"} <= set(bands):
        return bands.index("red"), bands.index("green"), bands.index("blue")
    return (0, 1, 2) if by_place and not bands else None


def uniform(numbers: Tensor, count: int) -> Tensor:
    """Numbers (N,) int64 -> (N, count) in [0, 1), each row a function of its number alone, on the numbers' device.

    A generator on the device would have to be seeded for each image, and wait for the device each time.

    Reference: the finaliser of SplitMix64 (Steele et al., "Fast splittable pseudorandom number generators", OOPSLA
        2014).
    """
    state = numbers[:, None] + (1 + torch.arange(count, device=numbers.device)) * _GOLDEN
    for shift, factor in ((30, _MIX[0]), (27, _MIX[1]), (31, 1)):
        state = (state ^ ((state >> shift) & ((1 << (64 - shift)) - 1))) * factor  # the mask makes the shift unsigned
    return ((state >> 40) & 0xFFFFFF).float() / (1 << 24)


def _turn(angle: Tensor, cross: Tensor) -> Tensor:
    """Rotations (N, 3, 3) of colours around the grey axis by angles (N,) in radians (Rodrigues' formula)."""
    cross = cross.to(angle)
    sine, cosine = angle.sin()[:, None, None], angle.cos()[:, None, None]
    return torch.eye(3, device=angle.device) + sine * cross + (1 - cosine) * (cross @ cross)
