"""ISDNet, the published ancestor of the dual-stream network: both streams see the whole image."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, cat, nn

from training.networks.context import ASPP
from training.networks.heads import ConvHead, DeepHead
from training.networks.high_encoders import STDC
from training.networks.layers import ConvNormReLU, resize
from training.networks.network import Network, size_of
from training.networks.resnet import ResNet
from training.networks.settings import Settings

_CELL = 32  # raster pixels a cell of the low stream covers
_DILATIONS = (12, 24, 36)


@dataclass(frozen=True)
class TrainingMaps:
    """What the losses of ISDNet need; strides in raster pixels.

    Attributes:
        stage3: encoder features of the low stream (N, F, H/32, W/32).
        deep: context features (N, F, H/32, W/32).
        deep_logits: (N, C, H/32, W/32).
        context16: context features in the first fusion (N, F, H/16, W/16).
        context8: context features in the second fusion (N, F, H/8, W/8).
        detail: sum of both residuals (N, B, H, W), which the super-resolution decoder has to find.
    """

    stage3: Tensor
    deep: Tensor
    deep_logits: Tensor
    context16: Tensor
    context8: Tensor
    detail: Tensor


@dataclass(frozen=True)
class ISDPrediction:
    """Output of ISDNet for images (N, B, H, W).

    Attributes:
        logits: (N, C, H/8, W/8).
        canvas: (height, width) of the padded images.
        size: (H, W).
        maps: for the losses; None in evaluation mode.
    """

    logits: Tensor
    canvas: tuple[int, int]
    size: tuple[int, int]
    maps: TrainingMaps | None


class SuperResolution(nn.Module):
    """Draws the image's fine detail from the context features; it is there in training only, to teach them detail."""

    def __init__(self, channels: int, bands: int) -> None:
        super().__init__()
        half = channels // 2
        self.features = nn.Sequential(
            nn.Upsample(scale_factor=4),
            ConvNormReLU(channels, half),
            nn.Upsample(scale_factor=2),
            ConvNormReLU(half, half),
            nn.Upsample(scale_factor=2),
            ConvNormReLU(half, channels),
        )
        self.detail = ConvHead(channels, half, bands)

    def forward(self, deep: Tensor) -> tuple[Tensor, Tensor]:
        """(N, channels, h, w) -> features (N, channels, 16h, 16w) and detail (N, bands, 16h, 16w)."""
        features = self.features(deep)
        return features, self.detail(features)


class ISDNet(Network):
    """ResNet-18 + ASPP on the image at 1/4 scale, STDC on its Laplacian residuals at full scale, fused twice.

    Args:
        settings: see `Settings`; `context` is the number of channels of ASPP and of both fusions.

    Reference: Guo et al., "ISDNet: Integrating Shallow and Deep Networks for Efficient Ultra-high Resolution
        Segmentation" (CVPR 2022).
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        s = settings
        half = s.context // 2
        self.low_encoder = ResNet(s.bands, s.low_widths, stem=s.low_stem, depth=s.low_depth)
        self.aspp = ASPP(s.low_channels[3], s.context, _DILATIONS)
        self.deep_head = DeepHead(s.context, s.classes)
        self.auxiliary_head = ConvHead(s.low_channels[2], 64, s.classes, dropout=0.1)
        self.high_encoder = STDC(2 * s.bands, s.high_widths)
        self.fuse16 = RelationAwareFusion(s.high_widths[3], s.context)
        self.fuse8 = RelationAwareFusion(s.high_widths[2], s.context)
        self.context_head16 = ConvHead(s.context, half, s.classes)
        self.context_head8 = ConvHead(s.context, half, s.classes)
        self.super_resolution = SuperResolution(s.context, s.bands)
        self.dropout = nn.Dropout2d(0.1)
        self.segmentation_head = ConvHead(s.context, half, s.classes)

    def forward(self, image: Tensor, ratio: float = 1.0) -> ISDPrediction:
        """See `Network`."""
        padded, small = self.both_scales(image, _CELL)
        stages = self.low_encoder(self.normalise(small))
        deep = self.aspp(stages[3])
        (fine, coarse), _ = residuals(self.normalise(padded), 2)
        coarse = resize(coarse, size_of(fine))
        f8, f16 = self.high_encoder(cat((fine, coarse), 1))
        context16, fused16 = self.fuse16(f16, deep)
        context8, fused8 = self.fuse8(f8, fused16)
        logits = self.segmentation_head(self.dropout(fused8))
        maps = None
        if self.training:
            maps = TrainingMaps(stages[2], deep, self.deep_head(deep), context16, context8, fine + coarse)
        return ISDPrediction(logits, size_of(padded), size_of(image), maps)


_BINOMIAL = (1.0, 4.0, 6.0, 4.0, 1.0)


def blur(image: Tensor) -> Tensor:
    """(N, B, H, W) smoothed by the 5x5 binomial kernel, mirrored at the borders; H and W are at least 3."""
    row = image.new_tensor(_BINOMIAL) / sum(_BINOMIAL)
    bands = int(image.shape[1])  # a number in exported graphs too
    kernel = torch.outer(row, row).expand(bands, 1, 5, 5)
    return F.conv2d(F.pad(image, (2, 2, 2, 2), mode="reflect"), kernel, groups=bands)


def halve(image: Tensor) -> Tensor:
    """(N, B, H, W) -> (N, B, H/2, W/2): every second row and column of the smoothed image."""
    return blur(image)[:, :, ::2, ::2]


def double(image: Tensor) -> Tensor:
    """(N, B, h, w) -> (N, B, 2h, 2w): zeros between the pixels, smoothed; the factor makes up for the zeros."""
    spread = image.new_zeros(*image.shape[:2], 2 * image.shape[2], 2 * image.shape[3])
    spread[:, :, ::2, ::2] = image
    return 4 * blur(spread)


def residuals(image: Tensor, levels: int) -> tuple[list[Tensor], Tensor]:
    """What `double` cannot bring back, level by level, and what is left at the end.

    `image` is residual 0 + double(residual 1 + double(... the rest)).

    Args:
        image: (N, B, H, W) float; H and W are multiples of 2 ** levels, at least 3 at the last level.
        levels: how often to halve.

    Returns:
        residuals (N, B, H / 2 ** i, W / 2 ** i), and the rest (N, B, H / 2 ** levels, W / 2 ** levels).

    Reference: Burt and Adelson, "The Laplacian Pyramid as a Compact Image Code" (1983).
    """
    found = []
    with torch.autocast(image.device.type, enabled=False):  # small differences of large numbers: not in half precision
        rest = image.float()
        for _ in range(levels):
            small = halve(rest)
            found.append(rest - double(small))
            rest = small
    return found, rest


_GROUPS = 16


class ChannelWeights(nn.Module):
    """Features of one stream and the mean of each of their channels, once more mixed."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.features = ConvNormReLU(inputs, outputs)
        self.mix = nn.Sequential(nn.Conv2d(outputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, inputs, h, w) -> features (N, outputs, h, w), weights before their sigmoid (N, outputs)."""
        features = self.features(x)
        return features, self.mix(features.mean((2, 3), keepdim=True)).flatten(1)


class RelationAwareFusion(nn.Module):
    """Fuses a fine map of one stream with a coarser map of the other.

    The channel weights of both streams, cut into groups, are multiplied with each other; a small network for each
    stream turns the products into corrections of its weights, scaled by a number that starts at zero.

    Args:
        fine: channels of the fine map.
        channels: channels of the coarse map and of the result.

    Reference: Guo et al., "ISDNet: Integrating Shallow and Deep Networks for Efficient Ultra-high Resolution
        Segmentation" (CVPR 2022).
    """

    def __init__(self, fine: int, channels: int) -> None:
        super().__init__()
        self.groups = math.gcd(_GROUPS, channels)
        self.fine_weights = ChannelWeights(fine, channels)
        self.coarse_weights = ChannelWeights(channels, channels)
        self.fine_relation = self._relation(self.groups**2, channels)
        self.coarse_relation = self._relation(self.groups**2, channels)
        self.fine_gain = nn.Parameter(torch.zeros(1))
        self.coarse_gain = nn.Parameter(torch.zeros(1))
        self.coarse_conv = ConvNormReLU(channels, channels)
        self.smooth = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))

    @staticmethod
    def _relation(inputs: int, channels: int) -> nn.Sequential:
        return nn.Sequential(nn.Linear(inputs, channels), nn.ReLU(), nn.Linear(channels, channels), nn.ReLU())

    def forward(self, fine: Tensor, coarse: Tensor) -> tuple[Tensor, Tensor]:
        """(N, fine, 2h, 2w), (N, channels, h, w) -> the weighted coarse map and the fused map (N, channels, 2h, 2w)."""
        fine, fine_weight = self.fine_weights(fine)
        coarse, coarse_weight = self.coarse_weights(coarse)
        relation = self.relation(fine_weight, coarse_weight)
        fine_weight = (fine_weight + self.fine_gain * self.fine_relation(relation)).sigmoid()
        coarse_weight = (coarse_weight + self.coarse_gain * self.coarse_relation(relation)).sigmoid()
        fine = fine * fine_weight[:, :, None, None]
        coarse = resize(coarse * coarse_weight[:, :, None, None], (fine.shape[-2], fine.shape[-1]))
        coarse = self.coarse_conv(coarse)
        return coarse, self.smooth(fine + coarse)

    def relation(self, fine_weight: Tensor, coarse_weight: Tensor) -> Tensor:
        """Products of the groups of both streams' weights: (N, channels) twice -> (N, groups ** 2)."""
        shape = (len(fine_weight), self.groups, -1)
        return (fine_weight.reshape(shape) @ coarse_weight.reshape(shape).transpose(1, 2)).flatten(1)
