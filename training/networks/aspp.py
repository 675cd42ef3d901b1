"""Atrous spatial pyramid pooling (ASPP), the context head of DeepLab and of ISDNet."""

from __future__ import annotations

from torch import Tensor, cat, nn

from training.networks.layers import ConvNormReLU, SeparableConvNormReLU, resize


class ASPP(nn.Module):
    """One 1x1 convolution, 3x3 convolutions of growing dilation, and the mean of the image, brought together.

    Args:
        outputs: channels of each branch and of the result.
        separable: take depthwise separable 3x3 convolutions, as DeepLabv3+ does.

    Reference: Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation" (2017), section 3.3.
    """

    def __init__(self, inputs: int, outputs: int, dilations: tuple[int, ...], separable: bool = False) -> None:
        super().__init__()
        self.image_pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), *ConvNormReLU(inputs, outputs, kernel=1))
        branches: list[nn.Module] = [ConvNormReLU(inputs, outputs, kernel=1)]
        for dilation in dilations:
            branches.append(
                SeparableConvNormReLU(inputs, outputs, dilation)
                if separable
                else ConvNormReLU(inputs, outputs, dilation=dilation)
            )
        self.branches = nn.ModuleList(branches)
        self.project = ConvNormReLU(outputs * (len(branches) + 1), outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) -> (N, outputs, h, w)."""
        pooled = resize(self.image_pool(x), (x.shape[-2], x.shape[-1]))
        return self.project(cat((pooled, *(branch(x) for branch in self.branches)), 1))
