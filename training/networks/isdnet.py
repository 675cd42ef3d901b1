"""ISDNet, the published ancestor of the dual-stream network: both streams see the whole image."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, cat, nn

from training.networks.aspp import ASPP
from training.networks.heads import ConvHead, DeepHead
from training.networks.laplacian import residuals
from training.networks.layers import ConvNormReLU, resize
from training.networks.network import Network, size_of
from training.networks.relation_fusion import RelationAwareFusion
from training.networks.resnet import ResNet18V1c
from training.networks.settings import Settings
from training.networks.stdc import STDC

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
        self.low_encoder = ResNet18V1c(s.bands, s.low_widths)
        self.aspp = ASPP(s.low_widths[3], s.context, _DILATIONS)
        self.deep_head = DeepHead(s.context, s.classes)
        self.auxiliary_head = ConvHead(s.low_widths[2], 64, s.classes, dropout=0.1)
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
