"""The networks that can be trained and compared, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from training.learning import objectives
from training.networks.deeplab import DeepLabV3Plus
from training.networks.dual_stream import DualStream
from training.networks.isdnet import ISDNet
from training.networks.network import Network
from training.networks.settings import SettingsError
from training.networks.single_stream import HighStream, LowStream

DEFAULT = "dual_stream"


@dataclass(frozen=True)
class Architecture:
    """A kind of network and how it is taught.

    Attributes:
        network: its class.
        losses: network, its output in training mode, labels (N, H, W), loss settings -> weighted losses by name;
            "final" is that of the final logits.
    """

    network: type[Network]
    losses: Callable[[Any, Any, Tensor, objectives.LossSettings], dict[str, Tensor]]


ARCHITECTURES = {
    "dual_stream": Architecture(DualStream, objectives.dual_stream),
    "low_stream": Architecture(LowStream, objectives.low_stream),
    "high_stream": Architecture(HighStream, objectives.high_stream),
    "isdnet": Architecture(ISDNet, objectives.isdnet),
    "deeplabv3plus": Architecture(DeepLabV3Plus, objectives.deeplab),
}


def find_architecture(name: str) -> Architecture:
    """The architecture of that name.

    Raises:
        SettingsError: when there is none; the text lists the names.
    """
    if name not in ARCHITECTURES:
        raise SettingsError(f"Unknown architecture '{name}'; there are {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[name]


def name_of(network: Network) -> str:
    """The name under which a network is registered."""
    return next(name for name, architecture in ARCHITECTURES.items() if architecture.network is type(network))
