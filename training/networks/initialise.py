"""How the weights begin that no file brings."""

from __future__ import annotations

from math import prod

from torch import nn

from training.networks.resnet import BasicBlock


def initialise(network: nn.Module) -> None:
    """Kaiming initialisation of convolutions, and residual blocks that begin as nothing, in place.

    Convolutions without bias are meant, which a normalisation follows; classifiers stay as they are. The spread keeps
    the size of gradients: sqrt(2 / fan out). The last normalisation of a residual block begins with
    the factor 0, so that the block passes its input on.

    Reference: He et al., "Delving Deep into Rectifiers" (ICCV 2015), section 2.2; Goyal et al., "Accurate, Large
        Minibatch SGD" (2017), section 5.1.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module.bias is None:
            fan_out = prod(module.kernel_size) * module.out_channels // module.groups
            nn.init.normal_(module.weight, 0.0, (2 / fan_out) ** 0.5)
        elif isinstance(module, BasicBlock):
            nn.init.zeros_(module.bn2.weight)
