"""An ONNX file of a stranger, opened: what it takes and gives by its own account, before anything is run."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uhrs_qgis_plugin.engine.bundle.onnx_scan import refuse_unsafe_graph
from uhrs_qgis_plugin.engine.errors import BundleError, OptionsError, one_line
from uhrs_qgis_plugin.engine.importing.metadata import Metadata, read_metadata
from uhrs_qgis_plugin.engine.importing.options import ImportOptions
from uhrs_qgis_plugin.engine.inference import import_onnxruntime
from uhrs_qgis_plugin.engine.inference.devices import open_session

MOST_BYTES = 500 * 2**20  # a bundle may hold 512 MiB
MOST_BANDS = 64  # by which an axis of bands is told from one of pixels
ZIP = b"PK\3\4"
TYPES = {"float": "float32", "double": "float64"}  # onnxruntime's names of numpy's
FLOATS = ("float32", "float16", "float64")
WHOLE = ("uint8", "uint16", "int16")  # of rasters, as an input may take them


@dataclass(frozen=True)
class End:
    """An input or an output.

    Attributes:
        name: In the graph.
        dtype: numpy name.
        axes: Length of each axis, None where it is free; () where not even their number is known.
    """

    name: str
    dtype: str
    axes: tuple[int | None, ...]

    def __str__(self) -> str:
        """Word it for people: 'out' (1 x 3 x ? x ?)."""
        return f"'{self.name}' ({' x '.join('?' if axis is None else str(axis) for axis in self.axes) or 'any axes'})"


@dataclass(frozen=True)
class NetworkFile:
    """An ONNX file that is open.

    Attributes:
        label: The file's name, for messages.
        graph: Its bytes.
        session: Of onnxruntime, on the processor.
        source: The input.
        target: The output that counts.
        is_channels_last: Whether the input's axes are batch, height, width, bands.
        metadata: What it says of itself.
    """

    label: str
    graph: bytes
    session: Any
    source: End
    target: End
    is_channels_last: bool
    metadata: Metadata

    @property
    def batch(self) -> int | None:
        """Images that it takes at once; None = any number."""
        return self.source.axes[0]

    @property
    def bands(self) -> int | None:
        """Bands that it takes; None = it does not say."""
        return self.source.axes[3 if self.is_channels_last else 1]

    @property
    def sides(self) -> tuple[int | None, int | None]:
        """Height and width that it takes; None = it does not say."""
        first = 1 if self.is_channels_last else 2
        return self.source.axes[first], self.source.axes[first + 1]


def open_network(path: str, options: ImportOptions) -> NetworkFile:
    """Open an ONNX file, and check what can be checked without running it.

    Raises:
        BundleError: It cannot be read, is unsafe, or is no network from one image to scores of classes.
        OptionsError: It has several outputs, or axes that can be read in two ways, and the options do not choose.
        DeviceError: onnxruntime is missing.
    """
    label = os.path.basename(path)
    graph = _read(path)
    refuse_unsafe_graph(graph, label)
    ort = import_onnxruntime()
    try:
        session = open_session(ort, graph, "network", "cpu")
    except Exception as error:  # onnxruntime has a dozen kinds, some of them its own
        raise BundleError(
            f"'{label}' cannot be opened by onnxruntime {ort.__version__} ({one_line(error)}): export it again with "
            "standard operators, or install a newer onnxruntime."
        ) from error
    source = _only_input(_ends(session.get_inputs()), label)
    target = _chosen_output(_ends(session.get_outputs()), options.output, label)
    metadata = read_metadata(_metadata_of(session))
    is_last = _is_channels_last(source, options, metadata, label)
    found = NetworkFile(label, graph, session, source, target, is_last, metadata)
    if found.bands is not None and options.bands and len(options.bands) != found.bands:
        raise OptionsError(
            f"'{label}' takes {found.bands} bands, but {len(options.bands)} are named ({', '.join(options.bands)}): "
            f"name {found.bands}, in the network's order."
        )
    if None not in found.sides and found.sides[0] != found.sides[1]:
        raise BundleError(
            f"'{label}' takes windows of {found.sides[0]} x {found.sides[1]} pixels: export it for square ones, or for "
            "any height and width."
        )
    return found


def _read(path: str) -> bytes:
    """Read the bytes of a file that may be an ONNX graph."""
    label = os.path.basename(path)
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise BundleError(f"'{path}' is no file: give an ONNX file (*.onnx).")
        if status.st_size > MOST_BYTES:
            raise BundleError(
                f"'{label}' has {status.st_size >> 20} MiB, allowed are {MOST_BYTES >> 20}: export a smaller network."
            )
        with open(path, "rb") as file:
            graph = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BundleError(f"Cannot read '{path}' ({error.strerror or error}): check the path.") from error
    if graph.startswith(ZIP):
        if path.lower().endswith(".uhrs"):
            raise BundleError(f"'{label}' is a model bundle already: choose it as the model.")
        raise BundleError(
            f"'{label}' is a zip archive, as torch writes its checkpoints: export the network as ONNX first "
            "(torch.onnx.export)."
        )
    return graph


def _metadata_of(session: Any) -> Mapping[str, str]:  # noqa: ANN401 (onnxruntime is untyped)
    try:
        return dict(session.get_modelmeta().custom_metadata_map)
    except (UnicodeDecodeError, RuntimeError) as error:
        raise BundleError("The metadata of the file are no text: remove them from the file.") from error


def _ends(found: Sequence[Any]) -> list[End]:
    """Describe inputs or outputs as onnxruntime gives them."""
    ends = []
    for end in found:
        kind = str(end.type)
        inner = kind[len("tensor(") : -1] if kind.startswith("tensor(") else kind
        axes = tuple(axis if isinstance(axis, int) and axis > 0 else None for axis in end.shape or ())
        ends.append(End(str(end.name), TYPES.get(inner, inner), axes))
    return ends


def _only_input(inputs: Sequence[End], label: str) -> End:
    if len(inputs) != 1:
        names = ", ".join(map(str, inputs)) or "none"
        raise BundleError(f"'{label}' has {len(inputs)} inputs ({names}): export a network that takes one image.")
    source = inputs[0]
    if source.dtype not in (*FLOATS, *WHOLE):
        raise BundleError(
            f"'{label}' takes numbers of the type {source.dtype}: export it for one of {', '.join((*FLOATS, *WHOLE))}."
        )
    return source


def _chosen_output(outputs: Sequence[End], name: str, label: str) -> End:
    """Choose the output that holds the classes."""
    found = [end for end in outputs if end.name == name] if name else list(outputs)
    if len(found) != 1:
        what = f"no output '{name}'" if name else f"{len(outputs)} outputs"
        raise OptionsError(
            f"'{label}' has {what}: name the one with the scores of the classes as 'output', one of "
            f"{', '.join(map(str, outputs))}."
        )
    target = found[0]
    if target.dtype not in FLOATS:
        raise BundleError(
            f"'{label}' gives numbers of the type {target.dtype}, such as class numbers: export the network without "
            "its last step (argmax), so that it gives a score for each class."
        )
    if target.axes and len(target.axes) != 4:
        raise not_a_map(label, str(target))
    return target


def not_a_map(label: str, what: str) -> BundleError:
    """Make the error for outputs that are no map of scores.

    Args:
        what: The output in words.
    """
    return BundleError(
        f"'{label}' gives {what}, which is no score for each class and pixel (1 x classes x height x width): it may "
        "detect objects or classify whole images; choose a network for semantic segmentation."
    )


def _is_channels_last(source: End, options: ImportOptions, metadata: Metadata, label: str) -> bool:
    """Find out which axis of the input holds the bands."""
    if options.layout != "auto":
        return options.layout == "NHWC"
    second, last = source.axes[1], source.axes[3]
    named = len(options.bands) or (max(len(metadata.mean), len(metadata.std)) if metadata.is_deepness else 0)
    if named and (second == named) != (last == named):
        return last == named
    is_first, is_last = (axis is not None and axis <= MOST_BANDS for axis in (second, last))
    if is_first != is_last:
        return is_last
    if second is None and last is None:
        return False  # found wrong when it is run
    raise OptionsError(
        f"'{label}' takes {source}, where neither axis is clearly that of the bands: give the layout, NCHW (batch, "
        "bands, height, width) or NHWC, and the names of the bands."
    )
