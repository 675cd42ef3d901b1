"""Run the graphs of a model on a device, word its errors, and fall back to the processor when it fails."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.errors import BundleError, CancelledError, DeviceError, one_line
from uhrs_qgis_plugin.engine.inference.contract import (
    OUTPUTS,
    Arrays,
    check_outputs,
    input_names,
    output_names,
    output_shapes,
)
from uhrs_qgis_plugin.engine.inference.devices import kind_of
from uhrs_qgis_plugin.engine.inference.resident import DeviceMemory, Layout, ResidentFeatures, lay_out

T = TypeVar("T")

# Parts of onnxruntime's texts when a run fails for memory (host, CUDA, cuDNN, cuBLAS, DirectML). The last three are
# what cuBLAS and cuDNN say when they find no room for a work space of their own; another cause shows again.
MEMORY_SIGNS = (
    "out of memory",
    "failed to allocate",
    "bad_alloc",
    "bad allocation",
    "e_outofmemory",
    "alloc_failed",
    "cublas_status_not_initialized",
    "cudnn_status_not_initialized",
    "cudnn_status_internal_error",
)
BOUND = ("cuda",)  # devices with memory of their own that IOBinding supports


class MemoryShortError(DeviceError):
    """The device's memory did not suffice for a run."""


@dataclass(frozen=True)
class CpuFallback:
    """What to go on with when the device fails in the middle of a run.

    Attributes:
        open_sessions: Opens the graphs on the processor.
        announce: Called with messages for people.
        run_options: onnxruntime's options of every run, by which `FallbackRunner.stop` ends one; None = it cannot.
    """

    open_sessions: Callable[[], Mapping[str, Any]]
    announce: Callable[[str], None] | None = None
    run_options: Any = None


class FallbackRunner:
    """The open graphs of a model on a device; several threads may run them.

    Attributes:
        device: Name of the device that is used; "cpu" after it failed.
        messages: What happened on the way, for people.
    """

    def __init__(
        self,
        bundle: Bundle,
        sessions: Mapping[str, Any],
        device: str,
        messages: Sequence[str],
        fallback: CpuFallback | None,
        memory: DeviceMemory | None = None,
    ) -> None:
        """Take over the open sessions.

        Args:
            sessions: Each of `graphs_of` -> onnxruntime session.
            fallback: What to go on with when the device fails; None = nothing.
            memory: Where high features stay until they are fused; None = they come back at once.
        """
        self.device = device
        self.messages = list(messages)
        self._bundle = bundle
        self._sessions = sessions
        self._fallback = fallback
        self._memory = memory
        self._lock = threading.Lock()
        self._options = () if fallback is None or fallback.run_options is None else (fallback.run_options,)
        self._is_stopped = False

    def stop(self) -> None:
        """End the runs that go on in other threads and refuse later ones: they raise `CancelledError`."""
        self._is_stopped = True
        for options in self._options:
            options.terminate = True

    def forget(self, graph: str) -> None:
        """Let go of a graph that will not be run any more."""
        with self._lock:
            self._sessions = {name: session for name, session in self._sessions.items() if name != graph}

    def run(self, graph: str, inputs: Arrays, can_shrink: bool) -> Arrays:
        """Run a graph; a device that fails is given up for the processor.

        Args:
            graph: One of `graphs_of`.
            inputs: In the order of `INPUTS`; a `Layout` may stand for high features.
            can_shrink: Whether the caller can do with less at once when the memory is short.

        Returns:
            In the order of `OUTPUTS`, checked.

        Raises:
            MemoryShortError: The memory does not suffice.
            DeviceError: The device fails, and so does the processor.
            BundleError: The graph gives other shapes or numbers than promised.
            CancelledError: `stop` was called.
        """
        return self._or_on_processor(lambda: self.run_once(graph, inputs), can_shrink)

    def run_high(self, pixels: NDArray[Any], can_shrink: bool) -> NDArray[np.float32] | ResidentFeatures:
        """Run the high stream, and leave what it gives on the device where that has memory for it; see `run`.

        Args:
            pixels: (N, B, p, p).
            can_shrink: See `run`.

        Returns:
            Features (N, F, p/8, p/8).
        """
        return self._or_on_processor(lambda: self._high_once(pixels), can_shrink)

    def fetch(self, layout: Layout) -> NDArray[np.float32]:
        """Lay patches on a grid and bring it into the processor's memory; see `run`.

        Returns:
            (1, F, h, w).
        """
        return self._or_on_processor(lambda: self._fetch_once(layout), can_shrink=False)

    def run_once(self, graph: str, inputs: Arrays) -> Arrays:
        """Run one graph, check what it gives and word its failures.

        Args:
            graph: One of `graphs_of`.
            inputs: In the order of `INPUTS`; a `Layout` may stand for high features.

        Returns:
            In the order of `OUTPUTS`.

        Raises:
            MemoryShortError: The memory does not suffice.
            DeviceError: The device fails.
            BundleError: The graph gives other shapes or numbers than promised.
            CancelledError: `stop` was called.
        """
        device, session = self.device, self._sessions[graph]
        with self._wording(graph, device):
            names = input_names(self._bundle, graph)
            feed = {name: self._ready(value, device) for name, value in zip(names, inputs)}
            run = _run_bound if kind_of(device) in BOUND else _run_plain
            outputs = run(session, output_names(self._bundle, graph), feed, *self._options)
        check_outputs(self._bundle, graph, inputs, outputs)
        return outputs

    def _high_once(self, pixels: NDArray[Any]) -> NDArray[np.float32] | ResidentFeatures:
        """Run the high stream once."""
        device, session = self.device, self._sessions["high"]
        memory = self._memory_on(device)
        if memory is None:
            return self.run_once("high", (pixels,))[0]
        with self._wording("high", device):
            feed = {input_names(self._bundle, "high")[0]: np.ascontiguousarray(pixels)}
            value = memory.run(session, OUTPUTS["high"][0], feed, *self._options)
        (shape,) = output_shapes(self._bundle, "high", (pixels,))
        if tuple(value.shape()) != shape:  # whether all numbers are finite is looked at where they are laid out
            raise BundleError(
                f"'{self._bundle.member('high')}' of model '{self._bundle.name}' gave {list(value.shape())} where "
                f"{list(shape)} was promised: export the model again."
            )
        return ResidentFeatures(pixels, value, self.fetch)

    def _fetch_once(self, layout: Layout) -> NDArray[np.float32]:
        """Lay patches out once."""
        device = self.device
        with self._wording("fuse", device):
            grid = self._ready(layout, device)
            return grid if isinstance(grid, np.ndarray) else np.asarray(grid.numpy())

    def _memory_on(self, device: str) -> DeviceMemory | None:
        """Where features stay on a device; None where they do not."""
        return self._memory if kind_of(device) in BOUND else None

    def _ready(self, value: Any, device: str) -> Any:  # noqa: ANN401 (arrays, layouts and onnxruntime's values)
        """What a session takes: an array in one piece; patches of a layout on their grid, where the device has them."""
        if not isinstance(value, Layout):
            return np.ascontiguousarray(value)
        memory = self._memory_on(device)
        if memory is not None:
            return memory.lay(value, *self._options)
        return lay_out(value, self._bundle.feature_channels, lambda lost: self.run_once("high", (lost.pixels,))[0])

    @contextlib.contextmanager
    def _wording(self, graph: str, device: str) -> Iterator[None]:
        """Word what onnxruntime raises when a graph fails on a device."""
        try:
            if self._is_stopped:
                raise CancelledError
            yield
        except BundleError:  # of what was laid out
            raise
        except Exception as error:  # onnxruntime's errors share no base class below Exception
            if self._is_stopped:  # its error is then no failure of the device
                raise CancelledError from error
            what = f"'{self._bundle.member(graph)}' of model '{self._bundle.name}'"
            if isinstance(error, MemoryError) or any(sign in str(error).lower() for sign in MEMORY_SIGNS):
                raise MemoryShortError(
                    f"Not enough memory on {device} for {what}: use a smaller scene or block side, or device 'cpu'."
                ) from error
            advice = "export the model again" if device == "cpu" else "try device 'cpu', or export the model again"
            raise DeviceError(f"{what} failed on {device} ({one_line(error)}): {advice}.") from error

    def _or_on_processor(self, attempt: Callable[[], T], can_shrink: bool) -> T:
        """Try something, and once more on the processor where the device fails."""
        device = self.device
        try:
            return attempt()
        except (DeviceError, BundleError) as error:  # wrong numbers may be the device's, too
            if (isinstance(error, MemoryShortError) and can_shrink) or not self._give_up(device, error):
                raise
        return attempt()

    def _give_up(self, device: str, error: Exception) -> bool:
        """Go over to the processor.

        Args:
            error: How it failed.

        Returns:
            Whether the graphs now run on another device than `device`.
        """
        with self._lock:
            if self.device != device:  # another thread was faster
                return True
            if self._fallback is None or device == "cpu":
                return False
            try:
                self._sessions = self._fallback.open_sessions()
            except Exception:  # onnxruntime's errors share no base class; the device's own error matters more
                return False
            self.device = "cpu"
            cause = one_line(error.__cause__ if isinstance(error.__cause__, Exception) else error)
            self.announce(f"Device '{device}' failed during the run ({cause}): going on with 'cpu'.")
        return True

    def announce(self, text: str) -> None:
        """Note a message and announce it.

        Args:
            text: One line for people.
        """
        self.messages.append(text)
        if self._fallback is not None and self._fallback.announce is not None:
            self._fallback.announce(text)


def _run_plain(
    session: Any,  # noqa: ANN401 (onnxruntime is untyped)
    outputs: Sequence[str],
    feed: Mapping[str, NDArray[Any]],
    *options: Any,  # noqa: ANN401
) -> list[NDArray[Any]]:
    """Run a session on arrays."""
    return list(session.run(list(outputs), dict(feed), *options))


def _run_bound(
    session: Any,  # noqa: ANN401 (onnxruntime is untyped)
    outputs: Sequence[str],
    feed: Mapping[str, Any],
    *options: Any,  # noqa: ANN401
) -> list[NDArray[Any]]:
    """Run a session on a device with memory of its own: inputs go there once, and only these outputs come back."""
    binding = session.io_binding()
    for name, value in feed.items():
        if isinstance(value, np.ndarray):
            binding.bind_cpu_input(name, value)
        else:  # it is there
            binding.bind_ortvalue_input(name, value)
    for name in outputs:
        binding.bind_output(name, "cpu")
    session.run_with_iobinding(binding, *options)
    return [value.numpy() for value in binding.get_outputs()]
