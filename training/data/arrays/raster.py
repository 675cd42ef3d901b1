"""A raster file that is sliced like an array: only the slice is read, so scenes may be of any size."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training.data.arrays.lazy import LazyArray
from training.errors import DatasetError
from uhrs_qgis_plugin.engine.errors import UhrsError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import RasterInfo, RasterReader, open_raster

_STRIP_ROWS = 512  # rows read at a time where every n-th row is needed: bounds memory
_MOST_OPEN = 64  # files a process keeps open: datasets have thousands, and a process may have about a thousand
_Key = tuple[int, str, tuple[int, int]]  # process (loaders may fork), path, when the file was written and its size
_open: OrderedDict[_Key, RasterReader] = OrderedDict()


class RasterArray(LazyArray):
    """Bands of a raster as (B, H, W), or one band as (H, W), in the raster's own numbers.

    Args:
        bands: Numbers from 1; a single number makes a two-dimensional array.

    Raises:
        DatasetError: The file is missing or cannot be read.
    """

    def __init__(self, path: str | Path, bands: tuple[int, ...] | int) -> None:
        self.path = os.fspath(path)
        self._bands = (bands,) if isinstance(bands, int) else bands
        info = raster_info(path)
        size = (info.height, info.width)
        self.shape = size if isinstance(bands, int) else (len(self._bands), *size)
        self.dtype = np.dtype(np.result_type(*(info.dtypes[b - 1] for b in self._bands)))

    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[Any]:
        """Read a window, or every n-th row and column of it."""
        numbers = tuple(self._bands[place] for place in bands)
        strips = [self._read(numbers, strip, cols) for strip in _strips(rows)]
        return strips[0] if len(strips) == 1 else np.concatenate(strips, 1)

    def _read(self, bands: tuple[int, ...], rows: range, cols: range) -> npt.NDArray[Any]:
        window = Window(rows[0], cols[0], rows[-1] - rows[0] + 1, cols[-1] - cols[0] + 1)
        try:
            pixels = _reader(self.path).read(bands, window)
        except UhrsError as error:
            raise DatasetError(str(error)) from error
        wanted = pixels[:, :: rows.step, :: cols.step]
        return pixels if wanted.shape == pixels.shape else wanted.copy()  # a view would keep all pixels in memory


def raster_info(path: str | Path) -> RasterInfo:
    """The description of a raster, without reading its pixels.

    Raises:
        DatasetError: The file is missing or cannot be read.
    """
    try:
        return _reader(os.fspath(path)).info
    except UhrsError as error:
        raise DatasetError(str(error)) from error


def colour_bands(path: str | Path) -> tuple[int, ...]:
    """Numbers of the bands of a raster that are not alpha."""
    info = raster_info(path)
    return tuple(band for band in range(1, info.count + 1) if band not in info.alpha_bands)


def _reader(path: str) -> RasterReader:
    """The reader of a file in this process, opened if needed; the least recently used one is closed."""
    key = (os.getpid(), path, _written(path))
    if key not in _open:
        for other in [other for other in _open if other[0] != key[0]]:
            del _open[other]  # a parent's: its handles must not be read from here
        while len(_open) >= _MOST_OPEN:
            _open.popitem(last=False)[1].close()
        _open[key] = open_raster(path)
    _open.move_to_end(key)
    return _open[key]


def _written(path: str) -> tuple[int, int]:
    """Changes when a file is replaced by another."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0  # opening it will report that
    return status.st_mtime_ns, status.st_size


def _strips(rows: range) -> Iterator[range]:
    """Cut rows into parts that span few rows of the file; neighbouring rows stay together."""
    if rows.step == 1:
        yield rows
        return
    count = max(1, _STRIP_ROWS // rows.step)
    for start in range(0, len(rows), count):
        yield rows[start : start + count]
