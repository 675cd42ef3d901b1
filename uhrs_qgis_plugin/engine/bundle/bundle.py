"""Read, check and write model bundles (`name.uhrs`): a zip of model.json and ONNX graphs.

Reading executes nothing: no pickle, no path outside the archive, bounded sizes, no outside data files.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from uhrs_qgis_plugin.engine.bundle.imagery import Imagery, read_imagery
from uhrs_qgis_plugin.engine.bundle.manifest import check_int8, check_manifest, parse_manifest
from uhrs_qgis_plugin.engine.bundle.onnx_scan import refuse_unsafe_graph
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
        graphs: "low", "high" and "fuse" -> serialised ONNX graph in floating point; a bundle of 8 bits alone has only
            some of them.
        int8_graphs: "low" and "high" -> the same with weights and activations of 8 bits; empty when there are none.
        int8: What is known of the 8-bit graphs: "agreement" and more, see docs/bundle.md; empty without them.
        calibration: What is known of the final uncertainty: "temperatures" and more, see docs/bundle.md; empty where
            it was not calibrated.
        version: Of the weights, "" if unknown.
        precision: What `graphs` are in; see `in_precision`.
        imagery: Statistics of the training imagery; None when there are none, or of another kind than this engine's.
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

    @property
    def precisions(self) -> tuple[str, ...]:
        """The precisions in which all three graphs are there: "float", "int8" or both."""
        there = [("float", set(self.graphs) >= set(KINDS)), ("int8", bool(self.int8_graphs))]
        return tuple(name for name, is_there in there if is_there)

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
    return _bundle_of(_content(path), path)


def read_manifest(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read model.json of a bundle, checked as in `read_bundle`.

    Returns:
        The object as it stands in the file.

    Raises:
        BundleError: See `read_bundle`.
    """
    path = os.fspath(path)
    content = _content(path)
    _bundle_of(content, path)
    return parse_manifest(unpack(content, path)[MANIFEST])


def _content(path: str) -> bytes:
    """Read the bytes of a bundle."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):  # a pipe would wait for ever
            raise refused(path, "is not a file")
        if status.st_size > MAX_TOTAL_BYTES:
            raise refused(path, f"is larger than {MAX_TOTAL_BYTES >> 20} MiB")
        with open(path, "rb") as file:
            content = file.read(MAX_TOTAL_BYTES + 1)
    except OSError as error:
        raise BundleError(f"Cannot read the model '{path}' ({error.strerror or error}): check the path.") from error
    return content


def write_bundle(path: str | os.PathLike[str], manifest: Mapping[str, Any], graphs: Mapping[str, bytes]) -> Bundle:
    """Write a bundle; it appears under its name only when complete and readable.

    Args:
        path: The `.uhrs` file to make; its folder must exist, a file of that name is replaced.
        graphs: "low", "high", "fuse", and those of 8 bits, "low.int8" and "high.int8", -> serialised ONNX graph with
            its weights inside. Low and high may be there in one of the two forms, or in both.

    Returns:
        The bundle as read back.

    Raises:
        BundleError: The manifest or a graph does not pass the checks of `read_bundle`.
        OutputError: The file cannot be written.
    """
    path = os.fspath(path)
    names = [f"{name}.onnx" for name in graphs]
    if _missing(names) or not set(names) <= set(GRAPHS):
        raise BundleError(
            "A bundle needs the graphs low, high and fuse, the first two perhaps as low.int8 and high.int8, but got "
            f"{sorted(graphs)}: pass these."
        )
    check_manifest(dict(manifest))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        texts = {MANIFEST: _manifest_text(manifest)}
        texts.update({name: graphs[_stem(name)] for name in GRAPHS if name in names})
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
        source, imagery = manifest["mlm:input"][0], None
        if "uhrs:imagery" in manifest:
            imagery = read_imagery(manifest["uhrs:imagery"], len(source["bands"]))
        graphs = {_stem(name): members[name] for name in GRAPHS if name in members}
        for name, graph in graphs.items():
            refuse_unsafe_graph(graph, f"{name}.onnx")
    except BundleError as error:
        raise BundleError(f"Model '{path}': {error}") from error
    classes = manifest["mlm:output"][0]["classification:classes"]
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
        coarse_channels=manifest.get("uhrs:coarse_channels", manifest["uhrs:feature_channels"]),
        feature_channels=manifest["uhrs:feature_channels"],
        uncertainty_stride=manifest["uhrs:uncertainty_stride"],
        default_ratio=float(manifest["uhrs:default_ratio"]),
        fill=tuple(manifest["uhrs:fill"]),
        network=manifest.get("uhrs:network", {}),
        training_data=manifest.get("uhrs:training_data", ""),
        licence=manifest.get("uhrs:licence", ""),
        metrics=manifest.get("uhrs:metrics", {}),
        graphs={name: graph for name, graph in graphs.items() if name in KINDS},
        int8_graphs={name.split(".")[0]: graph for name, graph in graphs.items() if name not in KINDS},
        int8=manifest.get("uhrs:int8", {}),
        calibration=manifest.get("uhrs:calibration", {}),
        version=manifest.get("uhrs:version", ""),
        imagery=imagery,
    )


def _colour(text: str) -> tuple[int, int, int]:
    """Turn 'E2A929' into (226, 169, 41)."""
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


MANIFEST = "model.json"

KINDS = ("low", "high", "fuse")

INT8_GRAPHS = ("low.int8.onnx", "high.int8.onnx")

GRAPHS = (*(f"{kind}.onnx" for kind in KINDS), *INT8_GRAPHS)

MEMBERS = (MANIFEST, *GRAPHS)

MAX_TOTAL_BYTES = 512 * 2**20  # unpacked; a bundle of ResNet-18 and STDC is about 80 MiB

MAX_MANIFEST_BYTES = 2**20

MAX_ENTRIES = 64  # entries of the archive's directory that are looked at before it is refused

MAX_DIRECTORY_BYTES = 2**16  # of the archive's directory: zipfile reads all its entries, perhaps millions

CHUNK_BYTES = 2**20


def _stem(name: str) -> str:
    """Cut the ending off: "low" of "low.onnx", "low.int8" of "low.int8.onnx"."""
    return os.path.splitext(name)[0]


def _missing(names: Iterable[str]) -> list[str]:
    """List the graphs that are there in no form."""
    forms = [(f"{kind}.onnx", f"{kind}.int8.onnx") for kind in KINDS]
    return [plain for plain, small in forms if not {plain, small} & {*names}]


def unpack(content: bytes, path: str) -> dict[str, bytes]:
    """Unpack the members within the size limits.

    Args:
        path: The archive's name in error texts.

    Returns:
        Member -> bytes.

    Raises:
        BundleError: It is no zip of these members, lacks one, is damaged or too large.
    """
    _check_directory(content, path)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries, path)
            return {entry.filename: _read_member(archive, entry, path) for entry in entries}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OverflowError,
        RuntimeError,
        ValueError,
        struct.error,
    ) as error:
        raise refused(path, f"is not a bundle or is damaged ({error})") from error


def _check_directory(content: bytes, path: str) -> None:
    """Check the size of the archive's directory before zipfile reads it; zipfile itself rejects what is no archive."""
    end = len(content) - 22  # where the record of the end lies in an archive without comment
    if not (content[end : end + 4] == b"PK\5\6" and content.endswith(b"\0\0")):
        end = content.rfind(b"PK\5\6", max(0, end - 2**16))
    if end < 0 or len(content) < end + 22:
        return
    (size,) = struct.unpack_from("<I", content, end + 12)
    is_zip64 = content[max(0, end - 20) : end].startswith(b"PK\6\7")
    if size > MAX_DIRECTORY_BYTES or is_zip64:
        what = "is in the ZIP64 format" if is_zip64 else f"has a directory of {size} bytes"
        raise refused(path, f"{what}, which no bundle needs")


def _check_entries(entries: list[zipfile.ZipInfo], path: str) -> None:
    """Check the archive's directory before anything is unpacked."""
    if len(entries) > MAX_ENTRIES:
        raise refused(path, f"has {len(entries)} members")
    names = [entry.filename for entry in entries]
    for name in names:
        if name not in MEMBERS:
            raise refused(path, f"has the member {name[:100]!r}")
    if len(set(names)) != len(names):
        raise refused(path, "has a member twice")
    missing = [*([] if MANIFEST in names else [MANIFEST]), *_missing(names)]
    if missing:
        raise refused(path, f"lacks {', '.join(missing)}")
    for entry in entries:
        _check_entry(entry, path)
    total = sum(entry.file_size for entry in entries)
    if total > MAX_TOTAL_BYTES:
        raise refused(path, f"unpacks to {total} bytes, allowed are {MAX_TOTAL_BYTES}")


def _check_entry(entry: zipfile.ZipInfo, path: str) -> None:
    """Check one entry of the archive's directory."""
    if entry.flag_bits & 1:
        raise refused(path, f"has the encrypted member '{entry.filename}'")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refused(path, f"packs '{entry.filename}' in a way that is neither stored nor deflated")
    if entry.filename == MANIFEST and entry.file_size > MAX_MANIFEST_BYTES:
        raise refused(path, f"has a {MANIFEST} of {entry.file_size} bytes, allowed are {MAX_MANIFEST_BYTES}")


def _read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> bytes:
    """Unpack one member, never more than its directory entry announces."""
    parts = []
    size = 0
    with archive.open(entry) as file:
        # In one piece where it is what it announces: megabytes that are joined are copied once more.
        while chunk := file.read(max(CHUNK_BYTES, entry.file_size)):
            size += len(chunk)
            if size > entry.file_size:
                raise refused(path, f"announces {entry.file_size} bytes for '{entry.filename}' and holds more")
            parts.append(chunk)
    if size != entry.file_size:
        raise refused(path, f"announces {entry.file_size} bytes for '{entry.filename}' and holds {size}")
    return b"".join(parts)


def refused(path: str, why: str) -> BundleError:
    """Make the error for an invalid archive.

    Args:
        why: What is wrong; follows the name in the text.

    Returns:
        The error.
    """
    return BundleError(
        f"Model '{path}' {why}; a bundle is a zip of {', '.join(MEMBERS[:4])} and perhaps {', '.join(INT8_GRAPHS)}: "
        "export or download it again."
    )
