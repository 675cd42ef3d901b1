"""Train some parts of a network and leave the others as they are."""

from __future__ import annotations

from collections.abc import Sequence

from training.networks.network import Network
from training.networks.settings import SettingsError


class TrainedParts:
    """The parts of a network that are trained; the others keep their weights and their normalisation statistics.

    Args:
        network: what is trained.
        names: its parts that are trained, such as "detail_head"; None trains all.

    Raises:
        SettingsError: when the network has no such part, or none is named.
    """

    def __init__(self, network: Network, names: Sequence[str] | None) -> None:
        known = [name for name, part in network.named_children() if any(True for _ in part.parameters())]
        unknown = sorted(set(names or ()) - set(known))
        if unknown or names == []:
            raise SettingsError(f"train_only is {names}; this network has the parts {', '.join(known)}")
        self._frozen = [part for name, part in network.named_children() if names is not None and name not in names]
        for part in self._frozen:
            part.requires_grad_(False)

    def enter_training_mode(self) -> None:
        """Put what is not trained in evaluation mode again, after the whole network was put in training mode."""
        for part in self._frozen:
            part.eval()
