"""ResNet-18 and ResNet-50, encoders of the low stream, with the published deep stem or their own."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from training.networks.layers import ConvNormReLU

Stem = Literal["deep", "7x7"]
Depth = Literal[18, 50]


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut; only the first convolution is strided or dilated.

    Args:
        stride: stride of the first convolution and of the shortcut.
        project: put a 1x1 convolution on the shortcut.
    """

    expansion = 1

    def __init__(self, inputs: int, outputs: int, stride: int, dilation: int, project: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut: nn.Module = nn.Identity()
        if project:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H/stride, W/stride)."""
        y = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class Bottleneck(nn.Module):
    """A 3x3 convolution between two of 1x1, of which the last is four times as wide, and a shortcut.

    Args:
        outputs: channels of the 3x3 convolution; the block has four times as many.
        stride: stride of the 3x3 convolution and of the shortcut.
        dilation: dilation of the 3x3 convolution.
        project: put a 1x1 convolution on the shortcut.
    """

    expansion = 4

    def __init__(self, inputs: int, outputs: int, stride: int, dilation: int, project: bool) -> None:
        super().__init__()
        wide = self.expansion * outputs
        self.conv1 = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, stride, dilation, dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv3 = nn.Conv2d(outputs, wide, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(wide)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut: nn.Module = nn.Identity()
        if project:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, wide, 1, stride, bias=False), nn.BatchNorm2d(wide))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, 4 * outputs, H/stride, W/stride)."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        return self.relu(self.bn3(self.conv3(y)) + self.shortcut(x))


_BLOCKS: dict[int, tuple[type[BasicBlock] | type[Bottleneck], tuple[int, int, int, int]]] = {
    18: (BasicBlock, (2, 2, 2, 2)),
    50: (Bottleneck, (3, 4, 6, 3)),
}


class ResNet(nn.Module):
    """ResNet-18 or ResNet-50 with dilated last stages.

    Of its own input the stages have stride 4, 8, 8, 8; with an input at 1/4 scale that is 16, 32, 32, 32
    raster pixels. Dilations contract at the first block of a stage: 1, 2 in stage 3 and 2, 4 in stage 4.
    With an output stride of 16 they are 4, 8, 16, 16, and only stage 4 is dilated: 1, 2.

    Args:
        widths: channels of the 3x3 convolutions of the four stages; the published network has (64, 128, 256, 512).
            The stages of ResNet-50 put out four times as many, see `Settings.low_channels`.
        output_stride: 8 or 16.
        stem: "deep" is three 3x3 convolutions (V1c, published), "7x7" one convolution, for which weights of ImageNet
            are to be had.
        depth: 18 or 50.

    Reference: He et al., "Deep Residual Learning for Image Recognition" (CVPR 2016); the deep stem: He et al., "Bag of
        Tricks for Image Classification with CNNs" (2019), ResNet-C.
    """

    def __init__(
        self,
        bands: int = 3,
        widths: tuple[int, int, int, int] = (64, 128, 256, 512),
        output_stride: Literal[8, 16] = 8,
        stem: Stem = "deep",
        depth: Depth = 18,
    ) -> None:
        super().__init__()
        half = widths[0] // 2
        self.stem = (
            nn.Sequential(ConvNormReLU(bands, half, stride=2), ConvNormReLU(half, half), ConvNormReLU(half, widths[0]))
            if stem == "deep"
            else nn.Sequential(ConvNormReLU(bands, widths[0], kernel=7, stride=2))
        )
        self.pool = nn.MaxPool2d(3, 2, 1)
        block, (one, two, three, four) = _BLOCKS[depth]
        third, fourth = ((1, 2), (2, 4)) if output_stride == 8 else ((1, 1), (1, 2))
        w1, w2, w3 = (block.expansion * width for width in widths[:3])
        self.stage1 = self._stage(block, one, widths[0], widths[0], 1, (1, 1), project=depth == 50)
        self.stage2 = self._stage(block, two, w1, widths[1], 2, (1, 1))
        self.stage3 = self._stage(block, three, w2, widths[2], output_stride // 8, third)
        self.stage4 = self._stage(block, four, w3, widths[3], 1, fourth)

    @staticmethod
    def _stage(
        block: type[BasicBlock] | type[Bottleneck],
        blocks: int,
        inputs: int,
        width: int,
        stride: int,
        dilations: tuple[int, int],
        project: bool = True,
    ) -> nn.Sequential:
        """`blocks` blocks; the first one has the stride, the first dilation and the shortcut."""
        first = block(inputs, width, stride, dilations[0], project)
        wide = block.expansion * width
        return nn.Sequential(first, *(block(wide, width, 1, dilations[1], False) for _ in range(blocks - 1)))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Features of the four stages of a normalised image (N, B, h, w), from fine to coarse."""
        f1 = self.stage1(self.pool(self.stem(image)))
        f2 = self.stage2(f1)
        f3 = self.stage3(f2)
        return f1, f2, f3, self.stage4(f3)
