"""Read, check and write model bundles (`name.uhrs`): a zip of model.json and ONNX graphs.

Reading executes nothing: no pickle, no path outside the archive, bounded sizes, no outside data files.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from uhrs_qgis_plugin.engine.bundle.archive import (
    GRAPHS,
    INT8_GRAPHS,
    KINDS,
    MANIFEST,
    NETWORK,
    is_mixed,
    is_network,
    kind_of,
    missing_graphs,
    read_content,
    stem_of,
    unpack,
)
from uhrs_qgis_plugin.engine.bundle.imagery import Imagery, read_imagery
from uhrs_qgis_plugin.engine.bundle.manifest import check_int8, check_manifest, parse_manifest
from uhrs_qgis_plugin.engine.bundle.onnx_scan import refuse_unsafe_graph
from uhrs_qgis_plugin.engine.bundle.windows import NETWORK_VERSION, Windows, windows_of
from uhrs_qgis_plugin.engine.errors import BundleError
from uhrs_qgis_plugin.engine.files import replacing


@dataclass(frozen=True)
class ClassInfo:
    """One class of a model.

    Attributes:
        value: Label in classes.tif, 0..249.
        name: Name as shown to people.
        colour: (red, green, blue), 0..255.
    """

    value: int
    name: str
    colour: tuple[int, int, int]


@dataclass(frozen=True)
class Bundle:
    """A trained model with everything needed to run it.

    Attributes:
        path: File it was read from.
        sha256: Hexadecimal digest of that file.
        name: The model's name.
        architecture: The network's name.
        total_parameters: Weights of all graphs.
        bands: Names of the bands the model expects, in order.
        data_type: numpy name of the raster numbers the model expects.
        resolution_m: Ground sampling distance of the training data in metres, None if unknown.
        classes: Classes in order of their value.
        downsampling: "average" or "nearest": how the low stream's image is made.
        patch_side: Side of a patch in pixels, a multiple of 16.
        coarse_channels: Channels G of the low features, as the fusion takes them.
        feature_channels: Channels F of the high features.
        uncertainty_stride: Pixels per cell of U, 16 or 8.
        default_ratio: Fraction of patches that is refined by default, 0..1.
        fill: Fill value per band for pixels without data.
        network: Settings of the network, for further training; empty if unknown.
        training_data: What it was trained on, "" if unknown.
        licence: Licence of the weights, "" if unknown.
        metrics: Scores as the trainer reported them.
        graphs: "low", "high" and "fuse", or "network" -> serialised ONNX graph in floating point; a bundle of 8 bits
            alone has only some of them.
        int8_graphs: "low" and "high", or "network" -> the same with weights and activations of 8 bits; empty when there
            are none.
        int8: What is known of the 8-bit graphs: "agreement" and more, see docs/bundle.md; empty without them.
        calibration: What is known of the final uncertainty: "temperatures" and more, see docs/bundle.md; empty where
            it was not calibrated.
        version: Of the weights, "" if unknown.
        precision: What `graphs` are in; see `in_precision`.
        imagery: Statistics of the training imagery; None when there are none, or of another kind than this engine's.
        windows: How its one network is run in windows; None where it has a low and a high stream.
    """

    path: str
    sha256: str
    name: str
    architecture: str
    total_parameters: int
    bands: tuple[str, ...]
    data_type: str
    resolution_m: float | None
    classes: tuple[ClassInfo, ...]
    downsampling: str
    patch_side: int
    coarse_channels: int
    feature_channels: int
    uncertainty_stride: int
    default_ratio: float
    fill: tuple[float, ...]
    network: Mapping[str, Any]
    training_data: str
    licence: str
    metrics: Mapping[str, Any]
    graphs: Mapping[str, bytes]
    int8_graphs: Mapping[str, bytes] = field(default_factory=dict)
    int8: Mapping[str, Any] = field(default_factory=dict)
    calibration: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    precision: str = "float"
    imagery: Imagery | None = None
    windows: Windows | None = None

    @property
    def precisions(self) -> tuple[str, ...]:
        """The precisions in which all graphs are there: "float", "int8" or both."""
        wanted = KINDS if self.windows is None else (NETWORK,)
        there = [("float", set(self.graphs) >= set(wanted)), ("int8", bool(self.int8_graphs))]
        return tuple(name for name, is_there in there if is_there)

    @property
    def has_first_look(self) -> bool:
        """Whether a network runs in the coarse pass."""
        return self.windows is None or self.windows.has_first_look

    @property
    def window_side(self) -> int:
        """Side in pixels of what the second look reads for a patch."""
        return self.patch_side if self.windows is None else self.windows.side

    @property
    def graphs_sha256(self) -> str:
        """Hexadecimal digest of all graphs: of what the model computes, whatever its texts say."""
        digest = hashlib.sha256()
        every = {**self.graphs, **{f"{name}.int8": graph for name, graph in self.int8_graphs.items()}}
        for name in sorted(every):
            digest.update(f"{name} {len(every[name])} ".encode())
            digest.update(every[name])
        return digest.hexdigest()

    def in_precision(self, precision: str) -> Bundle:
        """Take one precision alone.

        Args:
            precision: One of `precisions`.

        Returns:
            The bundle with its `graphs` in that precision; "int8": those that have no 8-bit form in floating point.
        """
        graphs = {**self.graphs, **self.int8_graphs} if precision == "int8" else self.graphs
        return replace(self, graphs=graphs, precision=precision)

    def member(self, graph: str) -> str:
        """Name the file of one of `graphs`, for messages: "low.onnx"."""
        is_small = self.precision == "int8" and graph in self.int8_graphs
        return f"{graph}.int8.onnx" if is_small else f"{graph}.onnx"

    def __repr__(self) -> str:
        """Name the bundle without its megabytes of weights."""
        return f"Bundle(name={self.name!r}, path={self.path!r}, sha256={self.sha256[:12]!r})"


def read_bundle(path: str | os.PathLike[str]) -> Bundle:
    """Read a bundle and check everything in it.

    Returns:
        The bundle.

    Raises:
        BundleError: Missing, damaged, unsafe or incomplete; the text names the member or key.

    Examples:
        >>> from uhrs_qgis_plugin.engine import read_bundle
        >>> bundle = read_bundle("model.uhrs")
        >>> bundle.bands, bundle.data_type, bundle.patch_side
        (('band1', 'band2', 'band3'), 'uint8', 128)
        >>> [entry.name for entry in bundle.classes]
        ['class0', 'class1', 'class2']
    """
    path = os.fspath(path)
    return _bundle_of(read_content(path), path)


def read_manifest(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read model.json of a bundle, checked as in `read_bundle`.

    Returns:
        The object as it stands in the file.

    Raises:
        BundleError: See `read_bundle`.
    """
    path = os.fspath(path)
    content = read_content(path)
    _bundle_of(content, path)
    return parse_manifest(unpack(content, path)[MANIFEST])


def write_bundle(path: str | os.PathLike[str], manifest: Mapping[str, Any], graphs: Mapping[str, bytes]) -> Bundle:
    """Write a bundle; it appears under its name only when complete and readable.

    Args:
        path: The `.uhrs` file to make; its folder must exist, a file of that name is replaced.
        graphs: "low", "high", "fuse", and those of 8 bits, "low.int8" and "high.int8", -> serialised ONNX graph with
            its weights inside; or "network" and "network.int8". Low, high and network may be there in one of the two
            forms, or in both.

    Returns:
        The bundle as read back.

    Raises:
        BundleError: The manifest or a graph does not pass the checks of `read_bundle`.
        OutputError: The file cannot be written.
    """
    path = os.fspath(path)
    names = [f"{name}.onnx" for name in graphs]
    if missing_graphs(names) or not set(names) <= set(GRAPHS) or is_mixed(names):
        raise BundleError(
            "A bundle needs the graphs low, high and fuse, the first two perhaps as low.int8 and high.int8, or network "
            f"or network.int8 alone, but got {sorted(graphs)}: pass these."
        )
    check_manifest(dict(manifest))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        texts = {MANIFEST: _manifest_text(manifest)}
        texts.update({name: graphs[stem_of(name)] for name in GRAPHS if name in names})
        for name, content in texts.items():
            # A fixed date makes equal models equal files, so that the digest identifies a model.
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            # Weights hardly become smaller, and unpacking them would be the longest part of reading a bundle.
            entry.compress_type = zipfile.ZIP_DEFLATED if name == MANIFEST else zipfile.ZIP_STORED
            archive.writestr(entry, content)
    bundle = _bundle_of(packed.getvalue(), path)
    with replacing(path) as part:
        part.write_bytes(packed.getvalue())
    return bundle


def amend_bundle(path: str | os.PathLike[str], entries: Mapping[str, Any]) -> Bundle:
    """Set keys of a bundle's model.json; everything else in it stays as it is.

    Args:
        path: The `.uhrs` file, which is replaced.
        entries: Key -> value.

    Returns:
        The bundle as read back.

    Raises:
        BundleError: It is no bundle, or would be none.
        OutputError: The file cannot be written.
    """
    bundle, manifest = read_bundle(path), read_manifest(path)
    graphs = {**bundle.graphs, **{f"{name}.int8": graph for name, graph in bundle.int8_graphs.items()}}
    return write_bundle(path, {**manifest, **entries}, graphs)


def _manifest_text(manifest: Mapping[str, Any]) -> bytes:
    """A manifest as text, indented, but for the statistics: thousands of numbers, which would have a line each."""
    lines = [
        f"  {json.dumps(key)}: {json.dumps(value, indent=None if key == 'uhrs:imagery' else 2, ensure_ascii=False)}"
        for key, value in manifest.items()
    ]
    return ("{\n" + ",\n".join(lines) + "\n}").encode()


def _bundle_of(content: bytes, path: str) -> Bundle:
    """Check the bytes of a bundle and parse them."""
    with ThreadPoolExecutor(1) as pool:  # megabytes are hashed without the GIL, beside the checks
        digest = pool.submit(hashlib.sha256, content)
        return _checked(unpack(content, path), path, digest)


def _checked(members: Mapping[str, bytes], path: str, digest: Future[Any]) -> Bundle:
    """Check the members of a bundle and parse them; `digest` is that of the whole file."""
    try:
        manifest = parse_manifest(members[MANIFEST])
        check_int8(manifest, any(name in members for name in INT8_GRAPHS))
        _check_kind(manifest, members)
        source, imagery = manifest["mlm:input"][0], None
        if "uhrs:imagery" in manifest:
            imagery = read_imagery(manifest["uhrs:imagery"], len(source["bands"]))
        graphs = {stem_of(name): members[name] for name in GRAPHS if name in members}
        for name, graph in graphs.items():
            refuse_unsafe_graph(graph, f"{name}.onnx")
    except BundleError as error:
        raise BundleError(f"Model '{path}': {error}") from error
    classes = manifest["mlm:output"][0]["classification:classes"]
    windows = windows_of(manifest) if NETWORK in map(kind_of, graphs) else None
    coarse_channels, feature_channels, stride = _grids(manifest, windows)
    return Bundle(
        path=path,
        sha256=digest.result().hexdigest(),
        name=manifest["mlm:name"],
        architecture=manifest["mlm:architecture"],
        total_parameters=manifest["mlm:total_parameters"],
        bands=tuple(source["bands"]),
        data_type=source["data_type"],
        resolution_m=source["raster:spatial_resolution"],
        classes=tuple(ClassInfo(item["value"], item["name"], _colour(item["color_hint"])) for item in classes),
        downsampling=manifest["uhrs:downsampling"],
        patch_side=manifest["uhrs:patch_side"],
        coarse_channels=coarse_channels,
        feature_channels=feature_channels,
        uncertainty_stride=stride,
        default_ratio=float(manifest["uhrs:default_ratio"]),
        fill=tuple(manifest["uhrs:fill"]),
        network=manifest.get("uhrs:network", {}),
        training_data=manifest.get("uhrs:training_data", ""),
        licence=manifest.get("uhrs:licence", ""),
        metrics=manifest.get("uhrs:metrics", {}),
        graphs={name: graph for name, graph in graphs.items() if name == kind_of(name)},
        int8_graphs={kind_of(name): graph for name, graph in graphs.items() if name != kind_of(name)},
        int8=manifest.get("uhrs:int8", {}),
        calibration=manifest.get("uhrs:calibration", {}),
        version=manifest.get("uhrs:version", ""),
        imagery=imagery,
        windows=windows,
    )


def _check_kind(manifest: Mapping[str, Any], members: Iterable[str]) -> None:
    """Check that model.json and the graphs are of one kind."""
    version, holds_network = manifest["uhrs:format_version"], is_network(members)
    if (version == NETWORK_VERSION) != holds_network:
        held = "one network" if holds_network else "a low and a high stream"
        raise BundleError(
            f"model.json: 'uhrs:format_version' is {version} but the graphs are those of {held}: "
            "export the model again."
        )


def _grids(manifest: Mapping[str, Any], windows: Windows | None) -> tuple[int, int, int]:
    """Channels of low and high features, and pixels per cell of U."""
    if windows is not None:
        return windows.coarse_channels, windows.feature_channels, windows.uncertainty_stride
    channels = manifest["uhrs:feature_channels"]
    return manifest.get("uhrs:coarse_channels", channels), channels, manifest["uhrs:uncertainty_stride"]


def _colour(text: str) -> tuple[int, int, int]:
    """Turn 'E2A929' into (226, 169, 41)."""
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)
