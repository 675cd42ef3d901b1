"""Each stream of the dual-stream network alone, to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from training.networks.context import DAPPM
from training.networks.ensembler import HighReducer
from training.networks.heads import ConvHead, DeepHead, DetailHead
from training.networks.high_encoders import high_encoder
from training.networks.libraries import low_encoder
from training.networks.network import Network, replicate_to_multiple, size_of
from training.networks.settings import Settings

_LOW_CELL = 32  # raster pixels a cell of the low stream covers
_HIGH_CELL = 16  # raster pixels a cell of the high stream's coarsest map covers
_HIGH_CHANNELS = 64


@dataclass(frozen=True)
class LowPrediction:
    """Output of the low stream for images (N, B, H, W).

    Attributes:
        stage3: encoder features (N, F, H/32, W/32), for the auxiliary head.
        logits: (N, C, H/32, W/32), or at 1/16 of H and W at a low stride of 16.
        canvas: (height, width) of the padded images.
        size: (H, W).
    """

    stage3: Tensor
    logits: Tensor
    canvas: tuple[int, int]
    size: tuple[int, int]


@dataclass(frozen=True)
class HighPrediction:
    """Output of the high stream for images (N, B, H, W).

    Attributes:
        logits: (N, C, H/8, W/8).
        canvas: (height, width) of the padded images.
        size: (H, W).
    """

    logits: Tensor
    canvas: tuple[int, int]
    size: tuple[int, int]


class LowStream(Network):
    """ResNet-18 and DAPPM on the image at 1/4 scale, with the classifier that the dual-stream network trains."""

    takes_low_encoder: ClassVar[bool] = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        s = settings
        self.low_encoder, widths = low_encoder(s)
        self.dappm = DAPPM(widths[3], s.context, s.context)
        self.deep_head = DeepHead(s.context, s.classes)
        self.detail_head = DetailHead(widths[0], s.context, s.classes) if s.low_stride == 16 else None
        self.auxiliary_head = ConvHead(widths[2], 64, s.classes, dropout=0.1)

    def forward(self, image: Tensor, ratio: float = 1.0) -> LowPrediction:
        """See `Network`."""
        padded, small = self.both_scales(image, _LOW_CELL)
        stages = self.low_encoder(self.normalise(small))
        context = self.dappm(stages[3])
        logits = self.deep_head(context)
        if self.detail_head is not None:
            logits = self.detail_head(logits, context, stages[0])
        return LowPrediction(stages[2], logits, size_of(padded), size_of(image))


class HighStream(Network):
    """STDC stages 1 to 4 or EfficientNet-Lite0, reducers and segmentation head on the whole image at full scale."""

    smallest_batch: ClassVar[int] = 1

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        s = settings
        self.high_encoder, fine, coarse = high_encoder(s)
        self.high_reducer = HighReducer(fine, coarse, _HIGH_CHANNELS)
        self.segmentation_head = ConvHead(_HIGH_CHANNELS, 32, s.classes)

    def forward(self, image: Tensor, ratio: float = 1.0) -> HighPrediction:
        """See `Network`."""
        padded = replicate_to_multiple(image, _HIGH_CELL)
        logits = self.segmentation_head(self.high_reducer(*self.high_encoder(self.normalise(padded))))
        return HighPrediction(logits, size_of(padded), size_of(image))
