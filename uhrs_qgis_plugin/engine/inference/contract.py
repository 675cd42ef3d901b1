"""What a model can do, wherever it runs: the three graphs of a bundle as one protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.errors import BundleError
from uhrs_qgis_plugin.engine.grid import CELL8, CELL32, DOWN_RATIO
from uhrs_qgis_plugin.engine.inference.network import check_scores, input_shape
from uhrs_qgis_plugin.engine.results import LEVELS

Arrays = Sequence[NDArray[Any]]


class Streams(Protocol):
    """The three graphs of a model, wherever they run. Subclasses give `run`; B, F, G, s as in the bundle."""

    def run(self, graph: str, inputs: Arrays) -> Arrays:
        """Run "low", "high" or "fuse".

        Args:
            graph: A key of `INPUTS`.
            inputs: In the order of `INPUTS`.

        Returns:
            In the order of `OUTPUTS`.
        """

    def low(self, image: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Run the low stream.

        Args:
            image: (N, B, h, w) raster numbers at 1/4 scale, h and w multiples of 8.

        Returns:
            features (N, G, h/8, w/8), and uncertainty (N, 1, 4h/s, 4w/s) in [0, 1].
        """
        features, uncertainty = self.run("low", (image,))
        return features, uncertainty

    def high(self, patches: NDArray[Any], *places: NDArray[np.int64]) -> NDArray[np.float32]:
        """Run the high stream.

        Args:
            patches: (N, B, p, p) raster numbers at full scale; of a bundle of one network its windows.
            places: (N, 2) first row and column of each patch in its window, of a bundle of one network alone.

        Returns:
            features (N, F, p/8, p/8).
        """
        (features,) = self.run("high", (patches, *places))
        return features

    def fuse(
        self,
        low_features: NDArray[np.float32],
        uncertainty: NDArray[np.float32],
        high_features: NDArray[np.float32],
        selected: NDArray[np.bool_],
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Join both streams.

        Args:
            low_features: (N, G, a, b).
            uncertainty: (N, 1, 32a/s, 32b/s) in [0, 1].
            high_features: (N, F, 4a, 4b), zeros where not selected.
            selected: (N, 1, 4a, 4b) bool.

        Returns:
            labels (N, 32a, 32b), and 254 * (U, final uncertainty) (N, 2, 4a, 4b).
        """
        labels, uncertainty8 = self.run("fuse", (low_features, uncertainty, high_features, selected))
        return labels, uncertainty8


class OpenStreams(Streams, Protocol):
    """A model that has been started on a device.

    Attributes:
        device: Name of the device that is used; "cpu" after it failed.
        version: Version of onnxruntime.
        precision: "float" or "int8".
        messages: What happened on the way, for people: fall-backs and smaller batches.
        batch_size: Patches per run of the high stream that suit the device and its free memory.
        lanes: How many runs of high and fuse at the same time keep the device busy.
        scenes: How many runs of low at the same time do.
        idle_cores: Cores of the processor that the device leaves to others, None where it needs them itself.
        keeps_features: Whether "high" leaves its result on the device, as `ResidentFeatures`, and "fuse" takes a
            `Layout` of them.
    """

    version: str
    precision: str
    batch_size: int
    lanes: int
    scenes: int
    idle_cores: int | None
    keeps_features: bool

    @property
    def device(self) -> str: ...  # noqa: D102 (see above)

    @property
    def messages(self) -> list[str]: ...  # noqa: D102

    def stop(self) -> None:
        """End what runs in other threads, from any thread, and refuse later runs: they raise `CancelledError`."""

    def forget(self, graph: str) -> None:
        """Give back the memory of a graph that will not be run any more."""


class Stoppable(Protocol):
    """Runs graphs, and gives up when another thread asks for it."""

    def run(self, graph: str, inputs: Arrays) -> Arrays:
        """See `Streams.run`."""

    def stop(self) -> None:
        """End the runs that go on, and refuse later ones."""


INPUTS = {
    "low": ("image",),
    "high": ("patches",),
    "fuse": ("low_features", "uncertainty", "high_features", "selected"),
}

OUTPUTS = {
    "low": ("features", "uncertainty"),
    "high": ("features",),
    "fuse": ("labels", "uncertainty8"),
}

NETWORK = "network"  # the only graph of a bundle of one network

SLACK = 0.01  # by which U may leave [0, 1]: rounding of reduced precision

TYPE_NAMES = {"float16": "float16", "float32": "float", "float64": "double"}  # numpy -> ONNX, where the names differ

Shape = tuple[int, ...]


def graphs_of(bundle: Bundle) -> tuple[str, ...]:
    """Name the graphs that a bundle is run by."""
    return tuple(INPUTS) if bundle.windows is None else (NETWORK,)


def input_names(bundle: Bundle, graph: str) -> tuple[str, ...]:
    """Name the inputs of a graph."""
    return INPUTS[graph] if bundle.windows is None else (bundle.windows.input,)


def output_names(bundle: Bundle, graph: str) -> tuple[str, ...]:
    """Name the outputs of a graph that are used."""
    return OUTPUTS[graph] if bundle.windows is None else (bundle.windows.output,)


def check_signatures(bundle: Bundle, sessions: Mapping[str, Any]) -> None:
    """Check names, types and shapes that the graphs declare.

    Args:
        sessions: Each of `graphs_of` -> onnxruntime session.

    Raises:
        BundleError: Something else than promised; the text names graph and tensor.
    """
    declared = input_shapes(bundle)
    for graph, session in sessions.items():
        names, results = input_names(bundle, graph), output_names(bundle, graph)
        what = f"'{bundle.member(graph)}' of model '{bundle.path}'"
        inputs = {entry.name: entry for entry in session.get_inputs()}
        outputs = {entry.name: entry for entry in session.get_outputs()}
        if set(inputs) != set(names) or not set(outputs).issuperset(results):
            raise BundleError(
                f"{what} takes {sorted(inputs)} and gives {sorted(outputs)}, expected "
                f"{sorted(names)} and {sorted(results)}: export the model again."
            )
        for name, entry in inputs.items():
            dtype, shape = declared[graph, name]
            _check_input(what, entry, dtype, shape)
        for name in results:
            dtype = result_type(bundle, graph)
            if outputs[name].type != _type_name(dtype):
                raise BundleError(
                    f"{what} gives '{name}' as {outputs[name].type}, expected "
                    f"{_type_name(dtype)}: export the model again."
                )


def result_type(bundle: Bundle, graph: str) -> str:
    """Name the numpy type of what a graph gives."""
    if bundle.windows is not None:
        return bundle.windows.output_type
    return "uint8" if graph == "fuse" else "float32"


def input_shapes(bundle: Bundle) -> dict[tuple[str, str], tuple[str, tuple[int | None, ...]]]:
    """List what the graphs must take.

    Returns:
        (graph, input) -> numpy type and shape; None = any length.
    """
    windows = bundle.windows
    if windows is not None:
        return {(NETWORK, windows.input): (windows.input_type, input_shape(bundle, windows, windows.batch))}
    bands, side = len(bundle.bands), bundle.patch_side
    return {
        ("low", "image"): (bundle.data_type, (None, bands, None, None)),
        ("high", "patches"): (bundle.data_type, (None, bands, side, side)),
        ("fuse", "low_features"): ("float32", (None, bundle.coarse_channels, None, None)),
        ("fuse", "uncertainty"): ("float32", (None, 1, None, None)),
        ("fuse", "high_features"): ("float32", (None, bundle.feature_channels, None, None)),
        ("fuse", "selected"): ("bool", (None, 1, None, None)),
    }


def trial_inputs(bundle: Bundle) -> dict[str, tuple[NDArray[Any], ...]]:
    """Make the least that the graphs are ever run on: one patch, and the smallest canvas that holds whole patches.

    Returns:
        Graph -> its inputs in the order of `INPUTS`: the fill values, and a selection of half the cells.
    """
    side = bundle.patch_side * (2 if bundle.patch_side % CELL32 else 1)  # patches are multiples of 16
    fill = np.array(bundle.fill, bundle.data_type)[np.newaxis, :, np.newaxis, np.newaxis]
    cells32, cells8, cells = side // CELL32, side // CELL8, side // bundle.uncertainty_stride
    selected = np.zeros((1, 1, cells8, cells8), np.bool_)
    selected[..., : cells8 // 2] = True
    return {
        "low": (fill + np.zeros((1, 1, side // DOWN_RATIO, side // DOWN_RATIO), bundle.data_type),),
        "high": (fill + np.zeros((1, 1, bundle.patch_side, bundle.patch_side), bundle.data_type),),
        "fuse": (
            np.zeros((1, bundle.coarse_channels, cells32, cells32), np.float32),
            np.full((1, 1, cells, cells), 0.5, np.float32),
            np.zeros((1, bundle.feature_channels, cells8, cells8), np.float32),
            selected,
        ),
    }


def check_outputs(bundle: Bundle, graph: str, inputs: Sequence[NDArray[Any]], outputs: Sequence[NDArray[Any]]) -> None:
    """Check what a run of a graph gave.

    Args:
        graph: One of `graphs_of`.
        inputs: In the order of `INPUTS`.
        outputs: In the order of `OUTPUTS`.

    Raises:
        BundleError: Other shapes, types or numbers than promised.
    """
    what = f"'{bundle.member(graph)}' of model '{bundle.name}'"
    if bundle.windows is not None:
        check_scores(what, outputs[0], bundle.windows, len(inputs[0]))
        return
    dtype = np.uint8 if graph == "fuse" else np.float32
    for array, shape in zip(outputs, output_shapes(bundle, graph, inputs)):
        if array.shape != shape or array.dtype != dtype:
            raise BundleError(
                f"{what} gave {array.dtype}{list(array.shape)} where "
                f"{np.dtype(dtype).name}{list(shape)} was promised: export the model again."
            )
        if dtype == np.float32 and not np.isfinite(array).all():
            raise BundleError(
                f"{what} gave numbers that are not finite: "
                "the model is damaged or the raster's numbers are not what it was trained on."
            )
    if graph == "low":
        _check_range(what, outputs[1])
    elif graph == "fuse":
        _check_numbers(what, outputs, len(bundle.classes))


def output_shapes(bundle: Bundle, graph: str, inputs: Sequence[NDArray[Any]]) -> tuple[Shape, ...]:
    """Tell the shapes that a run must give, in the order of `OUTPUTS`."""
    count, _, height, width = inputs[-1].shape
    if graph == "low":
        cells = DOWN_RATIO * height // bundle.uncertainty_stride, DOWN_RATIO * width // bundle.uncertainty_stride
        return (count, bundle.coarse_channels, height // 8, width // 8), (count, 1, *cells)
    if graph == "high":
        return ((count, bundle.feature_channels, height // CELL8, width // CELL8),)
    return (count, CELL8 * height, CELL8 * width), (count, 2, height, width)


def _check_range(what: str, uncertainty: NDArray[np.float32]) -> None:
    """Check that U lies in [0, 1]."""
    least, most = uncertainty.min(), uncertainty.max()
    if least < -SLACK or most > 1 + SLACK:
        raise BundleError(f"{what} gave uncertainties in {least:g}..{most:g}, expected 0..1: export the model again.")


def _check_numbers(what: str, outputs: Sequence[NDArray[Any]], classes: int) -> None:
    """Check labels and uncertainties of the fusion."""
    labels, uncertainty8 = outputs
    if labels.max() >= classes or uncertainty8.max() > LEVELS:
        raise BundleError(
            f"{what} gave labels up to {labels.max()} and uncertainties up to "
            f"{uncertainty8.max()}, expected at most {classes - 1} and {LEVELS}: export the model again."
        )


def _check_input(what: str, entry: Any, dtype: str, shape: tuple[int | None, ...]) -> None:  # noqa: ANN401 (onnxruntime is untyped)
    """Check one declared input: a length that must vary may not be fixed, a fixed one may be left open."""
    declared = list(entry.shape)
    fits = len(declared) == len(shape) and all(
        not isinstance(length, int) or length == wanted for length, wanted in zip(declared, shape)
    )
    if entry.type == _type_name(dtype) and fits:
        return
    got = ", ".join(str(length) if isinstance(length, int) else "any" for length in declared)
    wanted = ", ".join("any" if length is None else str(length) for length in shape)
    raise BundleError(
        f"{what} takes '{entry.name}' as {entry.type}[{got}], expected {_type_name(dtype)}[{wanted}]: "
        "export the model again."
    )


def _type_name(dtype: str) -> str:
    """ONNX's name of a tensor of a numpy type."""
    return f"tensor({TYPE_NAMES.get(dtype, dtype)})"
