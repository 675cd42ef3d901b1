"""Weights to begin with for the encoders of networks of other packages: from a file, or downloaded by the package."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from torch import Tensor, nn

from training.errors import CheckpointError
from training.networks import LibraryNetwork, Network, TimmPyramid, TimmTokens
from training.weights.files import read_weights
from training.weights.first_layer import for_bands
from training.weights.telling import tell

DOWNLOAD = "download"
# What names in a file may begin with: files hold an encoder alone, a classifier, or a whole network.
_PREFIXES = ("", "model.", "features.", "encoder.", "encoder.model.", "backbone.", "net.encoder.", "net.backbone.")
_SHOWN = 3


def library_encoder(network: Network) -> tuple[str, nn.Module] | None:
    """The encoder of another package in a network, and its name there; None where there is none."""
    if isinstance(network, LibraryNetwork):
        return f"net.{network.encoder_name}", network.net.get_submodule(network.encoder_name)
    low = getattr(network, "low_encoder", None)
    return ("low_encoder.net", low.net) if isinstance(low, TimmPyramid | TimmTokens) else None


def load_library_encoder(network: Network, source: str) -> set[str]:
    """Give the encoder weights, in place.

    Args:
        network: a network of another package, or one with a low encoder of timm.
        source: a .safetensors file or one that torch.save wrote, with the names of timm, torchvision or
            segmentation_models_pytorch; or "download", which asks the package for its own weights of ImageNet.

    Returns:
        names of the network's weights that were brought.

    Raises:
        CheckpointError: when there is no such encoder, or the weights are not to be had or belong to another network.
    """
    found = library_encoder(network)
    if found is None:
        raise CheckpointError(
            "This architecture has no encoder of another package; leave pretrained_encoder out, it is for smp:NAME and "
            "torchvision:NAME"
        )
    name, encoder = found
    given = _downloaded(network) if source == DOWNLOAD else read_weights(source)
    taken = matching(encoder.state_dict(), given, network.settings.bands, source)
    encoder.load_state_dict(taken, strict=False)
    tell(f"The encoder begins with {len(taken)} weights of '{source}'")
    return {f"{name}.{key}" for key in taken}


def tell_of_frozen_encoder(network: Network, brought: Collection[str], start_from: str | None) -> None:
    """Say in one line that an encoder of another package is neither trained nor brought by a file.

    Args:
        brought: names of the network's weights that a file brought.
        start_from: the file that brought all of them, or None.
    """
    found = library_encoder(network)
    if start_from is not None or found is None or any(parameter.requires_grad for parameter in found[1].parameters()):
        return
    name = found[0]
    if not any(key.startswith(f"{name}.") for key in brought):
        option = "pretrained_encoder" if isinstance(network, LibraryNetwork) else "pretrained_low"
        tell(
            f"Warning: {name} is frozen with random weights, which teaches nothing: give --model.{option} F or train it"
        )


def matching(
    wanted: Mapping[str, Tensor], given: Mapping[str, Tensor], bands: int, source: str | Path
) -> dict[str, Tensor]:
    """The given weights under the wanted names; those of classifiers are left out.

    Raises:
        CheckpointError: when one is missing or of another shape.
    """
    needed = {_plain(name): name for name in wanted if not name.endswith("num_batches_tracked")}
    best = max((_under(prefix, given, needed) for prefix in _PREFIXES), key=len)
    taken = {}
    for plain, name in needed.items():
        if plain in best:
            value, shape = given[best[plain]].float(), wanted[name].shape
            taken[name] = for_bands(value, shape[1], bands) if value.ndim == 4 else value
    missing = [name for name in needed.values() if name not in taken]
    shapes = [
        f"{name} {tuple(value.shape)} instead of {tuple(wanted[name].shape)}"
        for name, value in taken.items()
        if value.shape != wanted[name].shape
    ]
    if missing or shapes:
        wrong = "; ".join(
            text
            for text in (
                f"{len(missing)} of {len(needed)} weights are missing, such as {', '.join(missing[:_SHOWN])}"
                if missing
                else "",
                f"of another shape are {', '.join(shapes[:_SHOWN])}" if shapes else "",
            )
            if text
        )
        raise CheckpointError(
            f"'{source}' holds weights of another network ({', '.join(list(given)[:_SHOWN])}): {wrong}. Give weights "
            "of this encoder"
        )
    return taken


def _plain(name: str) -> str:
    """A name in which levels are apart however they are written: timm has stages.0 in files and stages_0 in memory."""
    return name.removeprefix("model.").replace("_", ".")


def _under(prefix: str, given: Iterable[str], needed: Mapping[str, str]) -> dict[str, str]:
    """Of the needed plain names those that are given under a prefix, and their names there."""
    plain = {_plain(name.removeprefix(prefix)): name for name in given if name.startswith(prefix)}
    return {name: plain[name] for name in needed if name in plain}


def _downloaded(network: Network) -> dict[str, Tensor]:
    """The package's own weights.

    Raises:
        CheckpointError: when they cannot be fetched.
    """
    tell("Downloading weights of ImageNet for the encoder, from where its package keeps them ...")
    try:
        low = getattr(network, "low_encoder", None)
        return network.downloaded() if isinstance(network, LibraryNetwork) else low.downloaded()  # type: ignore[union-attr]
    except Exception as error:  # packages raise what their ways through the network raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CheckpointError(
            f"The weights cannot be downloaded: {reason[:200]}. Give a file instead of '{DOWNLOAD}', or leave the "
            "option out to begin with random weights"
        ) from error
