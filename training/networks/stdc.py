"""STDC1, stages 1 to 4: the encoder of the high stream."""

from __future__ import annotations

from torch import Tensor, cat, nn

from training.networks.layers import ConvNormReLU


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
