"""DeepLabv3+ on the low stream's encoder: the standard network that a user would otherwise choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, cat, nn

from training.networks.context import ASPP
from training.networks.heads import ConvHead
from training.networks.layers import ConvNormReLU, SeparableConvNormReLU, resize
from training.networks.network import Network, replicate_to_multiple, size_of
from training.networks.resnet import ResNet
from training.networks.settings import Settings

_CELL = 16  # pixels a cell of the coarsest map covers
_STRIDE = 4  # pixels for one value of the logits
_DILATIONS = (6, 12, 18)
_FINE_CHANNELS = 48


@dataclass(frozen=True)
class DeepLabPrediction:
    """Output of DeepLabv3+ for images (N, B, H, W).

    Attributes:
        logits: (N, C, H/4, W/4).
        canvas: (height, width) of the padded images.
        size: (H, W).
        stage3: encoder features (N, F, H/16, W/16), for the auxiliary head; None in evaluation mode.
    """

    logits: Tensor
    canvas: tuple[int, int]
    size: tuple[int, int]
    stage3: Tensor | None


class DeepLabV3Plus(Network):
    """ResNet-18 at output stride 16, separable ASPP, and a decoder that adds the features of stage 1.

    It runs at full scale. In evaluation, images larger than `settings.window` are processed in sliding windows, and
    logits are averaged where windows overlap; in training a crop is one window.

    Args:
        settings: see `Settings`; `context` is the number of channels of ASPP and decoder.

    Reference: Chen et al., "Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation"
        (ECCV 2018).
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        s = settings
        self.encoder = ResNet(s.bands, s.low_widths, 16, s.low_stem, s.low_depth)
        self.aspp = ASPP(s.low_channels[3], s.context, _DILATIONS, separable=True)
        self.fine_reducer = ConvNormReLU(s.low_channels[0], _FINE_CHANNELS, kernel=1)
        self.decoder = nn.Sequential(
            SeparableConvNormReLU(s.context + _FINE_CHANNELS, s.context), SeparableConvNormReLU(s.context, s.context)
        )
        self.classifier = nn.Sequential(nn.Dropout2d(0.1), nn.Conv2d(s.context, s.classes, 1))
        self.auxiliary_head = ConvHead(s.low_channels[2], 64, s.classes, dropout=0.1)

    def forward(self, image: Tensor, ratio: float = 1.0) -> DeepLabPrediction:
        """See `Network`."""
        padded = replicate_to_multiple(image, _CELL)
        canvas, size, s = size_of(padded), size_of(image), self.settings
        if self.training or max(canvas) <= s.window:
            logits, stage3 = self.see(padded)
            return DeepLabPrediction(logits, canvas, size, stage3 if self.training else None)
        logits = slide(lambda window: self.see(window)[0], s.classes, padded, s.window, s.window_overlap, _STRIDE)
        return DeepLabPrediction(logits, canvas, size, None)

    def see(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (N, C, H/4, W/4) and stage 3 (N, F, H/16, W/16) of images whose sides are multiples of 16."""
        fine, _, stage3, stage4 = self.encoder(self.normalise(image))
        context = resize(self.aspp(stage4), size_of(fine))
        return self.classifier(self.decoder(cat((context, self.fine_reducer(fine)), 1))), stage3


def window_starts(length: int, window: int, overlap: int) -> list[int]:
    """Where windows of `window` pixels begin along `length` pixels; the last one ends where the image ends.

    Worked example: 2448 px, windows of 1024 that share 256 px or more start at 0, 768 and 1424.
    """
    last = max(0, length - window)
    return [*range(0, last, window - overlap), last]


def slide(
    predict: Callable[[Tensor], Tensor], channels: int, image: Tensor, window: int, overlap: int, stride: int
) -> Tensor:
    """The mean of the maps that `predict` makes of overlapping windows of an image.

    One window at a time is in memory, beside one sum of the image's size: the number of windows costs only time.

    Args:
        predict: windows (N, B, h, w) -> maps (N, channels, h / stride, w / stride).
        image: (N, B, H, W); H and W are multiples of `stride`.
        window: side of a window, a multiple of `stride`; a smaller side of the image is one window.
        overlap: pixels that neighbours share at least, a multiple of `stride` below `window`.
        stride: pixels for one value of the maps.

    Returns:
        (N, channels, H / stride, W / stride).
    """
    height, width = image.shape[-2:]
    total = image.new_zeros(image.shape[0], channels, height // stride, width // stride)
    seen = image.new_zeros(1, 1, *total.shape[-2:])
    side = window // stride
    for row in window_starts(height, window, overlap):
        for col in window_starts(width, window, overlap):
            top, left = row // stride, col // stride
            place = (..., slice(top, top + side), slice(left, left + side))
            total[place] += predict(image[:, :, row : row + window, col : col + window])
            seen[place] += 1
    return total / seen
