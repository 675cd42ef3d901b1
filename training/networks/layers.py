"""The convolution units that every part is built from."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class ConvNormReLU(nn.Sequential):
    """Convolution without bias, batch normalisation, ReLU; "same" padding for odd kernels."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, dilation: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2 * dilation, dilation, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class SeparableConvNormReLU(nn.Sequential):
    """A 3x3 convolution of each channel alone and a 1x1 convolution across them, each with normalisation and ReLU.

    Args:
        dilation: dilation of the 3x3 convolution.

    Reference: Chen et al., "Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation"
        (ECCV 2018), section 3.1.
    """

    def __init__(self, inputs: int, outputs: int, dilation: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, inputs, 3, padding=dilation, dilation=dilation, groups=inputs, bias=False),
            nn.BatchNorm2d(inputs),
            nn.ReLU(inplace=True),
            *ConvNormReLU(inputs, outputs, kernel=1),
        )


class NormReLUConv(nn.Sequential):
    """Batch normalisation, ReLU, convolution without bias: the pre-activation unit of DAPPM."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__(
            nn.BatchNorm2d(inputs),
            nn.ReLU(),
            nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False),
        )


def resize(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Bilinear resize of (N, C, H, W) to `size` = (height, width), pixel centres aligned, no antialiasing."""
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False)
