"""Modules of somebody else, as `--module` builds them."""

import torch
from torch import nn

CLASSES = 3


class Tiny(nn.Module):
    """Each class likes another tint; what is around a pixel counts a little."""

    def __init__(self, classes=CLASSES, side=None):
        super().__init__()
        self.first, self.norm, self.last = nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.Conv2d(6, classes, 1)
        self.side = side

    def forward(self, image):
        if self.side is not None and image.shape[-1] != self.side:
            raise ValueError(f"one size\nalone: {self.side}")
        return self.last(self.norm(self.first(image)).relu())


class Several(Tiny):
    """As torchvision's networks: the scores are among other things."""

    def forward(self, image):
        return {"out": super().forward(image), "aux": image}


class Changing(Tiny):
    """Gives another graph than torch: whether it is exported decides."""

    def forward(self, image):
        return super().forward(image) + float(torch.onnx.is_in_onnx_export() or torch.compiler.is_compiling())


def plain():
    return Tiny()


def several():
    return Several()


def four():
    return Tiny(4)


def fixed():
    return Tiny(side=128)


def changing():
    return Changing()


def detector():
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))


def text():
    return "a network"


def failing():
    raise ValueError("no such\nlayer")
