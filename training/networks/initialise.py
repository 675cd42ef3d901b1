"""How the weights begin that no file brings."""

from __future__ import annotations

from math import prod
from typing import Literal

from torch import nn

from training.networks.resnet import BasicBlock, Bottleneck

Initialisation = Literal["torch", "kaiming", "published"]
_CLASSIFIERS = ("deep_head", "auxiliary_head")  # whose last layers the published code draws anew
_SPREAD = 0.01  # of their weights


def initialise(network: nn.Module, how: Initialisation) -> None:
    """Begin as named, in place.

    "torch" leaves everything as torch drew it. "kaiming" draws the convolutions without bias, which a normalisation
    follows, with the spread that keeps the size of gradients: sqrt(2 / fan out); the last normalisation of a residual
    block begins with the factor 0, so that the block passes its input on. "published" does the same, and draws the
    classifiers of the low stream with a spread of 0.01, as the published code does for all that ImageNet did not teach.

    Reference: He et al., "Delving Deep into Rectifiers" (ICCV 2015), section 2.2; Goyal et al., "Accurate, Large
        Minibatch SGD" (2017), section 5.1.
    """
    if how == "torch":
        return
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module.bias is None:
            fan_out = prod(module.kernel_size) * module.out_channels // module.groups
            nn.init.normal_(module.weight, 0.0, (2 / fan_out) ** 0.5)
        elif isinstance(module, BasicBlock):
            nn.init.zeros_(module.bn2.weight)
        elif isinstance(module, Bottleneck):
            nn.init.zeros_(module.bn3.weight)
    if how == "published":
        for name, head in network.named_children():
            if name in _CLASSIFIERS:
                classifier = [part for part in head.modules() if isinstance(part, nn.Conv2d)][-1]
                nn.init.normal_(classifier.weight, 0.0, _SPREAD)
                if classifier.bias is not None:
                    nn.init.zeros_(classifier.bias)
