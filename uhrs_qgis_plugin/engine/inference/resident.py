"""High features that stay in a device's memory until they are fused: 4 bytes a pixel that need not travel twice.

The high stream leaves its result on the device, and a small graph lays it there on the grid of a block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Union

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import BundleError
from uhrs_qgis_plugin.engine.grid import CELL8
from uhrs_qgis_plugin.engine.inference.devices import card_of, kind_of

# An ONNX graph, written with onnx.helper: patches (n, f, p, p) with one of zeros behind them (Pad), taken by `places`
# (Gather), put side by side (Reshape, Transpose, Reshape), cut to the context (Slice) and added to `grid`: each patch
# has a place of its own, so a sum is a choice. `odd` is the sum of 0 * features: 0 where all are finite.
LAY = (
    b'\x08\x07:\xf6\x04\n!\n\x08features\n\x08one_more\x12\x06padded"\x03P'
    b'ad\n \n\x06padded\n\x06places\x12\x06chosen"\x06Gather\n$'
    b'\n\x06chosen\n\x08by_place\x12\x07squares"\x07Reshape\n/'
    b'\n\x07squares\x12\x04rows"\tTranspose*\x13\n\x04perm@\x02@\x00'
    b'@\x03@\x01@\x04\xa0\x01\x07\n\x1f\n\x04rows\n\x07as_grid\x12\x05whole"\x07Res'
    b"hape\n(\n\x05whole\n\x06starts\n\x04ends\n\x04axes\x12\x04par"
    b't"\x05Slice\n\x17\n\x04grid\n\x04part\x12\x04laid"\x03Add\n\x1c\n\x08f'
    b'eatures\n\x04zero\x12\x05zeros"\x03Mul\n(\n\x05zeros\x12\x03od'
    b'd"\tReduceSum*\x0f\n\x08keepdims\x18\x00\xa0\x01\x02\x12\x03lay*\x18\x08\x08'
    b"\x10\x07:\x08\x00\x00\x00\x00\x01\x00\x00\x00B\x08one_more*\x0e\x08\x02\x10\x07:\x02\x02\x03B\x04axes"
    b'*\x0e\x10\x01"\x04\x00\x00\x00\x00B\x04zeroZ&\n\x08features\x12\x1a\n\x18\x08\x01\x12\x14\n\x03'
    b"\x12\x01n\n\x03\x12\x01f\n\x03\x12\x01p\n\x03\x12\x01pZ\x15\n\x06places\x12\x0b\n\t\x08\x07\x12\x05\n\x03"
    b"\x12\x01kZ\x16\n\x08by_place\x12\n\n\x08\x08\x07\x12\x04\n\x02\x08\x05Z\x15\n\x07as_grid"
    b"\x12\n\n\x08\x08\x07\x12\x04\n\x02\x08\x04Z\x14\n\x06starts\x12\n\n\x08\x08\x07\x12\x04\n\x02\x08\x02Z\x12\n\x04"
    b'ends\x12\n\n\x08\x08\x07\x12\x04\n\x02\x08\x02Z"\n\x04grid\x12\x1a\n\x18\x08\x01\x12\x14\n\x03\x12\x01m\n'
    b'\x03\x12\x01f\n\x03\x12\x01h\n\x03\x12\x01wb"\n\x04laid\x12\x1a\n\x18\x08\x01\x12\x14\n\x03\x12\x01m\n\x03\x12'
    b"\x01f\n\x03\x12\x01h\n\x03\x12\x01wb\r\n\x03odd\x12\x06\n\x04\x08\x01\x12\x00B\x04\n\x00\x10\r"
)
MOST_ZEROS = 4  # grids of zeros that are kept: blocks at the edges have other shapes

Memory = tuple[str, int]  # as onnxruntime names the memory of a device: kind and number
Patches = Union["ResidentFeatures", NDArray[np.float32]]  # (N, F, p/8, p/8)


def memory_of(device: str) -> Memory:
    """Name the memory of a device as onnxruntime does: ("cuda", 1) of "cuda:1"."""
    return kind_of(device), card_of(device)


@dataclass(frozen=True, eq=False)
class ResidentFeatures:
    """High features of a batch in the memory of a device.

    Attributes:
        pixels: (N, B, p, p) what they were made of: where the device fails they are made anew.
        value: onnxruntime's, (N or more, F, p/8, p/8).
        fetch: Lays patches out and gives the grid (1, F, h, w) back; from the runner that made these.
    """

    pixels: NDArray[Any]
    value: Any
    fetch: Callable[[Layout], NDArray[np.float32]]

    def __len__(self) -> int:
        return len(self.pixels)

    def take(self, which: Sequence[int]) -> NDArray[np.float32]:
        """Bring some patches back.

        Args:
            which: Their numbers in the batch.

        Returns:
            (n, F, p/8, p/8).
        """
        side = self.pixels.shape[-1] // CELL8
        places = np.asarray(which, np.int64)[np.newaxis]
        row = self.fetch(Layout(((self, places),), (0, side), (0, side * len(which))))[0]
        return np.ascontiguousarray(row.reshape(len(row), side, len(which), side).transpose(2, 0, 1, 3))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: ANN401 (numpy's protocol)
        return self.take(range(len(self))).astype(dtype or np.float32, copy=False)


@dataclass(frozen=True, eq=False)
class Layout:
    """High features of a context that have not been laid on its grid yet.

    Attributes:
        parts: Patches, and which of them lies in each square (rows, cols) int64; -1 = none of these.
        rows: First row of the context on the grid of all squares, and the one after its last, in cells of 8 pixels.
        cols: The same of its columns.
    """

    parts: tuple[tuple[Patches, NDArray[np.int64]], ...]
    rows: tuple[int, int]
    cols: tuple[int, int]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the context in cells of 8 pixels."""
        return self.rows[1] - self.rows[0], self.cols[1] - self.cols[0]


def lay_out(layout: Layout, channels: int, features_of: Callable[[ResidentFeatures], NDArray[Any]]) -> NDArray[Any]:
    """Lay patches on a grid, in the processor's memory.

    Args:
        layout: Which, and where.
        channels: F.
        features_of: Gives features that are on a device.

    Returns:
        (1, F, h, w) float32, zeros where no patch lies.
    """
    grid = np.zeros((1, channels, *layout.shape), np.float32)
    for patches, places in layout.parts:
        features = features_of(patches) if isinstance(patches, ResidentFeatures) else patches
        padded = np.concatenate([features, np.zeros_like(features[:1])])
        squares = padded[places.ravel()].reshape(*places.shape, *features.shape[1:])  # the last one is that of -1
        whole = squares.transpose(2, 0, 3, 1, 4).reshape(channels, *(np.array(places.shape) * features.shape[-1]))
        grid[0] += whole[:, slice(*layout.rows), slice(*layout.cols)]
    return grid


class DeviceMemory:
    """Runs graphs whose results stay in a device's memory, and lays patches out there."""

    def __init__(self, ort: ModuleType, session: Any, device: str, channels: int) -> None:  # noqa: ANN401 (onnxruntime is untyped)
        """Take the open graph.

        Args:
            ort: onnxruntime.
            session: Of `LAY`, on the device.
            device: Its name.
            channels: F.
        """
        self._ort, self._session, self._memory, self._channels = ort, session, memory_of(device), channels
        self._zeros: dict[tuple[int, int], Any] = {}

    def run(self, session: Any, output: str, feed: dict[str, NDArray[Any]], *options: Any) -> Any:  # noqa: ANN401
        """Run a graph and leave its output on the device.

        Returns:
            onnxruntime's value.
        """
        binding = session.io_binding()
        for name, array in feed.items():
            binding.bind_cpu_input(name, array)
        binding.bind_output(output, *self._memory)
        session.run_with_iobinding(binding, *options)
        binding.synchronize_outputs()  # another graph reads it, in a queue of its own
        return binding.get_outputs()[0]

    def lay(self, layout: Layout, *options: Any) -> Any:  # noqa: ANN401
        """Lay patches on a grid.

        Returns:
            onnxruntime's value on the device, (1, F, h, w).

        Raises:
            BundleError: Features are not finite.
        """
        grid = self._zero_grid(layout.shape)
        for patches, places in layout.parts:
            grid = self._lay_one(grid, patches, places, layout, *options)
        return grid

    def _lay_one(self, grid: Any, patches: Patches, places: NDArray[np.int64], layout: Layout, *options: Any) -> Any:  # noqa: ANN401
        """Add the patches of a batch to a grid."""
        binding, (rows, cols) = self._session.io_binding(), places.shape
        if isinstance(patches, ResidentFeatures):
            binding.bind_ortvalue_input("features", patches.value)
            count, channels, side, _ = patches.value.shape()
        else:
            binding.bind_cpu_input("features", np.ascontiguousarray(patches))
            count, channels, side, _ = patches.shape
        numbers = {
            "places": np.where(places < 0, count, places).ravel(),  # the patch of zeros is the last
            "by_place": [rows, cols, channels, side, side],
            "as_grid": [1, channels, rows * side, cols * side],
            "starts": [layout.rows[0], layout.cols[0]],
            "ends": [layout.rows[1], layout.cols[1]],
        }
        for name, values in numbers.items():
            binding.bind_cpu_input(name, np.asarray(values, np.int64))
        binding.bind_ortvalue_input("grid", grid)
        binding.bind_output("laid", *self._memory)
        binding.bind_output("odd", "cpu")
        self._session.run_with_iobinding(binding, *options)
        binding.synchronize_outputs()
        laid, odd = binding.get_outputs()
        if odd.numpy() != 0:
            raise BundleError(
                "The high stream gave numbers that are not finite: "
                "the model is damaged or the raster's numbers are not what it was trained on."
            )
        return laid

    def _zero_grid(self, shape: tuple[int, int]) -> Any:  # noqa: ANN401
        """A grid without patches, which nothing changes."""
        if shape not in self._zeros:
            if len(self._zeros) >= MOST_ZEROS:
                self._zeros.clear()
            empty = np.zeros((1, self._channels, *shape), np.float32)
            self._zeros[shape] = self._ort.OrtValue.ortvalue_from_numpy(empty, *self._memory)
        return self._zeros[shape]
