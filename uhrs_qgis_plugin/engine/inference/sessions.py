"""The only door to onnxruntime: the streams of a bundle on a device, smaller batches and fall-backs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import ModuleType
from typing import Any, Union

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.errors import BundleError, DeviceError, one_line
from uhrs_qgis_plugin.engine.grid import CELL32
from uhrs_qgis_plugin.engine.inference.agreement import answers, check_agreement, is_remembered, key_of, remember, scene
from uhrs_qgis_plugin.engine.inference.cards import check_card
from uhrs_qgis_plugin.engine.inference.contract import (
    Arrays,
    Streams,
    check_signatures,
    graphs_of,
    trial_inputs,
)
from uhrs_qgis_plugin.engine.inference.devices import (
    PROVIDERS,
    available_devices,
    candidates,
    card_of,
    check_device,
    cuda_of,
    idle_cores,
    import_onnxruntime,
    kind_of,
    lanes_of,
    load_cuda_libraries,
    open_session,
    providers_of,
)
from uhrs_qgis_plugin.engine.inference.fallback import BOUND, CpuFallback, FallbackRunner, MemoryShortError
from uhrs_qgis_plugin.engine.inference.memory import best_batch, free_memory, largest_batch
from uhrs_qgis_plugin.engine.inference.precision import (
    NO_DOT_PRODUCT,
    PROCESSORS,
    check_precision,
    choices,
    has_dot_product,
)
from uhrs_qgis_plugin.engine.inference.resident import LAY, DeviceMemory, Layout, ResidentFeatures
from uhrs_qgis_plugin.engine.inference.windowed import WindowedNetwork

__all__ = ["PROVIDERS", "CpuFallback", "OrtStreams", "available_devices", "check_device", "open_streams"]

# Devices that prepare something for every new number of patches: plans of cuDNN, compiled graphs.
PADDED = ("cuda", "directml", "coreml")
LEAST_HALVES = 4  # cells of 32 pixels: below, halves with their margin are as large as the whole


class OrtStreams(Streams):
    """The streams of a bundle in onnxruntime; the three graphs may run in different threads.

    Attributes:
        version: Version of onnxruntime.
        batch_size: Patches per run of the high stream that suit the device and its free memory.
        lanes: How many runs of high and fuse at the same time keep the device busy.
        scenes: How many runs of low at the same time do.
        idle_cores: Cores of the processor that the device leaves to others, None where it needs them itself.
        precision: "float" or "int8".
        keeps_features: Whether high features stay on the device until they are fused.
    """

    def __init__(
        self,
        bundle: Bundle,
        sessions: Mapping[str, Any],
        device: str,
        version: str,
        messages: Sequence[str] = (),
        fallback: CpuFallback | None = None,
        memory: DeviceMemory | None = None,
    ) -> None:
        """Take over the open sessions.

        Args:
            sessions: "low", "high" and "fuse" -> onnxruntime session.
            fallback: What to go on with when the device fails; None = nothing.
            memory: Where high features stay until they are fused; None = they come back at once.
        """
        self.version = version
        largest = largest_batch(free_memory(device), bundle.patch_side)
        self.batch_size = best_batch(device, largest)
        self.lanes = lanes_of(device)
        self.scenes = 1
        self.idle_cores = idle_cores(device)
        self.precision = bundle.precision
        self._bundle = bundle
        self.keeps_features = memory is not None
        self._runner = FallbackRunner(bundle, sessions, device, messages, fallback, memory)
        self._limits = {} if largest is None else {"high": largest}  # items per run; a graph without has no limit
        self._largest_fusion: int | None = None  # cells of 32 x 32 pixels per run; None = no limit

    @property
    def device(self) -> str:
        """Name of the device that is used; "cpu" after it failed."""
        return self._runner.device

    @property
    def messages(self) -> list[str]:
        """What happened on the way, for people: fall-backs and smaller batches."""
        return self._runner.messages

    def run(self, graph: str, inputs: Arrays) -> Arrays:
        """See `Streams.run`; batch and area are split where the device's memory is short.

        Raises:
            BundleError: The graph gives other shapes or numbers than promised, or numbers that are not finite.
            DeviceError: The device fails or is too small for one item, and so is the processor.
            CancelledError: `stop` was called.
        """
        if graph == "fuse" and isinstance(inputs[2], Layout):
            return self._fuse_laid_out(inputs)
        count = len(inputs[0])
        parts: list[Arrays] = []
        start = 0
        while start < count:
            limit = self._limits.get(graph, count)
            batch = [array[start : start + limit] for array in inputs]
            size = len(batch[0])
            try:
                whole = size > 1 or graph != "fuse"
                parts.append(self._run_padded(graph, batch) if whole else self._fuse_one(batch))
            except MemoryShortError:
                if size == 1:
                    raise
                # Another thread may have been here.
                self._limits[graph] = min(self._limits.get(graph, size), size // 2)
                what = {"low": "scenes", "high": "patches", "fuse": "blocks"}[graph]
                self._runner.announce(f"Memory is short: going on with {size // 2} {what} at a time.")
                continue
            start += size
        return parts[0] if len(parts) == 1 else [np.concatenate(arrays) for arrays in zip(*parts)]

    def _run_padded(self, graph: str, inputs: Arrays) -> Arrays:
        """Run a batch; patches become as many as the next power of two where the device wants few different numbers."""
        size = len(inputs[0])
        if graph != "high":
            return self._runner.run(graph, inputs, size > 1)
        (pixels,) = inputs
        if kind_of(self.device) in PADDED:
            power = 1 << (size - 1).bit_length()
            more = min(power, max(size, self._limits.get(graph, power))) - size
            pixels = np.concatenate((pixels, np.repeat(pixels[-1:], more, 0))) if more else pixels
        features = self._runner.run_high(pixels, size > 1)
        if isinstance(features, ResidentFeatures):
            return [replace(features, pixels=pixels[:size])]  # type: ignore[list-item]  # see `keeps_features`
        return [features[:size]]

    def _fuse_laid_out(self, inputs: Arrays) -> Arrays:
        """Fuse a block whose high features are on the device; where its memory is short, as any other block."""
        if self._largest_fusion is None:
            with contextlib.suppress(MemoryShortError):
                return self._runner.run("fuse", inputs, True)
        low, uncertainty, layout, selected = inputs
        return self.run("fuse", (low, uncertainty, self._runner.fetch(layout), selected))  # type: ignore[arg-type]

    def announce(self, text: str) -> None:
        """Note a message for people, and announce it."""
        self._runner.announce(text)

    def stop(self) -> None:
        """End what runs in other threads, from any thread, and refuse later runs: they raise `CancelledError`."""
        self._runner.stop()

    def forget(self, graph: str) -> None:
        """Give back the memory of a graph that will not be run any more: weights, and the work space that it keeps."""
        self._runner.forget(graph)

    def try_out(self) -> None:
        """Run every graph once on the least there is, to find a failing device or graph before the first pixel.

        Raises:
            BundleError: A graph gives other shapes or numbers than promised.
            DeviceError: The device fails or is too small.
        """
        for graph, inputs in trial_inputs(self._bundle).items():
            self._runner.run_once(graph, inputs)

    def _fuse_one(self, inputs: Arrays) -> Arrays:
        """Fuse one block, in halves where the memory is short.

        Halves share a margin of 32 pixels on each side of the cut, as blocks do (`refine`), so the labels stay.
        """
        height, width = inputs[0].shape[-2:]
        can_halve = max(height, width) >= LEAST_HALVES
        if self._largest_fusion is None or height * width <= self._largest_fusion or not can_halve:
            try:
                return self._runner.run("fuse", inputs, can_halve)
            except MemoryShortError:
                if not can_halve:
                    raise
                self._largest_fusion = height * width - 1
                self._runner.announce(
                    f"Memory is short: fusing blocks of {CELL32 * height} x {CELL32 * width} pixels in halves."
                )
        axis, length = (-2, height) if height >= width else (-1, width)
        middle = length // 2
        halves = (
            (slice(0, middle + 1), slice(0, middle)),
            (slice(middle - 1, length), slice(1, length - middle + 1)),
        )
        parts = []
        for seen, kept in halves:
            labels, uncertainty8 = self._fuse_one([_cut(array, axis, seen, length) for array in inputs])
            cells = seen.stop - seen.start
            parts.append((_cut(labels, axis, kept, cells), _cut(uncertainty8, axis, kept, cells)))
        return [np.concatenate(arrays, axis) for arrays in zip(*parts)]


StartedStreams = Union[OrtStreams, WindowedNetwork]


def open_streams(
    bundle: Bundle,
    device: str = "auto",
    announce: Callable[[str], None] | None = None,
    precision: str = "auto",
    is_alone: bool = True,
) -> StartedStreams:
    """Start a model on a device and try it out.

    Args:
        device: "auto" (the best that works), a key of `PROVIDERS`, or a card such as "cuda:1".
        announce: Called with a message when a device cannot be started or fails later, and another is taken.
        precision: "auto" (the faster one that is there), "float" or "int8".
        is_alone: Whether what is computed on this device is needed on no other: then it may stay there.

    Returns:
        The streams.

    Raises:
        OptionsError: The bundle has no graphs of that precision.
        DeviceError: onnxruntime is missing, the device is not there, or the memory is too small.
        BundleError: onnxruntime cannot load or run a graph, or it takes or gives something else than promised.
    """
    check_precision(bundle, precision)
    ort = import_onnxruntime()
    there = available_devices()
    check_device(device, there)
    messages: list[str] = []

    def tell(text: str) -> None:
        messages.append(text)
        if announce is not None:
            announce(text)

    for name in candidates(device, there):
        for choice in choices(ort, bundle, name, precision):
            model = bundle.in_precision(choice)
            try:
                streams = _start(ort, model, name, messages, announce, is_alone)
            except Exception as error:  # onnxruntime's errors share no base class below Exception
                if choice == "int8" and precision == "auto" and "float" in bundle.precisions:
                    tell(f"The 8-bit graphs did not start on '{name}' ({one_line(error)}): going on in floating point.")
                elif name == "cpu":
                    raise _start_error(model, error) from error
                else:
                    tell(f"Device '{name}' did not start ({one_line(error)}): going on without it.")
                continue
            if choice == "int8" and kind_of(name) in PROCESSORS and has_dot_product() is False:
                streams.announce(NO_DOT_PRODUCT)
            return streams
    raise DeviceError(f"No device could be started out of {', '.join(there)}: install onnxruntime again.")


def agreement_of_int8(bundle: Bundle) -> float:
    """Compare both precisions of a bundle on this processor, on the scene of `agreement.py`.

    Args:
        bundle: One that has both.

    Returns:
        Share of equal labels, 0..1.
    """
    image = scene(bundle)
    both = (open_streams(bundle, "cpu", precision=precision) for precision in ("float", "int8"))
    plain, small = (answers(streams, bundle, image)[0] for streams in both)
    return float((plain == small).mean())


def _start(
    ort: ModuleType,
    model: Bundle,
    device: str,
    messages: Sequence[str],
    announce: Callable[[str], None] | None,
    is_alone: bool,
) -> StartedStreams:
    """Start a model in one precision on one device, try it out, and compare it with the processor."""
    version = str(ort.__version__)
    hardware = _prepare(ort, device)
    fallback = CpuFallback(lambda: _open_sessions(ort, model, "cpu"), announce, ort.RunOptions())
    sessions = _open_sessions(ort, model, device, lanes_of(device))
    memory = _open_memory(ort, model, device) if is_alone else None
    streams = _streams_of(model, sessions, device, version, messages, fallback, memory)
    streams.try_out()
    if device != "cpu":
        alone = _streams_of(model, sessions, device, version, memory=memory)
        _compare(ort, model, alone, device, hardware)
    return streams


def _streams_of(
    model: Bundle,
    sessions: Mapping[str, Any],
    device: str,
    version: str,
    messages: Sequence[str] = (),
    fallback: CpuFallback | None = None,
    memory: DeviceMemory | None = None,
) -> StartedStreams:
    """Take over open sessions as the kind of bundle wants it."""
    if model.windows is not None:
        return WindowedNetwork(model, sessions, device, version, messages, fallback)
    return OrtStreams(model, sessions, device, version, messages, fallback, memory)


def _open_sessions(ort: ModuleType, bundle: Bundle, device: str, lanes: int = 1) -> dict[str, Any]:
    """Open the graphs of a bundle on a device and check what they declare.

    The low stream has the device to itself; `lanes` runs of the others share it.
    """
    graphs = graphs_of(bundle)

    def start(graph: str) -> Any:  # noqa: ANN401 (onnxruntime is untyped)
        return open_session(ort, bundle.graphs[graph], graph, device, lanes=1 if graph == "low" else lanes)

    # Side by side on the processor, where that takes as long as the low stream alone; not tried with drivers.
    with ThreadPoolExecutor(len(graphs) if device == "cpu" else 1) as pool:
        sessions = dict(zip(graphs, pool.map(start, graphs)))
    check_signatures(bundle, sessions)
    return sessions


def _open_memory(ort: ModuleType, bundle: Bundle, device: str) -> DeviceMemory | None:
    """Have high features stay on a device; None where it has no memory of its own, or none are made there."""
    if kind_of(device) not in BOUND or bundle.windows is not None:
        return None
    return DeviceMemory(ort, open_session(ort, LAY, "lay", device, lanes=1), device, bundle.feature_channels)


def _prepare(ort: ModuleType, device: str) -> str:
    """See that a device is there before onnxruntime looks for it.

    Returns:
        What it is, for the comparison.

    Raises:
        DeviceError: NVIDIA's card or driver is missing or too old.
    """
    if kind_of(device) != "cuda":
        return device
    card = check_card(card_of(device), cuda_of(ort))
    load_cuda_libraries(ort)
    return f"cuda, {card.name}, driver for {card.cuda}"


def _compare(ort: ModuleType, bundle: Bundle, streams: StartedStreams, device: str, hardware: str) -> None:
    """Compare a device with the processor, unless the same was compared before.

    Args:
        streams: Without a fall-back, which would answer in the device's place.
        hardware: From `_prepare`.

    Raises:
        DeviceError: It answers otherwise, or fails.
    """
    version = str(ort.__version__)
    opened = [
        bundle.precision,
        streams.keeps_features,
        *(providers_of(device, graph, version) for graph in graphs_of(bundle)),
    ]
    key = key_of(bundle, hardware, opened, version)
    if is_remembered(key):
        return
    image = scene(bundle)
    found = answers(streams, bundle, image)
    processor = _streams_of(bundle, _open_sessions(ort, bundle, "cpu"), "cpu", version)
    check_agreement(bundle, device, found, answers(processor, bundle, image))
    remember(key)


def _start_error(bundle: Bundle, error: Exception) -> Exception:
    """Word why a model does not even start on the processor: the model's fault, unless the memory is short."""
    if isinstance(error, (BundleError, MemoryShortError)):
        return error
    return BundleError(
        f"Model '{bundle.path}' cannot be loaded ({one_line(error)}): export it again or update onnxruntime."
    )


def _cut(array: NDArray[Any], axis: int, cells: slice, length: int) -> NDArray[Any]:
    """Cut cells of 32 pixels out of an array that has a multiple of their number along an axis.

    Args:
        array: Any, (..., height, width).
        axis: -2 or -1.
        length: Cells along the axis.

    Returns:
        A view.
    """
    factor = array.shape[axis] // length
    part = slice(cells.start * factor, cells.stop * factor)
    return array[..., part, :] if axis == -2 else array[..., part]
