"""Begin training with a trained network: a checkpoint, or the bundle that a user has at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor

from training.errors import CheckpointError, SettingsError
from training.networks import (
    DEFAULT,
    DualStream,
    LibraryNetwork,
    Network,
    Settings,
    find_architecture,
    name_of,
    network_settings,
    restored_settings,
    stored_settings,
)
from training.weights.checkpoint import Trained, load_trained
from training.weights.first_layer import Taken, adapted, input_weights, taken_bands
from training.weights.telling import tell
from uhrs_qgis_plugin.engine.bundle import read_bundle
from uhrs_qgis_plugin.engine.errors import UhrsError

_PREFIX = "network."
_TOP = 255  # the highest number in 8 bits
_NEAR = 3.0  # how many times the spread, and how many spreads apart, numbers of the same kind are at most
_ROOT = Path(__file__).resolve().parents[2]


def load_start(path: str | Path) -> Trained:
    """Read a checkpoint or a bundle.

    Args:
        path: Its file; a name that is not found where one stands is looked for in the project, as the
            configurations name the bundled model.

    Raises:
        CheckpointError: When it cannot be read or holds no network that can be trained.
    """
    if not Path(path).exists() and (_ROOT / path).exists():
        path = _ROOT / path
    return _load_bundle(Path(path)) if str(path).endswith(".uhrs") else load_trained(path)


def begin_with(
    path: str,
    architecture: str,
    class_names: list[str],
    network: dict[str, Any] | None,
    data: dict[str, Any] | None = None,
    bands: list[str] | None = None,
) -> Network:
    """The network to go on training.

    Bands and data type are those of the data, so that the result takes the rasters that it was trained on. Mean and
    spread stay those of the weights where numbers mean the same: in 8 bits, or where numbers of another type lie about
    where they lay. Weights of 8 bits see numbers of other types stretched, as the engine shows them such rasters;
    otherwise mean and spread are those of the data. Where the bands differ, `taken_bands` tells how the first layers
    are adapted.

    Args:
        architecture: What the file must hold.
        class_names: Of the new data; where they differ, the classifiers start anew.
        network: Settings in addition to those of the file. They may add parts, which start anew; a
            setting that has no place for a weight of the file is refused.
        data: Bands, data type, mean, std and limits of the images, see `statistics`; empty for 8-bit photographs, None
            for images like those of the file.
        bands: What the bands of the images are, such as "red"; empty where it is not known.

    Raises:
        CheckpointError: When the file does not do, or the settings do not fit its weights.
    """
    trained = load_start(path)
    held = name_of(trained.network)
    if held != architecture:
        raise CheckpointError(
            f"'{path}' holds the architecture '{held}', asked for was '{architecture}'; "
            f"give --model.architecture {held}"
        )
    count = trained.network.settings.bands
    new_count = data["bands"] if data else count if data is None else Settings(classes=2).bands
    taken = taken_bands(count, new_count, _names(trained), bands or [])
    settings = {**stored_settings(trained.network.settings), **_input_of(trained, data, taken), **(network or {})}
    build = find_architecture(architecture)
    fresh = build(network_settings(len(class_names), settings))
    anew = set() if trained.class_names == class_names else class_weights(build, settings)
    kept = {k: v for k, v in trained.network.state_dict().items() if k not in anew}
    _adapt(kept, trained, fresh, bands or [], taken, build, settings)
    try:
        fresh.load_state_dict({**fresh.state_dict(), **kept})
    except RuntimeError as error:
        raise CheckpointError(
            f"The weights of '{path}' do not fit network={network}: {str(error).splitlines()[-1].strip()} "
            "Leave network out: it comes with the weights, only parts may be added"
        ) from error
    return fresh


def _input_of(trained: Trained, data: dict[str, Any] | None, taken: Sequence[Taken]) -> dict[str, Any]:
    """Bands, data type, mean and std that training goes on with.

    Weights of 8 bits see other numbers as the engine's stretch shows them such numbers: what is brought to 0 and 255
    there is written into mean and std here.
    """
    held = trained.network.settings
    own = {key: getattr(held, key) for key in ("bands", "data_type", "mean", "std")}
    if data is None:
        return own
    told = {key: data[key] for key in own} if data else {key: getattr(Settings(classes=2), key) for key in own}
    kept = held.data_type == told["data_type"] and (held.data_type == "uint8" or _alike(own, told))
    limits = data.get("limits") if held.data_type == "uint8" and not kept else None
    if not kept and not limits:
        return told
    for band, of in enumerate(taken):
        if not of.places:
            continue
        mean, std = (sum(own[key][place] for place in of.places) / len(of.places) for key in ("mean", "std"))
        low, high = limits[band] if limits else (0.0, 0.0)
        if limits and low < high:
            mean, std = low + mean * (high - low) / _TOP, std * (high - low) / _TOP
        if not limits or low < high:
            told["mean"] = [*told["mean"][:band], mean, *told["mean"][band + 1 :]]
            told["std"] = [*told["std"][:band], std, *told["std"][band + 1 :]]
    if limits:
        shown = ", ".join(f"{low:.4g} to {high:.4g}" for low, high in limits[:4])
        tell(
            f"Note: the weights were trained on 8 bits, the images are {told['data_type']}: what is 0 to 255 to the "
            f"weights are the numbers {shown}{', ...' if len(limits) > 4 else ''} of the bands (percentiles 0.5 and "
            "99.5, as the engine's stretch)."
        )
    return told


def _alike(own: dict[str, Any], told: dict[str, Any]) -> bool:
    """Whether numbers of the same type lie about where they lay when the weights were trained."""
    if len(own["mean"]) != len(told["mean"]):
        return False
    every = zip(own["mean"], own["std"], told["mean"], told["std"], strict=True)
    return all(abs(m - mean) <= _NEAR * std and std <= _NEAR * s <= _NEAR**2 * std for mean, std, m, s in every)


def _adapt(
    kept: dict[str, Tensor],
    trained: Trained,
    fresh: Network,
    bands: list[str],
    taken: Sequence[Taken],
    build: type[Network],
    settings: dict[str, Any],
) -> None:
    """Adapt the first layers to other bands, in place; other weights that do not fit start anew."""
    old, new = trained.network.settings.bands, fresh.settings.bands
    if old == new and [of.places for of in taken] == [(band,) for band in range(old)]:
        return
    wanted = fresh.state_dict()
    for name in input_weights(build, settings) & kept.keys():
        kept[name] = adapted(kept[name], old, taken)
    by_band = [name for name in kept if name.startswith("super_resolution.") and kept[name].shape != wanted[name].shape]
    for name in by_band:  # what a network paints in training alone
        del kept[name]
    tell(
        f"Note: the weights were trained on {old} bands ({', '.join(_names(trained)) or 'without names'}), the "
        f"images have {new} ({', '.join(bands) or 'without names'}): bands that the weights know "
        "keep theirs, others begin at zero; --model.start_from null begins with random weights instead."
    )


def _names(trained: Trained) -> list[str]:
    """What the bands of the weights are; empty where one is not known."""
    held = trained.network.settings.bands
    return list(trained.bands) if all(trained.bands) and len(trained.bands) == held else []


def class_weights(build: type[Network], settings: dict[str, Any]) -> set[str]:
    """Names of the weights whose shape depends on the number of classes: those of the classifiers."""
    with torch.device("meta"):  # shapes alone, no memory
        two, three = (build(network_settings(classes, settings)).state_dict() for classes in (2, 3))
    return {name for name, values in two.items() if values.shape != three[name].shape}


def _load_bundle(path: Path) -> Trained:
    """Rebuild a network from a bundle; heads that only teach, which no bundle carries, start anew."""
    try:
        bundle = read_bundle(path)
    except UhrsError as error:
        raise CheckpointError(str(error)) from error
    if "float" not in bundle.precisions:
        raise CheckpointError(f"'{path}' holds its network in 8 bits alone; start from the checkpoint it came from")
    if not bundle.network:
        raise CheckpointError(f"'{path}' does not tell how its network is made; start from the checkpoint it came from")
    names = [entry.name for entry in bundle.classes]
    try:
        stored = dict(bundle.network)
        build = find_architecture(stored.pop("architecture", DEFAULT))
        network = build(restored_settings(len(names), stored))
        state = network.state_dict()
        found = {key: value for graph in bundle.graphs.values() for key, value in _weights(graph).items()}
        away = _in_no_graph(network, found)
        needed = {k for k in state if not k.startswith(away) and not k.endswith("num_batches_tracked")}
        if needed - found.keys():
            raise ValueError(f"weights such as {sorted(needed - found.keys())[0]} are missing")
        network.load_state_dict({**state, **{key: found[key] for key in needed}})
    except (SettingsError, ValueError, TypeError, RuntimeError) as error:
        raise CheckpointError(f"The network of '{path}' cannot be rebuilt: {error}") from error
    colours = ["{:02X}{:02X}{:02X}".format(*entry.colour) for entry in bundle.classes]
    return Trained(network.eval(), names, colours, {}, 0, tuple(bundle.bands))


def _in_no_graph(network: Network, found: Mapping[str, Tensor]) -> tuple[str, ...]:
    """Names of the parts that graphs do not hold: heads that only teach, and stages that a decoder does not look at."""
    if isinstance(network, DualStream):
        return ("auxiliary_head", *network.unused_parts)
    parts = {name for name, _ in network.named_children()}
    if isinstance(network, LibraryNetwork):
        encoder = f"net.{network.encoder_name}"
        parts |= {f"{encoder}.{name}" for name, _ in network.get_submodule(encoder).named_children()}
    return tuple(f"{part}." for part in parts if not any(key.startswith(f"{part}.") for key in found))


def _weights(graph: bytes) -> dict[str, Tensor]:
    """Named weights of an exported graph, in 32 bits."""
    content = onnx.load_from_string(graph).graph
    weights = {}
    for tensor in content.initializer:
        name = tensor.name.removesuffix(".half")
        if name.startswith(_PREFIX):
            values = np.array(onnx.numpy_helper.to_array(tensor), np.float32)
            weights[name[len(_PREFIX) :]] = torch.from_numpy(values)
    # The exporter stores equal weights once and copies them: the statistics of two layers that see the same input are
    # equal, and so are the offsets of two branches that are added up.
    for node in content.node:
        if node.op_type == "Identity" and node.input[0].removeprefix(_PREFIX) in weights:
            weights[node.output[0].removeprefix(_PREFIX)] = weights[node.input[0].removeprefix(_PREFIX)].clone()
    return weights
