"""Classifiers on top of the streams."""

from __future__ import annotations

from torch import Tensor, nn

from training.networks.layers import ConvNormReLU


class DeepHead(nn.Sequential):
    """Dropout and a 1x1 classifier on the low stream's context features.

    Args:
        inputs: input channels.
        classes: output channels.
    """

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__(nn.Dropout2d(0.1), nn.Conv2d(inputs, classes, 1))
        nn.init.normal_(self[1].weight, 0.0, 0.01)
        nn.init.zeros_(self[1].bias)


class ConvHead(nn.Sequential):
    """3x3 convolution, optional dropout, 1x1 classifier: the segmentation head and the auxiliary head.

    Args:
        inputs: input channels.
        width: channels between the two convolutions (32 for segmentation, 64 for the auxiliary head).
        classes: output channels.
        dropout: probability of dropping a channel in training.
    """

    def __init__(self, inputs: int, width: int, classes: int, dropout: float = 0.0) -> None:
        super().__init__(
            ConvNormReLU(inputs, width), nn.Dropout2d(dropout), nn.Conv2d(width, classes, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) -> logits (N, classes, h, w)."""
        return super().forward(x)
