"""Classifiers on top of the streams."""

from __future__ import annotations

from torch import Tensor, nn

from training.networks.layers import ConvNormReLU, resize


class DeepHead(nn.Sequential):
    """Dropout and a 1x1 classifier on the low stream's context features."""

    def __init__(self, inputs: int, classes: int) -> None:
        classifier = nn.Conv2d(inputs, classes, 1)
        nn.init.normal_(classifier.weight, 0.0, 0.01)
        if classifier.bias is not None:
            nn.init.zeros_(classifier.bias)
        super().__init__(nn.Dropout2d(0.1), classifier)


class DetailHead(nn.Module):
    """Corrects the deep head's logits at the stride of stage 1, which still sees what is thinner than a deep cell.

    Both features are projected to `width` channels and added; a 3x3 convolution and a classifier make the correction
    of them. It begins at zero: until it has learned something the logits are those of the deep head.

    Args:
        fine: channels of stage 1.
        context: channels of the context features.
        width: channels in between.
    """

    def __init__(self, fine: int, context: int, classes: int, width: int = 32) -> None:
        super().__init__()
        self.fine = nn.Sequential(nn.Conv2d(fine, width, 1, bias=False), nn.BatchNorm2d(width))
        self.context = nn.Sequential(nn.Conv2d(context, width, 1, bias=False), nn.BatchNorm2d(width))
        classifier = nn.Conv2d(width, classes, 1)
        nn.init.zeros_(classifier.weight)
        if classifier.bias is not None:
            nn.init.zeros_(classifier.bias)
        self.correct = nn.Sequential(nn.ReLU(), ConvNormReLU(width, width), classifier)

    def forward(self, logits: Tensor, context: Tensor, f1: Tensor) -> Tensor:
        """(N, C, h, w), (N, context, h, w), (N, fine, 2h, 2w) -> logits (N, C, 2h, 2w)."""
        size = (f1.shape[-2], f1.shape[-1])
        correction: Tensor = self.correct(self.fine(f1) + resize(self.context(context), size))
        return resize(logits, size) + correction


class ConvHead(nn.Sequential):
    """3x3 convolution, optional dropout, 1x1 classifier: the segmentation head and the auxiliary head.

    (N, inputs, h, w) -> logits (N, classes, h, w).

    Args:
        width: channels between the two convolutions (32 for segmentation, 64 for the auxiliary head).
        dropout: probability of dropping a channel in training.
    """

    def __init__(self, inputs: int, width: int, classes: int, dropout: float = 0.0) -> None:
        super().__init__(ConvNormReLU(inputs, width), nn.Dropout2d(dropout), nn.Conv2d(width, classes, 1))
