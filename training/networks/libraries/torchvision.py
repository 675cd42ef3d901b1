"""Segmentation networks of torchvision: FCN, DeepLabv3 and LR-ASPP."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

from torch import Tensor, nn

from training.networks.libraries.required import check_name, required
from training.networks.libraries.windowed import LibraryNetwork
from training.networks.settings import Settings

_PACKAGE = "torchvision"
_COLOURS = 3  # bands that every network of the package takes


class TorchvisionNetwork(LibraryNetwork):
    """A segmentation network of torchvision with random weights, without auxiliary head; see `torchvision_network`."""

    kind: ClassVar[str] = ""
    encoder_name: ClassVar[str] = "backbone"

    def __init__(self, settings: Settings) -> None:
        net = self._build(settings.classes, None)
        take_bands(net, settings.bands)
        super().__init__(settings, net)

    def _build(self, classes: int, encoder_weights: str | None) -> nn.Module:
        """The package's network for three bands."""
        models = required(_PACKAGE, self.registered).models
        options = {"weights": None, "weights_backbone": encoder_weights, "aux_loss": False}
        net: nn.Module = models.get_model(self.kind, num_classes=classes, **options)
        return net

    def downloaded(self) -> dict[str, Tensor]:
        """See `LibraryNetwork`."""
        return dict(self._build(self.settings.classes, "DEFAULT").get_submodule("backbone").state_dict())

    def see(self, image: Tensor) -> Tensor:
        """Logits (N, C, H, W) of images whose sides are multiples of `cell`."""
        told: Tensor = self.net(self.normalise(image))["out"]
        return told


def take_bands(net: nn.Module, bands: int) -> None:
    """Exchange the convolution that images enter by for one that takes other bands, in place."""
    if bands == _COLOURS:
        return
    name, first = next((name, part) for name, part in net.named_modules() if isinstance(part, nn.Conv2d))
    parent, _, child = name.rpartition(".")
    fresh = nn.Conv2d(
        bands,
        first.out_channels,
        first.kernel_size,  # type: ignore[arg-type]  # as the other was given them
        first.stride,  # type: ignore[arg-type]
        first.padding,  # type: ignore[arg-type]
        bias=first.bias is not None,
    )
    setattr(net.get_submodule(parent), child, fresh)


@cache
def torchvision_network(name: str) -> type[TorchvisionNetwork]:
    """The class of the networks "torchvision:NAME".

    Raises:
        SettingsError: when the package is missing or has no such network.
    """
    models = required(_PACKAGE, f"torchvision:{name}").models
    check_name("segmentation network of torchvision", name, models.list_models(module=models.segmentation))
    return type(f"Torchvision_{name}", (TorchvisionNetwork,), {"registered": f"torchvision:{name}", "kind": name})
