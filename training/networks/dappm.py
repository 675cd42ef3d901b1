"""Deep aggregation pyramid pooling (DAPPM), the context head of the low stream."""

from __future__ import annotations

from torch import Tensor, cat, nn

from training.networks.layers import NormReLUConv, resize

_POOLS = ((5, 2), (9, 4), (17, 8))  # kernel, stride of the three local poolings


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
