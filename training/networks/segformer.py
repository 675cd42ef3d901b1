"""SegFormer-B0, a light transformer of today to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor, cat, nn

from training.networks.deeplab import slide
from training.networks.layers import ConvNormReLU, resize
from training.networks.network import Network, replicate_to_multiple, size_of
from training.networks.settings import Settings

_CELL = 32  # pixels a cell of the coarsest map covers
_STRIDE = 4  # pixels for one value of the logits
_EPS = 1e-6
# Of each stage of B0: channels, heads, how many times coarser keys and values are along an axis; two blocks each.
_STAGES = ((32, 1, 8), (64, 2, 4), (160, 5, 2), (256, 8, 1))
_BLOCKS = 2
_EXPANSION = 4


@dataclass(frozen=True)
class SegFormerPrediction:
    """Output of SegFormer for images (N, B, H, W).

    Attributes:
        logits: (N, C, H/4, W/4).
        canvas: (height, width) of the padded images.
        size: (H, W).
    """

    logits: Tensor
    canvas: tuple[int, int]
    size: tuple[int, int]


class Attention(nn.Module):
    """Self-attention whose keys and values stand on a coarser grid.

    Args:
        heads: a divisor of `width`.
        reduction: pixels of the grid, along an axis, that share a key.

    Reference: the paper's efficient self-attention, section 3.1, equations 1 and 2.
    """

    def __init__(self, width: int, heads: int, reduction: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key_value, self.out = (nn.Linear(width, n * width) for n in (1, 2, 1))
        self.reduce: nn.Module | None = None
        if reduction > 1:
            self.reduce = nn.Conv2d(width, width, reduction, reduction)
            self.norm = nn.LayerNorm(width, _EPS)

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        """(N, h * w, width) -> (N, h * w, width); `size` is (h, w)."""
        seen = x
        if self.reduce is not None:
            seen = self.norm(as_tokens(self.reduce(as_map(x, size))))
        key, value = self.key_value(seen).chunk(2, -1)
        query, key, value = (self.of_heads(y) for y in (self.query(x), key, value))
        attended = F.scaled_dot_product_attention(query, key, value)
        told: Tensor = self.out(attended.transpose(1, 2).flatten(2))
        return told

    def of_heads(self, x: Tensor) -> Tensor:
        """(N, T, width) -> (N, heads, T, width / heads)."""
        return x.reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)


class MixBlock(nn.Module):
    """Attention, then two layers with a 3x3 convolution of each channel between them, which tells tokens their place.

    Reference: the paper's Mix-FFN, section 3.1, equation 3.
    """

    def __init__(self, width: int, heads: int, reduction: int) -> None:
        super().__init__()
        wide = _EXPANSION * width
        self.norm1, self.norm2 = nn.LayerNorm(width, _EPS), nn.LayerNorm(width, _EPS)
        self.attention = Attention(width, heads, reduction)
        self.widen, self.narrow = nn.Linear(width, wide), nn.Linear(wide, width)
        self.place = nn.Conv2d(wide, wide, 3, padding=1, groups=wide)

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        """(N, h * w, width) -> (N, h * w, width)."""
        x = x + self.attention(self.norm1(x), size)
        wide = as_tokens(self.place(as_map(self.widen(self.norm2(x)), size)))
        told: Tensor = self.narrow(F.gelu(wide))
        return x + told


class MixStage(nn.Module):
    """Overlapping patches become tokens, and blocks change them.

    Args:
        kernel: side of a patch in pixels of the stage's input.
        stride: from one patch to the next.
    """

    def __init__(self, inputs: int, width: int, heads: int, reduction: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.embed = nn.Conv2d(inputs, width, kernel, stride, kernel // 2)
        self.norm1, self.norm2 = nn.LayerNorm(width, _EPS), nn.LayerNorm(width, _EPS)
        self.blocks = nn.ModuleList(MixBlock(width, heads, reduction) for _ in range(_BLOCKS))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, width, H/stride, W/stride)."""
        embedded = self.embed(x)
        size = size_of(embedded)
        tokens = self.norm1(as_tokens(embedded))
        for block in self.blocks:
            tokens = block(tokens, size)
        return as_map(self.norm2(tokens), size)


class SegFormer(Network):
    """Mix transformer B0 and the decoder of 1x1 convolutions; without dropout and stochastic depth.

    It runs at full scale, like DeepLabv3+: larger images than `settings.window` in sliding windows.

    Args:
        settings: see `Settings`; `context` is the number of channels of the decoder, 256 in the paper.

    Reference: Xie et al., "SegFormer: Simple and Efficient Design for Semantic Segmentation with Transformers"
        (NeurIPS 2021); table 6 for B0.
    """

    smallest_batch: ClassVar[int] = 1

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        stages, inputs = [], settings.bands
        for number, (width, heads, reduction) in enumerate(_STAGES):
            kernel, stride = (3, 2) if number else (7, _STRIDE)
            stages.append(MixStage(inputs, width, heads, reduction, kernel, stride))
            inputs = width
        self.stages = nn.ModuleList(stages)
        self.projections = nn.ModuleList(nn.Conv2d(width, settings.context, 1) for width, _, _ in _STAGES)
        self.fuse = ConvNormReLU(settings.context * len(_STAGES), settings.context, kernel=1)
        self.classifier = nn.Sequential(nn.Dropout2d(0.1), nn.Conv2d(settings.context, settings.classes, 1))
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)

    def forward(self, image: Tensor, ratio: float = 1.0) -> SegFormerPrediction:
        """See `Network`."""
        padded = replicate_to_multiple(image, _CELL)
        canvas, size, s = size_of(padded), size_of(image), self.settings
        if self.training or max(canvas) <= s.window:
            return SegFormerPrediction(self.see(padded), canvas, size)
        logits = slide(self.see, s.classes, padded, s.window, s.window_overlap, _STRIDE)
        return SegFormerPrediction(logits, canvas, size)

    def see(self, image: Tensor) -> Tensor:
        """Logits (N, C, H/4, W/4) of images whose sides are multiples of 32."""
        maps, x = [], self.normalise(image)
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        size = size_of(maps[0])
        projected = [resize(project(x), size) for project, x in zip(self.projections, maps, strict=True)]
        told: Tensor = self.classifier(self.fuse(cat(projected[::-1], 1)))
        return told


def as_tokens(x: Tensor) -> Tensor:
    """(N, F, h, w) -> (N, h * w, F)."""
    return x.flatten(2).transpose(1, 2)


def as_map(x: Tensor, size: tuple[int, int]) -> Tensor:
    """(N, h * w, F) -> (N, F, h, w)."""
    return x.transpose(1, 2).reshape(x.shape[0], x.shape[2], *size)
