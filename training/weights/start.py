"""Begin training with a trained network: a checkpoint, or the bundle that a user has at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor

from training.errors import CheckpointError, SettingsError
from training.networks import (
    DualStream,
    Network,
    Settings,
    find_architecture,
    name_of,
    network_settings,
    restored_settings,
    stored_settings,
)
from training.weights.checkpoint import Trained, load_trained
from training.weights.first_layer import adapted, input_weights
from uhrs_qgis_plugin.engine.bundle import read_bundle
from uhrs_qgis_plugin.engine.errors import UhrsError

_PREFIX = "network."
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

    Bands, data type, mean and spread are those of the data, so that the result takes the rasters that it was trained
    on; weights of 8 bits keep their own mean and spread on 8-bit images with as many bands, where numbers mean the
    same. Where the number or the order of the bands differs, `adapted` adapts the first layers.

    Args:
        architecture: What the file must hold.
        class_names: Of the new data; where they differ, the classifiers start anew.
        network: Settings in addition to those of the file. They may add parts, which start anew; a
            setting that has no place for a weight of the file is refused.
        data: Bands, data type, mean and std of the images as they were measured; empty for 8-bit photographs, None for
            images like those of the file.
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
    settings = {**stored_settings(trained.network.settings), **_input_of(trained, data), **(network or {})}
    build = find_architecture(architecture)
    fresh = build(network_settings(len(class_names), settings))
    anew = set() if trained.class_names == class_names else class_weights(build, settings)
    kept = {k: v for k, v in trained.network.state_dict().items() if k not in anew}
    _adapt(kept, trained, fresh, bands or [], build, settings)
    try:
        fresh.load_state_dict({**fresh.state_dict(), **kept})
    except RuntimeError as error:
        raise CheckpointError(
            f"The weights of '{path}' do not fit network={network}: {str(error).splitlines()[-1].strip()} "
            "Leave network out: it comes with the weights, only parts may be added"
        ) from error
    return fresh


def _input_of(trained: Trained, data: dict[str, Any] | None) -> dict[str, Any]:
    """Bands, data type, mean and std that training goes on with."""
    held = trained.network.settings
    own = {key: getattr(held, key) for key in ("bands", "data_type", "mean", "std")}
    photographs = {key: getattr(Settings(classes=2), key) for key in own}
    if data is None:
        return own
    told = data or photographs
    same = (told["bands"], told["data_type"]) == (held.bands, held.data_type)
    return own if same and held.data_type == "uint8" else {key: told[key] for key in own}


def _adapt(
    kept: dict[str, Tensor],
    trained: Trained,
    fresh: Network,
    bands: list[str],
    build: type[Network],
    settings: dict[str, Any],
) -> None:
    """Adapt the first layers to other bands, in place; other weights that do not fit start anew."""
    old, new = trained.network.settings.bands, fresh.settings.bands
    names = list(trained.bands) if all(trained.bands) and len(trained.bands) == old else [""] * old
    moved = bool(bands) and sorted(bands) == sorted(names) and bands != names
    if old == new and not moved:
        return
    wanted = fresh.state_dict()
    for name in input_weights(build, settings) & kept.keys():
        kept[name] = adapted(kept[name], new, names, bands)
    by_band = [name for name in kept if name.startswith("super_resolution.") and kept[name].shape != wanted[name].shape]
    for name in by_band:  # what a network paints in training alone
        del kept[name]
    rank_zero_info(
        f"Note: the weights were trained on {old} bands ({', '.join(filter(None, names)) or 'without names'}), the "
        f"images have {new} ({', '.join(bands) or 'without names'}): bands that the weights know "
        "keep theirs, others begin at zero; --model.start_from null begins with random weights instead."
    )


def class_weights(build: type[Network], settings: dict[str, Any]) -> set[str]:
    """Names of the weights whose shape depends on the number of classes: those of the classifiers."""
    with torch.device("meta"):  # shapes alone, no memory
        two, three = (build(network_settings(classes, settings)).state_dict() for classes in (2, 3))
    return {name for name, values in two.items() if values.shape != three[name].shape}


def _load_bundle(path: Path) -> Trained:
    """Rebuild a network from a bundle; the auxiliary head, which no bundle carries, starts anew."""
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
        network = DualStream(restored_settings(len(names), dict(bundle.network)))
        state = network.state_dict()
        found = {key: value for graph in bundle.graphs.values() for key, value in _weights(graph).items()}
        away = ("auxiliary_head", *network.unused_parts)
        needed = {k for k in state if not k.startswith(away) and not k.endswith("num_batches_tracked")}
        if needed - found.keys():
            raise ValueError(f"weights such as {sorted(needed - found.keys())[0]} are missing")
        network.load_state_dict({**state, **{key: found[key] for key in needed}})
    except (SettingsError, ValueError, TypeError, RuntimeError) as error:
        raise CheckpointError(f"The network of '{path}' cannot be rebuilt: {error}") from error
    colours = ["{:02X}{:02X}{:02X}".format(*entry.colour) for entry in bundle.classes]
    return Trained(network.eval(), names, colours, {}, 0, tuple(bundle.bands))


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
