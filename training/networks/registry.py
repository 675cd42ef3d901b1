"""The networks by name: ours, and those of other packages as PACKAGE:NAME."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from training.errors import SettingsError
from training.networks.deeplab import DeepLabV3Plus
from training.networks.dual_stream import DualStream
from training.networks.isdnet import ISDNet
from training.networks.libraries import LibraryNetwork, smp_network, torchvision_network
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


# Of each package: NAME -> the class of its networks.
LIBRARIES: Mapping[str, Callable[[str], type[LibraryNetwork]]] = {
    "smp": smp_network,
    "torchvision": torchvision_network,
}


def find_architecture(name: str) -> type[Network]:
    """The class of the networks of that name.

    Raises:
        SettingsError: when there is none, or its package is missing; the text lists the names.
    """
    package, _, rest = name.partition(":")
    if rest and package in LIBRARIES:
        return LIBRARIES[package](rest)
    if name not in ARCHITECTURES:
        others = ", ".join(f"{package}:NAME" for package in LIBRARIES)
        raise SettingsError(f"Unknown architecture '{name}'; there are {', '.join(ARCHITECTURES)}, and {others}")
    return ARCHITECTURES[name]


def name_of(network: Network) -> str:
    """The name under which a network is registered."""
    if isinstance(network, LibraryNetwork):
        return network.registered
    return next(name for name, kind in ARCHITECTURES.items() if kind is type(network))
