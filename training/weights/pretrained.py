"""Begin with encoders that were trained elsewhere: weights from a file that the user names.

`pretrained_low` takes ResNet-18: the V1c variant under the names of open-mmlab, or torchvision's, whose 7x7 stem does
not fit and is left out. `pretrained_high` takes STDC1 under the names of its authors. A whole checkpoint of the
published repository does for both: only the encoder is read from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.utilities import rank_zero_info
from safetensors.torch import load_file
from torch import Tensor, nn

from training.errors import CheckpointError
from training.networks import STDC, DualStream, Network, ResNet18V1c, Settings
from training.weights.published_names import HIGH_UNUSED, LOW_UNUSED, high_encoder_name, low_encoder_name, rename

_COLOURS = 3  # bands of the images that public weights were trained with
_FIRST_CONVOLUTION = "stem.0.0.weight"
_TORCHVISION_STEM = re.compile(r"^(conv1|bn1)\.")


@dataclass(frozen=True)
class Encoder:
    """An encoder that weights can be read for.

    Attributes:
        name: what it is called in texts.
        option: the option that names the file.
        kind: its class.
        rename: name in the file -> ours, or None.
        unused: names in the file that no forward pass uses.
        prefixes: what names in the file may begin with; where one is found, names without it are not the encoder's.
    """

    name: str
    option: str
    kind: type[nn.Module]
    rename: Callable[[str], str | None]
    unused: re.Pattern[str]
    prefixes: tuple[str, ...]


LOW = Encoder("ResNet-18", "pretrained_low", ResNet18V1c, low_encoder_name, LOW_UNUSED, ("backbone.",))
HIGH = Encoder("STDC1", "pretrained_high", STDC, high_encoder_name, HIGH_UNUSED, ("refine_head.stdc_net.", "backbone."))


def load_encoders(network: Network, low: str | None, high: str | None) -> None:
    """Give a network's encoders the weights of files, in place.

    Files are read without executing anything that they may carry: .safetensors, or what torch.save wrote. Images of
    other than three bands: each band begins with the sum of the colours' first weights, divided by the number of bands.

    Args:
        low: file for ResNet-18; None leaves it as it is.
        high: file for STDC1; None leaves it as it is.

    Raises:
        CheckpointError: when a file cannot be read or does not fit, or the network has no such encoder.
    """
    for encoder, path in ((LOW, low), (HIGH, high)):
        if path is None:
            continue
        module = next((m for m in network.modules() if isinstance(m, encoder.kind)), None)
        if module is None:
            raise CheckpointError(f"This architecture has no {encoder.name}; leave {encoder.option} out")
        _load(module, encoder, path, network.settings.bands)


def load_published(path: str | Path, settings: Settings) -> DualStream:
    """A network with published weights.

    Args:
        path: a .safetensors file, or a .pth file (read without executing anything it may carry).

    Raises:
        CheckpointError: when the file cannot be read, or keys are missing, left over, or of another shape.
    """
    network = DualStream(settings)
    ours = rename(read_weights(path))
    wrong = mismatch({k: v for k, v in network.state_dict().items() if not k.endswith("num_batches_tracked")}, ours)
    if wrong:
        raise CheckpointError(
            f"'{path}' does not fit: {wrong}. "
            "Give the number of classes and the widths that the checkpoint was trained with"
        )
    network.load_state_dict(ours, strict=False)
    return network.eval()


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """Named tensors of a .safetensors file or of one that torch.save wrote, bare or under "state_dict" or "model".

    Raises:
        CheckpointError: when it cannot be read or holds no named tensors.
    """
    try:
        content: Any = (
            load_file(path)
            if str(path).endswith(".safetensors")
            else torch.load(path, map_location="cpu", weights_only=True)
        )
    except Exception as error:  # the readers raise a dozen unrelated types for damaged files
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CheckpointError(f"Cannot read weights from '{path}': {reason}. Give a .safetensors or .pth") from error
    for key in ("state_dict", "model"):
        content = content.get(key, content) if isinstance(content, Mapping) else content
    if not isinstance(content, Mapping) or not any(isinstance(value, Tensor) for value in content.values()):
        raise CheckpointError(f"'{path}' holds no named weights; give the file of a network's state dict")
    return {str(name).removeprefix("module."): value for name, value in content.items() if isinstance(value, Tensor)}


def mismatch(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> str | None:
    """The first names that are missing, unknown or of another shape, in words; None when all fit."""
    missing, unknown = sorted(wanted.keys() - given.keys()), sorted(given.keys() - wanted.keys())
    shapes = [
        f"{name} {tuple(given[name].shape)} instead of {tuple(wanted[name].shape)}"
        for name in sorted(wanted.keys() & given.keys())
        if wanted[name].shape != given[name].shape
    ]
    if not (missing or unknown or shapes):
        return None
    return f"missing {missing[:3]}, unknown {unknown[:3]}, other shape {shapes[:3]}"


def _load(module: nn.Module, encoder: Encoder, path: str, bands: int) -> None:
    wanted = {k: v for k, v in module.state_dict().items() if not k.endswith("num_batches_tracked")}
    published = _of_encoder(read_weights(path), encoder.prefixes)
    note = ""
    if encoder is LOW and "conv1.weight" in published:
        published = {name: value for name, value in published.items() if not _TORCHVISION_STEM.search(name)}
        wanted = {name: value for name, value in wanted.items() if not name.startswith("stem.")}
        note = "; its 7x7 stem does not fit the three 3x3 convolutions here, which begin with random weights"
    given = {
        encoder.rename(name) or name: value.float()
        for name, value in published.items()
        if not encoder.unused.search(name)
    }
    if _FIRST_CONVOLUTION in wanted and _FIRST_CONVOLUTION in given:
        given[_FIRST_CONVOLUTION] = for_bands(given[_FIRST_CONVOLUTION], wanted[_FIRST_CONVOLUTION].shape[1], bands)
    wrong = mismatch(wanted, given)
    if wrong:
        raise CheckpointError(
            f"'{path}' does not fit {encoder.name} as configured: {wrong}. "
            f"Give weights of {encoder.name} and leave the widths of the network as published"
        )
    module.load_state_dict(given, strict=False)
    rank_zero_info(f"{encoder.name} begins with {len(given)} weights of '{path}'{note}")


def _of_encoder(published: dict[str, Tensor], prefixes: tuple[str, ...]) -> dict[str, Tensor]:
    """The weights under the first prefix that is found, without it; all when none is."""
    for prefix in prefixes:
        found = {name[len(prefix) :]: value for name, value in published.items() if name.startswith(prefix)}
        if found:
            return found
    return published


def for_bands(weight: Tensor, inputs: int, bands: int) -> Tensor:
    """First weights (F, 3, k, k) for a convolution of `inputs` channels, a multiple of `bands`.

    Worked example: one band gets the sum of the three colours' weights, four bands a quarter of it each: a grey
    image gives the same answer. ISDNet sees two images of all bands; both get the same weights, as published.
    """
    if weight.shape[1] != _COLOURS or weight.shape[1] == inputs:
        return weight
    if bands != _COLOURS:
        weight = weight.sum(1, keepdim=True).expand(-1, bands, -1, -1) / bands
    return weight.repeat(1, inputs // bands, 1, 1)
