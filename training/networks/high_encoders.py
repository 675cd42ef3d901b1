"""Encoders of the high stream: STDC1 as published, EfficientNet-Lite0 for which weights of ImageNet are to be had."""

from __future__ import annotations

from typing import Union

import torch.nn.functional as F
from torch import Tensor, cat, nn

from training.networks.layers import ConvNormReLU
from training.networks.settings import Settings


class CatBottleneck(nn.Module):
    """Four convolutions of shrinking width whose outputs are concatenated.

    Args:
        outputs: output channels, a multiple of 8.
        stride: 1 or 2.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        half = outputs // 2
        self.conv1 = ConvNormReLU(inputs, half, kernel=1)
        self.down: nn.Module = nn.Identity()
        self.skip: nn.Module = nn.Identity()
        if stride == 2:
            self.down = nn.Sequential(nn.Conv2d(half, half, 3, 2, 1, groups=half, bias=False), nn.BatchNorm2d(half))
            self.skip = nn.AvgPool2d(3, 2, 1)
        self.conv2 = ConvNormReLU(half, outputs // 4)
        self.conv3 = ConvNormReLU(outputs // 4, outputs // 8)
        self.conv4 = ConvNormReLU(outputs // 8, outputs // 8)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H/stride, W/stride)."""
        y1 = self.conv1(x)
        y2 = self.conv2(self.down(y1))
        y3 = self.conv3(y2)
        return cat((self.skip(y1), y2, y3, self.conv4(y3)), 1)


class STDC(nn.Module):
    """STDC1 without its fifth stage.

    Args:
        widths: channels at strides 2, 4, 8, 16; the published network has (32, 64, 256, 512).

    Reference: Fan et al., "Rethinking BiSeNet For Real-time Semantic Segmentation" (CVPR 2021), table 2.
    """

    def __init__(self, bands: int = 3, widths: tuple[int, int, int, int] = (32, 64, 256, 512)) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            ConvNormReLU(bands, widths[0], stride=2), ConvNormReLU(widths[0], widths[1], stride=2)
        )
        self.stage3 = nn.Sequential(CatBottleneck(widths[1], widths[2], 2), CatBottleneck(widths[2], widths[2], 1))
        self.stage4 = nn.Sequential(CatBottleneck(widths[2], widths[3], 2), CatBottleneck(widths[3], widths[3], 1))

    def forward(self, patches: Tensor) -> tuple[Tensor, Tensor]:
        """Features at strides 8 and 16 of normalised patches (N, B, p, p)."""
        f8 = self.stage3(self.stem(patches))
        return f8, self.stage4(f8)


# Of each block to stride 16: kernel, stride, expansion, outputs.
_BLOCKS = (
    (3, 1, 1, 16),
    (3, 2, 6, 24),
    (3, 1, 6, 24),
    (5, 2, 6, 40),
    (5, 1, 6, 40),
    (3, 2, 6, 80),
    (3, 1, 6, 80),
    (3, 1, 6, 80),
    (5, 1, 6, 112),
    (5, 1, 6, 112),
    (5, 1, 6, 112),
)
_TO_STRIDE_8 = 5  # blocks
_STEM = 32
_EPS = 1e-3


class SameConv(nn.Conv2d):
    """Convolution without bias that pads as TensorFlow's SAME does: a stride of 2 pads below and to the right more."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        even = kernel // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, kernel, stride, even, groups=groups, bias=False)
        before = (kernel - stride) // 2
        self.around = (before, kernel - stride - before) if stride > 1 else (0, 0)

    def forward(self, input: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H/stride, W/stride); H and W are multiples of the stride."""
        first, last = self.around
        padded = F.pad(input, (first, last, first, last)) if last else input
        return super().forward(padded)


class InvertedResidual(nn.Module):
    """Expansion, depthwise convolution, linear projection, and a shortcut where the shape stays.

    Reference: Sandler et al., "MobileNetV2" (CVPR 2018), section 3.3.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        units: list[nn.Module] = []
        if expansion > 1:
            units += [SameConv(inputs, wide, 1), nn.BatchNorm2d(wide, _EPS), nn.ReLU6(inplace=True)]
        units += [SameConv(wide, wide, kernel, stride, wide), nn.BatchNorm2d(wide, _EPS), nn.ReLU6(inplace=True)]
        self.units = nn.Sequential(*units, SameConv(wide, outputs, 1), nn.BatchNorm2d(outputs, _EPS))
        self.has_shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H/stride, W/stride)."""
        y: Tensor = self.units(x)
        return x + y if self.has_shortcut else y


class EfficientNetLite0(nn.Module):
    """The stem and the first eleven blocks.

    Attributes:
        widths: channels at strides 8 and 16.

    Reference: Tan and Le, "EfficientNet" (ICML 2019); Lite: without squeeze and excitation, ReLU6 in place of SiLU.
    """

    widths = (40, 112)

    def __init__(self, bands: int = 3) -> None:
        super().__init__()
        self.stem = nn.Sequential(SameConv(bands, _STEM, 3, 2), nn.BatchNorm2d(_STEM, _EPS), nn.ReLU6(inplace=True))
        blocks, inputs = [], _STEM
        for kernel, stride, expansion, outputs in _BLOCKS:
            blocks.append(InvertedResidual(inputs, outputs, kernel, stride, expansion))
            inputs = outputs
        self.blocks8, self.blocks16 = nn.Sequential(*blocks[:_TO_STRIDE_8]), nn.Sequential(*blocks[_TO_STRIDE_8:])

    def forward(self, patches: Tensor) -> tuple[Tensor, Tensor]:
        """Features at strides 8 and 16 of normalised patches (N, B, p, p)."""
        f8 = self.blocks8(self.stem(patches))
        return f8, self.blocks16(f8)


HighEncoder = Union[STDC, EfficientNetLite0]


def high_encoder(settings: Settings) -> tuple[HighEncoder, int, int]:
    """The encoder that the settings name, and its channels at strides 8 and 16."""
    if settings.high_encoder == "efficientnet_lite0":
        return EfficientNetLite0(settings.bands), *EfficientNetLite0.widths
    return STDC(settings.bands, settings.high_widths), *settings.high_widths[2:]
