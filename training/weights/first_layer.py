"""First-layer weights for images with other bands than the weights were trained with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from training.networks import Network, network_settings


def adapted(weights: Tensor, bands: int, old: Sequence[str] = (), new: Sequence[str] = ()) -> Tensor:
    """Convolution weights (N, B, k, k) for other bands, by the rule "same bands keep, others from zero".

    Bands of the same name keep their weights, or of the same place where names are not known; the others begin at
    zero, so that at first the network sees what it knows. Where no name is known to the old network, its weights are
    repeated in turn and rescaled by B / `bands`. A single band gets the sum of all: a grey image then looks as it did.

    Args:
        weights: (N, m * B, k, k); networks that see an image m times have all its bands m times.
        old: what the B bands are, such as "red"; empty where it is not known.
        new: what the `bands` new ones are; empty where it is not known.
    """
    count = len(old) or weights.shape[1]
    named = [old.index(name) if name and name in old else None for name in new]
    known = any(place is not None for place in named)
    made = []
    for group in torch.split(weights, count, 1):
        if known:
            made += [torch.zeros_like(group[:, 0]) if place is None else group[:, place] for place in named]
        elif bands == 1:
            made.append(group.sum(1))
        elif bands > count and not new:
            made += [group[:, band] if band < count else torch.zeros_like(group[:, 0]) for band in range(bands)]
        else:
            made += [group[:, band % count] * (count / bands) for band in range(bands)]
    return torch.stack(made, 1)


def input_weights(build: type[Network], settings: dict[str, Any]) -> set[str]:
    """Names of the weights that images enter by: their second axis grows with the number of bands."""
    with torch.device("meta"):  # shapes alone, no memory
        one, two = (
            build(network_settings(2, {**settings, "bands": n, "mean": [0.0] * n, "std": [1.0] * n})).state_dict()
            for n in (2, 3)
        )
    return {name for name, values in one.items() if values.ndim == 4 and values.shape[1] != two[name].shape[1]}
