"""EfficientNet-Lite0 to a stride of 16: an encoder of the high stream for which weights of ImageNet are to be had."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

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
