"""A raster file that is sliced like an array: only what is asked for is read, so scenes may be of any size."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import RasterReader, open_raster

_STRIP_ROWS = 512  # rows read at a time where every n-th row is wanted: bounds memory


class RasterArray:
    """Bands of a raster as (B, H, W), or one band as (H, W).

    Understands `array[rows, cols]` and `array[bands, rows, cols]` with slices whose steps are positive, and
    `numpy.asarray`. Each process opens the file for itself: loaders may fork.

    Args:
        path: A raster that the engine reads.
        bands: Numbers from 1; a single number makes a two-dimensional array.
        table: (256,) numbers that replace those of the file, which must be uint8; None keeps them.
    """

    def __init__(
        self, path: str | Path, bands: tuple[int, ...] | int, table: npt.NDArray[np.uint8] | None = None
    ) -> None:
        self.path, self._table = os.fspath(path), table
        self._bands = (bands,) if isinstance(bands, int) else bands
        self._flat = isinstance(bands, int)
        self._readers: dict[int, RasterReader] = {}
        info = self._reader().info
        size = (info.height, info.width)
        self.shape: tuple[int, ...] = size if self._flat else (len(self._bands), *size)
        self.dtype = np.dtype(
            np.uint8 if table is not None else np.result_type(*(info.dtypes[b - 1] for b in self._bands))
        )

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape))

    @property
    def ndim(self) -> int:
        """Number of axes: 2 or 3."""
        return len(self.shape)

    def __getitem__(self, index: Any) -> npt.NDArray[Any]:  # noqa: ANN401 (a slice, or a tuple of slices)
        """Read a part.

        Raises:
            RasterError: The file cannot be read.
        """
        parts = index if isinstance(index, tuple) else (index,)
        parts = (*parts, *(slice(None),) * (self.ndim - len(parts)))
        bands = self._bands
        if not self._flat:
            bands = tuple(self._bands[place] for place in range(*parts[0].indices(len(bands))))
        rows, cols = (range(*part.indices(n)) for part, n in zip(parts[-2:], self.shape[-2:], strict=True))
        if not rows or not cols:
            return np.zeros((*self.shape[:-2], len(rows), len(cols)), self.dtype)
        strips = [self._read(bands, strip, cols) for strip in _strips(rows)]
        pixels = strips[0] if len(strips) == 1 else np.concatenate(strips, 1)
        return pixels[0] if self._flat else pixels

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:  # noqa: ANN401 (numpy's protocol)
        """Read all."""
        pixels = self[:]
        return pixels if dtype is None else pixels.astype(dtype)

    def astype(self, dtype: Any) -> npt.NDArray[Any]:  # noqa: ANN401 (numpy's own)
        """Read all, as another type."""
        return self[:].astype(dtype)

    def _read(self, bands: tuple[int, ...], rows: range, cols: range) -> npt.NDArray[Any]:
        window = Window(rows[0], cols[0], rows[-1] - rows[0] + 1, cols[-1] - cols[0] + 1)
        pixels = self._reader().read(bands, window)[:, :: rows.step, :: cols.step]
        return pixels if self._table is None else self._table[pixels]

    def _reader(self) -> RasterReader:
        """The reader of this process."""
        process = os.getpid()
        if process not in self._readers:
            self._readers = {process: open_raster(self.path)}
        return self._readers[process]

    def __getstate__(self) -> dict[str, Any]:
        """Open files stay behind when the array goes to another process."""
        return {**self.__dict__, "_readers": {}}


def _strips(rows: range) -> Iterator[range]:
    """Cut rows into parts that span few rows of the file; neighbouring rows stay together."""
    if rows.step == 1:
        yield rows
        return
    count = max(1, _STRIP_ROWS // rows.step)
    for start in range(0, len(rows), count):
        yield rows[start : start + count]
