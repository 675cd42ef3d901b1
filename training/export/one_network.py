"""Bundles that carry one network in windows: every architecture but ours, see docs/bundle.md, format 3."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from training.data.arrays import fill_values
from training.errors import SettingsError
from training.export.manifest import Told, parameters
from training.export.network_graph import INPUT, OUTPUT, NetworkFile, export_network
from training.networks import LibraryNetwork, Network, Settings, name_of
from training.weights import Trained
from uhrs_qgis_plugin.engine.bundle import Windows, best_windows, network_manifest, write_bundle
from uhrs_qgis_plugin.engine.importing import warn_of_seams

_CELL = 32  # pixels: windows begin at multiples of it
_PATCH = 16  # and patches have multiples of this
_OWN = {
    "low_stream": "low stream alone (ResNet, DAPPM at 1/4 scale)",
    "high_stream": "high stream alone",
    "isdnet": "ISDNet",
    "deeplabv3plus": "DeepLabv3+ (ResNet)",
    "segformer": "SegFormer-B0",
}


@dataclass(frozen=True)
class WindowOptions:
    """How the engine is to run the network.

    Attributes:
        window: side in pixels; None is that of the network's settings.
        margin: pixels on each side that only serve as surroundings; None is half the overlap of the settings, or what
            suits the window that was given.
        first_look: "same", the network at 1/4 scale chooses what it sees at full scale; "none" shows it all (K = 1).
    """

    window: int | None = None
    margin: int | None = None
    first_look: str = "none"


def export_windows(network: Network, options: WindowOptions) -> tuple[Windows, NetworkFile]:
    """The network as a graph, and how it is run.

    Raises:
        SettingsError: when the side does not suit the network.
        BundleError: when side and margin do not fit each other.
        CheckpointError: when the graph is not the network.
    """
    settings = network.settings
    cell = network.cell if isinstance(network, LibraryNetwork) else _CELL
    side = options.window or -(-settings.window // cell) * cell
    if side % cell:
        raise SettingsError(f"--window is {side}; this network takes multiples of {cell} pixels")
    margin, patch = _inside(side, options.margin, settings.window_overlap // 2 if options.window is None else None)
    wanted = Windows(
        input=INPUT,
        output=OUTPUT,
        side=side,
        margin=margin,
        patch_side=patch,
        channels=settings.classes,
        input_type=settings.data_type,
        first_look=options.first_look,
    )  # checked before the export
    file = export_network(network, side)
    windows = replace(wanted, is_fixed=file.is_fixed, stride=file.stride)
    return windows, file


def seams_of(windows: Windows, file: NetworkFile, settings: Settings) -> str:
    """A warning where the network looks beyond the margin of its windows; "" where it does not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        path.write_bytes(file.graph)
        return warn_of_seams(path, windows, settings.bands, settings.data_type)


def _inside(side: int, given: int | None, usual: int | None) -> tuple[int, int]:
    """Margin and side of the patches of windows."""
    margin = usual if given is None else given
    if margin is None:
        return best_windows(side)
    return margin, max(_PATCH, (side - 2 * margin) // _PATCH * _PATCH)


def network_bundle(
    path: Path,
    trained: Trained,
    windows: Windows,
    file: NetworkFile,
    told: Told,
    more: Mapping[str, Any],
) -> None:
    """Write the bundle.

    Args:
        told: what the bundle says of it.
        more: more keys of model.json.

    Raises:
        UhrsError: when it cannot be written.
    """
    network, settings = trained.network, trained.network.settings
    content = network_manifest(
        windows,
        architecture=described(network),
        classes=list(zip(trained.class_names, trained.class_colours, strict=True)),
        data_type=settings.data_type,
        fill=fill_values(settings.mean, settings.data_type),
        total_parameters=parameters(network),
        name=told.name,
        bands=told.bands,
        ratio=told.ratio,
        resolution_m=told.resolution_m,
        optional={"uhrs:network": stored_network(network), **told.optional(), **more},
    )
    write_bundle(path, content, {"network": file.graph})


def described(network: Network) -> str:
    """What the network is, in words."""
    name = name_of(network)
    if not isinstance(network, LibraryNetwork):
        return _OWN.get(name, name)
    encoder = getattr(getattr(network.net, "encoder", None), "name", None) or network.settings.encoder
    return f"{name} ({encoder or 'resnet18'})" if name.startswith("smp:") else name


def stored_network(network: Network) -> dict[str, Any]:
    """The settings from which the network is built again, with its architecture."""
    values = {key: value for key, value in asdict(network.settings).items() if key != "classes"}
    return {"architecture": name_of(network), **values}
