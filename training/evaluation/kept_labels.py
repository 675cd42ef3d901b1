"""Labels of a whole scene: in memory, or of a large one in a file that goes when nobody needs it any more."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import numpy.typing as npt

from training.data.arrays import IGNORE, LazyArray, PixelArray
from uhrs_qgis_plugin.engine.grid import Window

_IN_MEMORY = 1 << 25  # pixels; labels of larger scenes lie in a file


class KeptLabels(LazyArray):
    """Labels (H, W) uint8, written part by part; IGNORE where nothing was written.

    Args:
        shape: (H, W).
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape, self.dtype = shape, np.dtype(np.uint8)
        self._file: Any = tempfile.TemporaryFile(prefix="uhrs-labels-")  # noqa: SIM115  # closed with this object
        blank = np.full(shape[1], IGNORE, np.uint8).tobytes()
        for _ in range(shape[0]):
            self._file.write(blank)

    def write(self, window: Window, labels: npt.NDArray[np.uint8]) -> None:
        """Write a window (h, w)."""
        for row, values in enumerate(np.ascontiguousarray(labels), window.row):
            self._file.seek(row * self.shape[1] + window.col)
            self._file.write(values.tobytes())

    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[np.uint8]:
        """Read rows."""
        found = np.empty((1, len(rows), len(cols)), np.uint8)
        for place, row in enumerate(rows):
            self._file.seek(row * self.shape[1])
            line = np.frombuffer(self._file.read(self.shape[1]), np.uint8)
            found[0, place] = line[cols.start : cols.stop : cols.step]
        return found


def keep_labels(shape: tuple[int, ...]) -> KeptLabels | npt.NDArray[np.uint8]:
    """Somewhere to put the labels of a scene of (H, W) pixels."""
    return KeptLabels(shape) if shape[0] * shape[1] > _IN_MEMORY else np.full(shape, IGNORE, np.uint8)


def put_labels(kept: PixelArray, window: Window, labels: npt.NDArray[np.uint8]) -> None:
    """Put a window there."""
    if isinstance(kept, KeptLabels):
        kept.write(window, labels)
    else:
        kept[window.slices()] = labels  # type: ignore[index]  # an array
