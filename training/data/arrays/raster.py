"""A raster file that is sliced like an array: only the slice is read, so scenes may be of any size."""

from __future__ import annotations

import os
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from training.data.arrays.lazy import LazyArray
from training.errors import DatasetError
from uhrs_qgis_plugin.engine.errors import UhrsError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import (
    RasterInfo,
    RasterReader,
    StretchedReader,
    WorkingReader,
    band_roles,
    few_bits,
    open_raster,
    open_without_stale_overviews,
    reductions,
    working_info,
)

_STRIP_ROWS = 512  # rows read at a time where every n-th row is needed: bounds memory
_MOST_OPEN = 64  # files a process keeps open: datasets have thousands, and a process may have about a thousand
_MOST_WORKING = 8  # of these on a working grid: each keeps up to 48 MB of averages
Grid = tuple[int, int]  # rows and columns of a working grid, which covers the raster's extent
# Process (loaders may fork), path, when the file was written and its size, and the grid on which it is seen.
_Key = tuple[int, str, tuple[int, int], "Grid | None"]
_open: OrderedDict[_Key, RasterReader] = OrderedDict()
# A PNG is decoded from its first row on, by GDAL twice as fast where all of it is wanted: the last ones stay, for an
# image and its mask are read in turns, and a mask several times until a window of it suits.
_MOST_WHOLE, _LARGEST_WHOLE = 2, 128e6  # files a process; bytes of each
_whole: OrderedDict[tuple[Any, ...], npt.NDArray[Any]] = OrderedDict()
_checked: dict[tuple[str, tuple[int, int], Grid], Any] = {}  # how a file is opened where its overviews may be used


class RasterArray(LazyArray):
    """Bands of a raster as (B, H, W), or one band as (H, W), in the raster's own numbers.

    Args:
        bands: Numbers from 1; a single number makes a two-dimensional array.
        grid: On which the engine presents it; None is its own.
        is_image: Whether bytes of which the file uses fewer bits are brought to 8, as the engine does with images.

    Raises:
        DatasetError: The file is missing or cannot be read.
    """

    def __init__(
        self, path: str | Path, bands: tuple[int, ...] | int, grid: Grid | None = None, is_image: bool = False
    ) -> None:
        self.path, self._grid, self._is_image = os.fspath(path), grid, is_image
        self._bands = (bands,) if isinstance(bands, int) else bands
        info = raster_info(path)
        size = grid or (info.height, info.width)
        self.shape = size if isinstance(bands, int) else (len(self._bands), *size)
        self.dtype = np.dtype(np.result_type(*(info.dtypes[b - 1] for b in self._bands)))

    def on_grid(self, grid: Grid) -> RasterArray:
        """The same bands on a working grid."""
        return RasterArray(self.path, self._bands if self.ndim == 3 else self._bands[0], grid, self._is_image)

    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[Any]:
        """Read a window, or every n-th row and column of it."""
        # On a working grid the pixels that hold data in all bands make the cells: all are read, whichever are wanted.
        wanted = self._bands if self._grid else tuple(self._bands[place] for place in bands)
        parts = [self._read(wanted, strip, cols) for strip in strips(rows)]
        pixels = parts[0] if len(parts) == 1 else np.concatenate(parts, 1)
        return pixels if len(pixels) == len(bands) else pixels[bands.start : bands.stop : bands.step]

    def _read(self, bands: tuple[int, ...], rows: range, cols: range) -> npt.NDArray[Any]:
        try:
            reader = _reader(self.path, self._grid)
            stretch = few_bits(reader.info, bands) if self._is_image else None
            reader = reader if stretch is None else StretchedReader(reader, stretch)
            window = window_of(rows, cols)
            key = (os.getpid(), self.path, _written(self.path), bands, self._is_image)
            if key in _whole or (self._grid is None and _faster_whole(reader.info, window, self.path)):
                pixels = _read_whole(key, reader)[(slice(None), *window.slices())].copy()
            else:
                pixels = reader.read(bands, window)
        except UhrsError as error:
            raise DatasetError(str(error)) from error
        return every(pixels, rows, cols)


class ValidArray(LazyArray):
    """Which pixels (H, W) of a raster hold data, bool: by no-data values, NaN, alpha and masks, as the engine sees it.

    Args:
        path: A raster that the engine reads.
        bands: Numbers from 1, of the bands that are used.
        grid: On which the engine presents it; None is its own.

    Raises:
        DatasetError: The file is missing or cannot be read.
    """

    def __init__(self, path: str | Path, bands: tuple[int, ...], grid: Grid | None = None) -> None:
        self.path, self._bands, self._grid = os.fspath(path), bands, grid
        info = raster_info(path)
        self.shape, self.dtype = grid or (info.height, info.width), np.dtype(np.bool_)

    def on_grid(self, grid: Grid) -> ValidArray:
        """The same on a working grid, where the pixel in the middle of a cell decides."""
        return ValidArray(self.path, self._bands, grid)

    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[np.bool_]:
        """Ask for a window, or every n-th row and column of it."""
        return np.concatenate([self._read(strip, cols) for strip in strips(rows)], 1)

    def _read(self, rows: range, cols: range) -> npt.NDArray[np.bool_]:
        try:
            valid = _reader(self.path, self._grid).read_valid(self._bands, window_of(rows, cols))
        except UhrsError as error:
            raise DatasetError(str(error)) from error
        return every(valid[None], rows, cols)


def valid_array(path: str | Path, bands: tuple[int, ...]) -> ValidArray | None:
    """Which pixels of a raster hold data; None when all do."""
    return ValidArray(path, bands) if raster_info(path).has_mask else None


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


def band_names(path: str | Path, bands: tuple[int, ...]) -> tuple[str, ...]:
    """What bands are by description and colour interpretation, as the engine finds it: "red", "nir", "" if unknown."""
    roles = band_roles(raster_info(path))
    return tuple((*roles[band - 1].names, "")[0] for band in bands)


def colour_table(path: str | Path) -> dict[int, tuple[int, int, int]]:
    """Colour (r, g, b) of each number in a palette raster."""
    with _plain_open(path) as file:
        return {index: (red, green, blue) for index, (red, green, blue, _) in file.colormap(1).items()}


def _plain_open(path: str | Path) -> rasterio.DatasetReader:
    """The file with what the engine's reader does not tell."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            return rasterio.open(path)
    except RasterioError as error:
        raise DatasetError(f"Cannot read '{path}': {error}. Check that the file is complete") from error


def window_of(rows: range, cols: range) -> Window:
    """The window that spans rows and columns, those between them included."""
    return Window(rows[0], cols[0], rows[-1] - rows[0] + 1, cols[-1] - cols[0] + 1)


def every(pixels: npt.NDArray[Any], rows: range, cols: range) -> npt.NDArray[Any]:
    """Every n-th row and column of (B, h, w)."""
    wanted = pixels[:, :: rows.step, :: cols.step]
    return pixels if wanted.shape == pixels.shape else wanted.copy()  # a view would keep all pixels in memory


def _reader(path: str, grid: Grid | None = None) -> RasterReader:
    """The reader of a file in this process, opened if needed; the least recently used one is closed."""
    key = (os.getpid(), path, _written(path), grid)
    if key not in _open:
        for other in [other for other in _open if other[0] != key[0]]:
            del _open[other]  # a parent's: its handles must not be read from here
        while len(_open) >= _MOST_OPEN:
            _open.popitem(last=False)[1].close()
        others = [other for other in _open if other[3] is not None]
        if grid is not None and len(others) >= _MOST_WORKING:
            _open.pop(others[0]).close()
        _open[key] = open_raster(path) if grid is None else _on_grid(path, key[2], grid)
    _open.move_to_end(key)
    return _open[key]


def _faster_whole(info: RasterInfo, window: Window, path: str) -> bool:
    """Whether to decode all of a file for a window of it."""
    size = info.width * info.height * info.count * max(np.dtype(kind).itemsize for kind in info.dtypes)
    return path.lower().endswith(".png") and window.row_end > info.height / 2 and size <= _LARGEST_WHOLE


def _read_whole(key: tuple[Any, ...], reader: RasterReader) -> npt.NDArray[Any]:
    """All of some bands of a raster, decoded once as long as few others are wanted in this process."""
    pixels = _whole.pop(key, None)
    if pixels is None:
        for other in [other for other in _whole if other[0] != key[0]]:
            _whole.pop(other, None)  # a parent's, which only takes memory here
        pixels = reader.read(key[3], Window(0, 0, reader.info.height, reader.info.width))
    _whole[key] = pixels
    while len(_whole) > _MOST_WHOLE:
        _whole.popitem(last=False)
    return pixels


def _on_grid(path: str, written: tuple[int, int], grid: Grid) -> WorkingReader:
    """A file on a working grid; overviews of another image are left aside, as the engine does."""
    key = path, written, grid
    if key not in _checked:
        with open_without_stale_overviews(path, lambda info: reductions(info, working_info(info, *grid))) as reader:
            _checked[key] = reader.info.source
    return WorkingReader(open_raster(_checked[key]), *grid)


def _written(path: str) -> tuple[int, int]:
    """Changes when a file is replaced by another."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0  # opening it will report that
    return status.st_mtime_ns, status.st_size


def strips(rows: range) -> Iterator[range]:
    """Cut rows into parts that span few rows of the file; neighbouring rows stay together."""
    if rows.step == 1:
        yield rows
        return
    count = max(1, _STRIP_ROWS // rows.step)
    for start in range(0, len(rows), count):
        yield rows[start : start + count]
