"""Context heads: atrous spatial pyramid pooling (ASPP) of DeepLab and ISDNet, DAPPM of the low stream."""

from __future__ import annotations

from torch import Tensor, cat, nn

from training.networks.layers import ConvNormReLU, NormReLUConv, SeparableConvNormReLU, resize

_POOLS = ((5, 2), (9, 4), (17, 8))  # kernel, stride of the three local poolings of DAPPM


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


class DAPPM(nn.Module):
    """Pools at five scales and adds them up from fine to coarse.

    Args:
        branch: channels of each of the five branches.

    Reference: Hong et al., "Deep Dual-Resolution Networks for Real-Time and Accurate Semantic
        Segmentation of Road Scenes" (2021), section III-C.
    """

    def __init__(self, inputs: int = 512, branch: int = 128, outputs: int = 128) -> None:
        super().__init__()
        self.scale0 = NormReLUConv(inputs, branch, 1)
        pools: list[nn.Module] = [nn.AvgPool2d(kernel, stride, stride) for kernel, stride in _POOLS]
        pools.append(nn.AdaptiveAvgPool2d(1))
        self.pools = nn.ModuleList(pools)
        self.scales = nn.ModuleList(NormReLUConv(inputs, branch, 1) for _ in pools)
        self.processes = nn.ModuleList(NormReLUConv(branch, branch, 3) for _ in pools)
        self.compression = NormReLUConv(branch * (len(pools) + 1), outputs, 1)
        self.shortcut = NormReLUConv(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) -> (N, outputs, h, w)."""
        size = (x.shape[-2], x.shape[-1])
        branches = [self.scale0(x)]
        for pool, scale, process in zip(self.pools, self.scales, self.processes, strict=True):
            branches.append(process(resize(scale(pool(x)), size) + branches[-1]))
        return self.compression(cat(branches, 1)) + self.shortcut(x)
