"""What networks of other packages have in common here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from training.networks.deeplab import slide
from training.networks.network import Network, replicate_to_multiple, size_of
from training.networks.settings import Settings

_STRIDE = 1  # pixels for one value of the logits


@dataclass(frozen=True)
class LibraryPrediction:
    """Output of a network of another package for images (N, B, H, W).

    Attributes:
        logits: (N, C, *canvas).
        canvas: (height, width) of the padded images.
        size: (H, W).
    """

    logits: Tensor
    canvas: tuple[int, int]
    size: tuple[int, int]


class LibraryNetwork(Network):
    """A segmentation network of another package at full scale; larger images than a window in sliding windows.

    Attributes:
        registered: the name by which it is asked for, such as "smp:Unet".
        encoder_name: name of the encoder in `net`.
        net: normalised images (N, B, H, W) -> logits (N, C, H, W); H and W are multiples of `cell`.
        cell: pixels.
    """

    registered: ClassVar[str] = ""
    encoder_name: ClassVar[str] = "encoder"

    def __init__(self, settings: Settings, net: nn.Module, cell: int = 32) -> None:
        super().__init__(settings)
        self.net, self.cell = net, cell

    def forward(self, image: Tensor, ratio: float = 1.0) -> LibraryPrediction:
        """See `Network`."""
        padded = replicate_to_multiple(image, self.cell)
        canvas, size, s = size_of(padded), size_of(image), self.settings
        window = -(-s.window // self.cell) * self.cell
        if self.training or max(canvas) <= window:
            return LibraryPrediction(self.see(padded), canvas, size)
        logits = slide(self.see, s.classes, padded, window, s.window_overlap, _STRIDE)
        return LibraryPrediction(logits, canvas, size)

    def downloaded(self) -> dict[str, Tensor]:
        """Weights of ImageNet for the encoder, fetched by the package; it raises what it likes."""
        raise NotImplementedError

    def see(self, image: Tensor) -> Tensor:
        """Logits (N, C, H, W) of images whose sides are multiples of `cell`."""
        told: Tensor = self.net(self.normalise(image))
        return told
