"""First-layer weights for images with other bands than the weights were trained with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from training.networks import Network, network_settings

COLOURS = 3  # bands of the images that public weights were trained with


@dataclass(frozen=True)
class Taken:
    """What the weights of a new band are made of.

    Attributes:
        places: Old bands, from 0, whose weights are added up; none: the band begins at zero.
        factor: What the sum is multiplied by.
    """

    places: tuple[int, ...]
    factor: float = 1.0


def taken_bands(count: int, bands: int, old: Sequence[str] = (), new: Sequence[str] = ()) -> list[Taken]:
    """From which bands new bands take their weights, by the rule "same bands keep, others from zero".

    Bands of the same name keep their weights, or of the same place where names are not known; the others begin at
    zero, so that at first the network sees what it knows. Where no name is known to the old network, its weights are
    repeated in turn and rescaled by `count` / `bands`. A single band gets the sum of all: a grey image then looks as it
    did.

    Args:
        count: Of the old bands.
        bands: Of the new ones.
        old: What the old ones are, such as "red"; empty where it is not known.
        new: What the new ones are; empty where it is not known.
    """
    named = [old.index(name) if name and name in old else None for name in new]
    if any(place is not None for place in named):
        return [Taken(() if place is None else (place,)) for place in named]
    if bands == 1:
        return [Taken(tuple(range(count)))]
    if bands > count and not new:
        return [Taken((band,) if band < count else ()) for band in range(bands)]
    return [Taken((band % count,), count / bands) for band in range(bands)]


def adapted(weights: Tensor, count: int, taken: Sequence[Taken]) -> Tensor:
    """Convolution weights (N, m * B, k, k) for other bands.

    Args:
        weights: (N, m * count, k, k); networks that see an image m times have all its bands m times.
        count: Of the old bands.
        taken: See `taken_bands`.
    """
    groups = torch.split(weights, count, 1)
    return torch.stack([group[:, list(of.places)].sum(1) * of.factor for group in groups for of in taken], 1)


def for_bands(weight: Tensor, inputs: int, bands: int) -> Tensor:
    """First weights (F, 3, k, k) for a convolution of `inputs` channels, a multiple of `bands`.

    Worked example: one band gets the sum of the three colours' weights, four bands a quarter of it each: a grey
    image gives the same answer. ISDNet sees two images of all bands; both get the same weights, as published.
    """
    if weight.shape[1] != COLOURS or weight.shape[1] == inputs:
        return weight
    if bands != COLOURS:
        weight = weight.sum(1, keepdim=True).expand(-1, bands, -1, -1) / bands
    return weight.repeat(1, inputs // bands, 1, 1)


def input_weights(build: type[Network], settings: dict[str, Any]) -> set[str]:
    """Names of the weights that images enter by: their second axis grows with the number of bands."""
    with torch.device("meta"):  # shapes alone, no memory
        one, two = (
            build(network_settings(2, {**settings, "bands": n, "mean": [0.0] * n, "std": [1.0] * n})).state_dict()
            for n in (2, 3)
        )
    return {name for name, values in one.items() if values.ndim == 4 and values.shape[1] != two[name].shape[1]}
