"""The contract of all networks, on which training and evaluation rely."""

from __future__ import annotations

from typing import ClassVar, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.errors import SettingsError
from training.networks.layers import resize
from training.networks.settings import Settings

DOWN_RATIO = 4


class Prediction(Protocol):
    """Output of a network for images (N, B, H, W); each architecture has its own, with more attributes.

    Attributes:
        logits: (N, C, h, w), at any scale.
        canvas: (height, width) in pixels of what the logits cover, from the images' first pixel on.
        size: (H, W).
    """

    @property
    def logits(self) -> Tensor: ...  # noqa: D102

    @property
    def canvas(self) -> tuple[int, int]: ...  # noqa: D102

    @property
    def size(self) -> tuple[int, int]: ...  # noqa: D102


class Network(nn.Module):
    """Segments images of any size, given in the raster's own numbers as floats; scaling happens inside.

    Attributes:
        takes_ratio: K, the share of patches seen at full scale, can be chosen in every pass.
        takes_encoder: `settings.encoder` has a meaning.
        takes_low_encoder: so has `settings.low_encoder`.
        smallest_batch: images that a training step needs; two where the mean of an image is normalised over the batch.
    """

    takes_ratio: ClassVar[bool] = False
    takes_encoder: ClassVar[bool] = False
    takes_low_encoder: ClassVar[bool] = False
    smallest_batch: ClassVar[int] = 2
    mean: Tensor
    std: Tensor

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        if settings.encoder is not None and not self.takes_encoder:
            raise SettingsError(f"encoder is '{settings.encoder}'; only networks named smp:... take one, leave it out")
        if settings.low_encoder != "resnet" and not self.takes_low_encoder:
            raise SettingsError(
                f"low_encoder is '{settings.low_encoder}'; only dual_stream and low_stream take one, leave it out"
            )
        self.settings = settings
        self.register_buffer("mean", torch.tensor(settings.mean).view(1, -1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(settings.std).view(1, -1, 1, 1), persistent=False)

    def forward(self, image: Tensor, ratio: float = 1.0) -> Prediction:
        """Segment images.

        Args:
            image: (N, B, H, W) in the raster's own numbers.
            ratio: K; without meaning where `takes_ratio` is False.
        """
        raise NotImplementedError

    def full_size(self, output: Prediction, maps: Tensor) -> Tensor:
        """Bilinearly resize (N, C, h, w) maps of an output to the images' own size (N, C, H, W)."""
        return resize(maps, output.canvas)[:, :, : output.size[0], : output.size[1]]

    def full_logits(self, output: Prediction) -> Tensor:
        """Final logits (N, C, H, W) at the images' own size."""
        return self.full_size(output, output.logits)

    def low_logits(self, output: Prediction) -> Tensor | None:
        """Logits (N, C, H, W) of the low stream's own classifier; None in networks without one."""
        return None

    def normalise(self, image: Tensor) -> Tensor:
        """The raster's own numbers (N, B, H, W) -> zero mean and unit spread by `settings`."""
        return (image - self.mean) / self.std

    def downsample(self, image: Tensor) -> Tensor:
        """(N, B, H, W) -> (N, B, H // 4, W // 4), in the raster's own numbers; integers are rounded half up."""
        height, width = (n // DOWN_RATIO * DOWN_RATIO for n in image.shape[-2:])
        if self.settings.downsampling == "nearest":
            return image[:, :, :height:DOWN_RATIO, :width:DOWN_RATIO]
        small = F.avg_pool2d(image, DOWN_RATIO)
        return small if self.settings.data_type.startswith("float") else torch.floor(small + 0.5)

    def both_scales(self, image: Tensor, multiple: int) -> tuple[Tensor, Tensor]:
        """The images padded to multiples of `multiple` pixels, and the same at 1/4 scale.

        Both scales are padded on their own by edge replication, the small one after downsampling: the engine
        reads a raster's overviews and cannot pad before.
        """
        padded = replicate_to_multiple(image, multiple)
        height, width = size_of(padded)
        small = self.downsample(replicate(image, DOWN_RATIO, DOWN_RATIO))  # an incomplete last cell is left out
        return padded, replicate(small, height // DOWN_RATIO, width // DOWN_RATIO)


def replicate_to_multiple(image: Tensor, multiple: int) -> Tensor:
    """Repeat the last row and column until height and width of (N, B, H, W) are multiples of `multiple`."""
    height, width = (-(-n // multiple) * multiple for n in image.shape[-2:])
    return replicate(image, height, width)


def replicate(image: Tensor, height: int, width: int) -> Tensor:
    """Repeat the last row and column until (N, B, H, W) is at least `height` x `width`."""
    bottom, right = max(0, height - image.shape[-2]), max(0, width - image.shape[-1])
    return F.pad(image, (0, right, 0, bottom), mode="replicate") if bottom or right else image


def size_of(image: Tensor) -> tuple[int, int]:
    """(height, width) of (N, B, H, W)."""
    return image.shape[-2], image.shape[-1]


def channels_last(network: Network) -> Network:
    """The network with its weights in the memory layout that is fastest on CPUs and on tensor cores."""
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stub
    return network
