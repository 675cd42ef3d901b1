"""The only door to onnxruntime: devices, sessions, batches, fall-backs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.errors import BundleError, DeviceError

# Best first: "auto" takes the first that the installed onnxruntime offers.
PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
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
MAX_UNCERTAINTY8 = 254  # 255 means no data
# Parts of onnxruntime's texts when a run fails for memory (host, CUDA, DirectML).
MEMORY_SIGNS = ("out of memory", "failed to allocate", "bad_alloc", "bad allocation", "e_outofmemory")


class OrtStreams:
    """The streams of a bundle in onnxruntime.

    Attributes:
        device: Name of the device that is used, a key of `PROVIDERS`.
        version: Version of onnxruntime.
        messages: What happened on the way, for people: fall-backs and smaller batches.
    """

    def __init__(
        self, bundle: Bundle, sessions: Mapping[str, Any], device: str, version: str, messages: Sequence[str] = ()
    ) -> None:
        """Take over the open sessions.

        Args:
            bundle: The model.
            sessions: "low", "high" and "fuse" -> onnxruntime session.
            device: Name of the device.
            version: Version of onnxruntime.
            messages: What happened before.
        """
        self.device = device
        self.version = version
        self.messages = list(messages)
        self._bundle = bundle
        self._sessions = sessions
        self._largest_batch = 2**31

    def low(self, image: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See `Streams.low`.

        Raises:
            BundleError: The graph gives other shapes than promised, or numbers that are not finite.
            DeviceError: The device fails or is too small.
        """
        count, height, width = image.shape[0], image.shape[2], image.shape[3]
        bundle = self._bundle
        features, uncertainty = self._run("low", {"image": image})
        cells = 4 * height // bundle.uncertainty_stride, 4 * width // bundle.uncertainty_stride
        self._check("low", features, (count, bundle.coarse_channels, height // 8, width // 8), np.float32)
        self._check("low", uncertainty, (count, 1, *cells), np.float32)
        return features, uncertainty

    def high(self, patches: NDArray[Any]) -> NDArray[np.float32]:
        """See `Streams.high`; the batch is split where the device's memory asks for it.

        Raises:
            BundleError: The graph gives other shapes than promised, or numbers that are not finite.
            DeviceError: The device fails, or is too small for one patch.
        """
        count, cells = len(patches), patches.shape[-1] // 8
        parts = []
        start = 0
        while start < count:
            batch = patches[start : start + self._largest_batch]
            try:
                (features,) = self._run("high", {"patches": batch})
            except _MemoryShortError:
                if len(batch) == 1:
                    raise
                self._largest_batch = len(batch) // 2
                self.messages.append(f"Memory is short: going on with {self._largest_batch} patches at a time.")
                continue
            shape = (len(batch), self._bundle.feature_channels, cells, cells)
            self._check("high", features, shape, np.float32)
            parts.append(features)
            start += len(batch)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def fuse(
        self,
        low_features: NDArray[np.float32],
        uncertainty: NDArray[np.float32],
        high_features: NDArray[np.float32],
        selected: NDArray[np.bool_],
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """See `Streams.fuse`.

        Raises:
            BundleError: The graph gives other shapes or numbers than promised.
            DeviceError: The device fails or is too small.
        """
        values = (low_features, uncertainty, high_features, selected)
        labels, uncertainty8 = self._run("fuse", dict(zip(INPUTS["fuse"], values)))
        count, _, rows, cols = selected.shape
        self._check("fuse", labels, (count, 8 * rows, 8 * cols), np.uint8)
        self._check("fuse", uncertainty8, (count, 2, rows, cols), np.uint8)
        classes = len(self._bundle.classes)
        if labels.max() >= classes or uncertainty8.max() > MAX_UNCERTAINTY8:
            raise BundleError(
                f"'fuse.onnx' of model '{self._bundle.name}' gave labels up to {labels.max()} and uncertainties up to "
                f"{uncertainty8.max()}, expected at most {classes - 1} and {MAX_UNCERTAINTY8}: export the model again."
            )
        return labels, uncertainty8

    def _run(self, graph: str, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Run one graph and word its failures."""
        feed = {name: np.ascontiguousarray(value) for name, value in inputs.items()}
        try:
            return list(self._sessions[graph].run(OUTPUTS[graph], feed))
        except Exception as error:  # onnxruntime's errors share no base class below Exception
            if isinstance(error, MemoryError) or any(sign in str(error).lower() for sign in MEMORY_SIGNS):
                raise self._memory_short(graph) from error
            raise DeviceError(
                f"'{graph}.onnx' of model '{self._bundle.name}' failed on {self.device} ({_one_line(error)}): "
                "try device 'cpu', or export the model again."
            ) from error

    def _memory_short(self, graph: str) -> _MemoryShortError:
        """Word the error for a device that is too small."""
        return _MemoryShortError(
            f"Not enough memory on {self.device} for '{graph}.onnx' of model '{self._bundle.name}': "
            "use a smaller scene or block side, or device 'cpu'."
        )

    def _check(self, graph: str, array: NDArray[Any], shape: tuple[int, ...], dtype: type) -> None:
        """Check that a graph returned what a bundle promises."""
        if array.shape != shape or array.dtype != dtype:
            raise BundleError(
                f"'{graph}.onnx' of model '{self._bundle.name}' gave {array.dtype}{list(array.shape)} where "
                f"{np.dtype(dtype).name}{list(shape)} was promised: export the model again."
            )
        if array.dtype == np.float32 and not np.isfinite(array).all():
            raise BundleError(
                f"'{graph}.onnx' of model '{self._bundle.name}' gave numbers that are not finite: "
                "the model is damaged or the raster's numbers are not what it was trained on."
            )


class _MemoryShortError(DeviceError):
    """The device's memory did not suffice for a run."""


def available_devices() -> tuple[str, ...]:
    """List the devices that the installed onnxruntime offers, best first.

    Returns:
        Keys of `PROVIDERS`; always holds "cpu".

    Raises:
        DeviceError: onnxruntime is not installed.
    """
    offered = _onnxruntime().get_available_providers()
    return tuple(name for name, provider in PROVIDERS.items() if provider in offered)


def open_streams(bundle: Bundle, device: str = "auto", announce: Callable[[str], None] | None = None) -> OrtStreams:
    """Start a model on a device.

    Args:
        bundle: The model.
        device: "auto" (the best there is) or a key of `PROVIDERS`.
        announce: Told when a device cannot be started and another is taken.

    Returns:
        The streams.

    Raises:
        DeviceError: onnxruntime is missing, or the device is not there.
        BundleError: onnxruntime cannot load a graph, or it lacks an input or output.
    """
    ort = _onnxruntime()
    there = available_devices()
    check_device(device, there)
    wanted = there if device == "auto" else (device, "cpu")
    messages: list[str] = []
    for name in wanted:
        try:
            sessions = {graph: _session(ort, bundle.graphs[graph], name) for graph in INPUTS}
        except Exception as error:  # onnxruntime's errors share no base class below Exception
            if name == "cpu":
                raise BundleError(
                    f"Model '{bundle.path}' cannot be loaded ({_one_line(error)}): "
                    "export it again or update onnxruntime."
                ) from error
            messages.append(f"Device '{name}' did not start ({_one_line(error)}): going on without it.")
            if announce is not None:
                announce(messages[-1])
            continue
        _check_names(bundle, sessions)
        return OrtStreams(bundle, sessions, name, str(ort.__version__), messages)
    raise DeviceError(f"No device could be started out of {', '.join(wanted)}: install onnxruntime again.")


def check_device(device: str, there: Sequence[str]) -> None:
    """Check that a device is there.

    Args:
        device: "auto" or a name.
        there: Names of the devices that are there.

    Raises:
        DeviceError: It is not; the text lists what is there.
    """
    if device != "auto" and device not in there:
        raise DeviceError(
            f"Device '{device}' is not available here: choose auto or one of {', '.join(there)}"
            " (onnxruntime-gpu and onnxruntime-openvino bring more)."
        )


def _onnxruntime() -> ModuleType:
    """Import onnxruntime.

    Raises:
        DeviceError: It is not installed or cannot be loaded.
    """
    # Its Linux wheels report home unless told not to before the first import.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    try:
        import onnxruntime
    except ImportError as error:
        raise DeviceError(
            f"The package onnxruntime is missing or broken ({_one_line(error)}): "
            "run `python -m pip install onnxruntime` in the Python that runs this."
        ) from error
    return onnxruntime


def _session(ort: ModuleType, graph: bytes, device: str) -> Any:  # noqa: ANN401 (onnxruntime is untyped)
    """Open one graph on one device; raises whatever onnxruntime raises.

    Raises:
        DeviceError: onnxruntime silently fell back to another device.
    """
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = _cores()
    options.log_severity_level = 3  # errors come back as exceptions; warnings would litter stderr
    # Scenes and blocks differ in shape at the edges: remembered patterns only pile up, and DirectML forbids them.
    options.enable_mem_pattern = False
    session = ort.InferenceSession(graph, options, providers=[PROVIDERS[device]])
    if PROVIDERS[device] not in session.get_providers():
        raise DeviceError("its libraries could not be loaded")
    return session


def _check_names(bundle: Bundle, sessions: Mapping[str, Any]) -> None:
    """Check the inputs and outputs of the graphs."""
    for graph, session in sessions.items():
        inputs = {entry.name for entry in session.get_inputs()}
        outputs = {entry.name for entry in session.get_outputs()}
        if inputs != set(INPUTS[graph]) or not outputs.issuperset(OUTPUTS[graph]):
            raise BundleError(
                f"'{graph}.onnx' of model '{bundle.path}' takes {sorted(inputs)} and gives {sorted(outputs)}, expected "
                f"{sorted(INPUTS[graph])} and {sorted(OUTPUTS[graph])}: export the model again."
            )


def _cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _one_line(error: Exception) -> str:
    """First line of an error's text, cut to a readable length."""
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return text if len(text) <= 200 else text[:197] + "..."
