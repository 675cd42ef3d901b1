"""Networks of segmentation_models_pytorch: U-Net, FPN, DeepLabv3+, SegFormer and others on hundreds of encoders."""

from __future__ import annotations

import math
from functools import cache
from typing import ClassVar

from torch import Tensor

from training.errors import SettingsError
from training.networks.libraries.required import check_name, required
from training.networks.libraries.timm import check_timm_name, let_tables_vary
from training.networks.libraries.windowed import LibraryNetwork
from training.networks.settings import Settings

_PACKAGE = "segmentation_models_pytorch"
_ENCODER = "resnet18"  # where the settings name none
_TIMM = "tu-"  # begins the names of timm's encoders
_CELL = 32


class SmpNetwork(LibraryNetwork):
    """A network of segmentation_models_pytorch with random weights; see `smp_network`."""

    kind: ClassVar[str] = ""
    takes_encoder: ClassVar[bool] = True

    def __init__(self, settings: Settings) -> None:
        library = required(_PACKAGE, self.registered)
        encoder = settings.encoder or _ENCODER
        if encoder.startswith(_TIMM):
            check_timm_name(encoder.removeprefix(_TIMM))
        else:
            check_name("encoder", encoder, library.encoders.get_encoder_names())
        build = getattr(library, self.kind)
        try:
            net = build(encoder, encoder_weights=None, in_channels=settings.bands, classes=settings.classes)
        except Exception as error:  # encoders refuse decoders, and the reverse, by a dozen unrelated types
            reason = " ".join(str(error).split())
            raise SettingsError(
                f"'{self.registered}' cannot be built on the encoder '{encoder}': {reason}. Give another "
                "--model.encoder"
            ) from error
        let_tables_vary(net)
        super().__init__(settings, net, math.lcm(_CELL, int(getattr(net.encoder, "output_stride", _CELL))))

    def downloaded(self) -> dict[str, Tensor]:
        """See `LibraryNetwork`."""
        encoder = self.settings.encoder or _ENCODER
        weights = True if encoder.startswith(_TIMM) else "imagenet"
        donor = required(_PACKAGE, encoder).encoders.get_encoder(encoder, self.settings.bands, weights=weights)
        state: dict[str, Tensor] = donor.state_dict()
        return state


@cache
def smp_network(name: str) -> type[SmpNetwork]:
    """The class of the networks "smp:NAME".

    Raises:
        SettingsError: when the package is missing or has no such network.
    """
    library = required(_PACKAGE, f"smp:{name}")
    kinds = {kind.__name__ for kind in library.MODEL_ARCHITECTURES_MAPPING.values()}
    check_name("architecture of segmentation_models_pytorch", name, kinds)
    return type(f"Smp{name}", (SmpNetwork,), {"registered": f"smp:{name}", "kind": name})
