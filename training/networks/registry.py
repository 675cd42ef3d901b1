"""The networks by name."""

from __future__ import annotations

from training.errors import SettingsError
from training.networks.deeplab import DeepLabV3Plus
from training.networks.dual_stream import DualStream
from training.networks.isdnet import ISDNet
from training.networks.network import Network
from training.networks.segformer import SegFormer
from training.networks.single_stream import HighStream, LowStream

DEFAULT = "dual_stream"
ARCHITECTURES: dict[str, type[Network]] = {
    "dual_stream": DualStream,
    "low_stream": LowStream,
    "high_stream": HighStream,
    "isdnet": ISDNet,
    "deeplabv3plus": DeepLabV3Plus,
    "segformer": SegFormer,
}


def find_architecture(name: str) -> type[Network]:
    """The class of the networks of that name.

    Raises:
        SettingsError: when there is none; the text lists the names.
    """
    if name not in ARCHITECTURES:
        raise SettingsError(f"Unknown architecture '{name}'; there are {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[name]


def name_of(network: Network) -> str:
    """The name under which a network is registered."""
    return next(name for name, kind in ARCHITECTURES.items() if kind is type(network))
