"""One network as the low and the high stream: the same protocol as that of two streams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.grid import CELL8, CELL32, Window, window_around
from uhrs_qgis_plugin.engine.inference.contract import NETWORK, Arrays, Streams
from uhrs_qgis_plugin.engine.inference.devices import idle_cores, lanes_of
from uhrs_qgis_plugin.engine.inference.fallback import CpuFallback, FallbackRunner, MemoryShortError
from uhrs_qgis_plugin.engine.inference.memory import best_windows_at_once, free_memory, most_windows_at_once
from uhrs_qgis_plugin.engine.inference.network import (
    ClassScores,
    as_tensor,
    by_class,
    deep,
    fused,
    means,
    patch_features,
    wide_enough,
)


class WindowedNetwork(Streams):
    """The one network of a bundle in onnxruntime, run in windows; several threads may run it.

    "low" takes scenes at 1/4 scale and gives, as features, the probabilities of the classes, and as U their entropy.
    "high" takes windows and the place of the patch in each, and gives labels and final uncertainty. "fuse" runs no
    graph: it puts both together. See `OpenStreams` for the attributes.
    """

    def __init__(
        self,
        bundle: Bundle,
        sessions: Mapping[str, Any],
        device: str,
        version: str,
        messages: Sequence[str] = (),
        fallback: CpuFallback | None = None,
    ) -> None:
        """Take over the open session.

        Args:
            sessions: "network" -> onnxruntime session.
            fallback: What to go on with when the device fails; None = nothing.

        Raises:
            ValueError: The bundle is of another kind.
        """
        if bundle.windows is None:
            raise ValueError(f"'{bundle.name}' has two streams, not one network")
        self._bundle, self._windows = bundle, bundle.windows
        self.version = version
        self._most = self._windows.batch or most_windows_at_once(free_memory(device), self._windows)
        self.batch_size = self._windows.batch or best_windows_at_once(device, self._windows.side, self._most)
        self.lanes = lanes_of(device)
        self.scenes = 1
        self.idle_cores = idle_cores(device)
        self.precision = bundle.precision
        self.keeps_features = False
        self._runner = FallbackRunner(bundle, sessions, device, messages, fallback)

    @property
    def device(self) -> str:
        """Name of the device that is used; "cpu" after it failed."""
        return self._runner.device

    @property
    def messages(self) -> list[str]:
        """What happened on the way, for people: fall-backs and smaller batches."""
        return self._runner.messages

    def run(self, graph: str, inputs: Arrays) -> Arrays:
        """See `Streams.run`; the batch is split where the device's memory is short.

        Raises:
            BundleError: The graph gives other shapes or numbers than promised, or numbers that are not finite.
            DeviceError: The device fails or is too small for one window, and so is the processor.
            CancelledError: `stop` was called.
        """
        if graph == "high":
            return [self._close_look(*inputs)]
        if graph == "low":
            looks = [self._first_look(image) for image in inputs[0]]
            return [np.stack(arrays) for arrays in zip(*looks)]
        blocks = [fused(self._windows, [array[i : i + 1] for array in inputs]) for i in range(len(inputs[0]))]
        return [np.concatenate(arrays) for arrays in zip(*blocks)]

    def announce(self, text: str) -> None:
        """Note a message for people, and announce it."""
        self._runner.announce(text)

    def stop(self) -> None:
        """End what runs in other threads, from any thread, and refuse later runs: they raise `CancelledError`."""
        self._runner.stop()

    def forget(self, graph: str) -> None:
        """Give back the memory of the network after its last run, that of the refine pass."""
        if graph == "high":
            self._runner.forget(NETWORK)

    def try_out(self) -> None:
        """Run the network once on fill values, to find a failing device or graph before the first pixel.

        Raises:
            BundleError: The graph gives other shapes or numbers than promised.
            DeviceError: The device fails or is too small.
        """
        side, fill = self._windows.side, np.array(self._bundle.fill, self._bundle.data_type)
        window = np.broadcast_to(fill[:, None, None], (len(fill), side, side))
        self._runner.run_once(NETWORK, (self._tensor([window]),))

    def _close_look(self, pixels: NDArray[Any], places: NDArray[np.int64]) -> NDArray[np.float32]:
        """Look at patches in their windows.

        Args:
            pixels: (N, B, side, side).
            places: (N, 2) first row and column of each patch in its window.

        Returns:
            (N, 65, p/8, p/8).
        """
        along = np.arange(self._windows.patch_side)
        seen = self._scores(list(pixels))
        return np.stack(
            [
                patch_features(ClassScores(layers, self._windows, row + along, col + along))
                for layers, (row, col) in zip(seen, places)
            ]
        )

    def _first_look(self, image: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Look at a scene at 1/4 scale in windows.

        Args:
            image: (B, h, w).

        Returns:
            Features (G, h/8, w/8), and U (1, h/2, w/2).
        """
        windows = self._windows
        _, height, width = image.shape
        size = windows.coarse_cell // 4  # pixels of the scene per cell
        cells = np.zeros((windows.classes, height // size, width // size), np.float32)
        uncertainty = np.zeros((1, height // 2, width // 2), np.float32)
        if not windows.has_first_look:
            return np.zeros((1, height // CELL8, width // CELL8), np.float32), uncertainty + 1
        image = wide_enough(image, windows.side)
        patch = windows.patch_side
        patches = [
            Window(row, col, min(patch, height - row), min(patch, width - col))
            for row in range(0, height, patch)
            for col in range(0, width, patch)
        ]

        def look(part: Sequence[Window]) -> None:
            around = [window_around(own, windows.side, windows.margin, height, width) for own in part]
            scores = self._scores([image[(slice(None), *window.slices())] for window in around])
            for own, window, layers in zip(part, around, scores):
                rows, cols = own.row - window.row + np.arange(own.height), own.col - window.col + np.arange(own.width)
                seen = ClassScores(layers, windows, rows, cols)
                for layer, shares in zip(cells, seen.probabilities()):
                    layer[own.slices(size)] = means(shares, size)
                uncertainty[0][own.slices(2)] = means(seen.uncertainty, 2)

        parts = [patches[start : start + self.batch_size] for start in range(0, len(patches), self.batch_size)]
        with ThreadPoolExecutor(self.lanes, "uhrs-first-look") as pool:
            for _ in pool.map(look, parts):
                pass
        return deep(cells, CELL32 // windows.coarse_cell), uncertainty

    def _scores(self, pixels: Sequence[NDArray[Any]]) -> Iterator[list[NDArray[np.float32]]]:
        """Run the network on windows.

        Args:
            pixels: Each (B, side, side).

        Yields:
            For each of them the scores of every class, see `by_class`.
        """
        start = 0
        while start < len(pixels):
            batch = pixels[start : start + (self._most or len(pixels))]
            try:
                (output,) = self._runner.run(NETWORK, (self._tensor(batch),), len(batch) > 1 and self._can_shrink)
            except MemoryShortError:
                if len(batch) == 1 or not self._can_shrink:
                    raise
                self._most = min(self._most or len(batch), len(batch) // 2)  # another thread may have been here
                self._runner.announce(f"Memory is short: going on with {len(batch) // 2} windows at a time.")
                continue
            for index in range(len(batch)):
                yield by_class(output[index], self._windows)
            start += len(batch)

    @property
    def _can_shrink(self) -> bool:
        """Whether a run may take fewer windows."""
        return self._windows.batch is None

    def _tensor(self, pixels: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Make what the graph takes of windows; a graph of a fixed batch sees the last one as often as it needs."""
        more = (self._windows.batch or len(pixels)) - len(pixels)
        return as_tensor(np.stack([*pixels, *[pixels[-1]] * more]), self._windows)
