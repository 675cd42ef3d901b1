"""Classifiers on top of the streams."""

from __future__ import annotations

from torch import nn

from training.networks.layers import ConvNormReLU


class DeepHead(nn.Sequential):
    """Dropout and a 1x1 classifier on the low stream's context features.

    Args:
        inputs: input channels.
        classes: output channels.
    """

    def __init__(self, inputs: int, classes: int) -> None:
        classifier = nn.Conv2d(inputs, classes, 1)
        nn.init.normal_(classifier.weight, 0.0, 0.01)
        if classifier.bias is not None:
            nn.init.zeros_(classifier.bias)
        super().__init__(nn.Dropout2d(0.1), classifier)


class ConvHead(nn.Sequential):
    """3x3 convolution, optional dropout, 1x1 classifier: the segmentation head and the auxiliary head.

    (N, inputs, h, w) -> logits (N, classes, h, w).

    Args:
        inputs: input channels.
        width: channels between the two convolutions (32 for segmentation, 64 for the auxiliary head).
        classes: output channels.
        dropout: probability of dropping a channel in training.
    """

    def __init__(self, inputs: int, width: int, classes: int, dropout: float = 0.0) -> None:
        super().__init__(ConvNormReLU(inputs, width), nn.Dropout2d(dropout), nn.Conv2d(width, classes, 1))
