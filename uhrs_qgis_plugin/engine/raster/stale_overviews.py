"""Overviews that show other pixels than their raster: those of an older file of the same name and size.

A few windows are read twice, through the overviews and in full scale. Overviews by any method (nearest, average, cubic,
mode, ...) and with any usual compression differ from averages by no more than pixels differ within a cell; those of
another image by as much as cells differ from each other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import open_raster
from uhrs_qgis_plugin.engine.raster.types import RasterInfo, RasterReader

SIDE = 32  # cells along a window
GROUP = 8  # cells along a group: the mean of so many depends little on the method
ENOUGH = 9  # windows of a file: a part of a ninth that was changed later shows in one of them
MOST_SOURCES = 32  # rasters of a mosaic that are looked at
MOST_BANDS = 3
# Measured on 13 scenes with all methods of gdaladdo and JPEG down to quality 30: errors of at most 1.4 over all and 2.3
# in a window, groups 0.05 and 0.21. Of mirrored and moved images: 6 and more, 0.4 and more.
MOST_ERROR, MOST_ERROR_OF_WINDOW = 3.0, 5.0
MOST_GROUPS, MOST_GROUPS_OF_WINDOW = 0.25, 0.45
COARSER = 1.2  # GDAL takes an overview that is coarser than what is wanted by less


@dataclass(frozen=True)
class _Difference:
    """How a window differs when it is read through overviews.

    Attributes:
        error: Mean squared difference of the cells.
        expected: What it may be at most, by the variance within cells.
        groups: Share of the groups of cells whose mean is another.
    """

    error: float
    expected: float
    groups: float


def open_without_stale_overviews(
    raster: str,
    reductions: Callable[[RasterInfo], Sequence[int]],
    unreadable: str = "stop",
    alpha: str = "auto",
    check: Callable[[], None] = lambda: None,
    asset: str | None = None,
) -> RasterReader:
    """Open a raster, and leave its overviews aside where they show other pixels.

    Args:
        raster: As in `open_raster`.
        reductions: Tells how many pixels along a side will be read as one; an error that it raises comes out of here.
        unreadable: As in `open_raster`.
        alpha: As in `open_raster`.
        check: As in `open_raster`.
        asset: As in `open_raster`.

    Returns:
        The reader; `info.source.overviews` tells whether overviews are used.

    Raises:
        RasterError: As in `open_raster`.
    """
    reader = open_raster(raster, unreadable=unreadable, alpha=alpha, check=check, asset=asset)
    try:
        stale = any(has_stale_overviews(reader, reduction) for reduction in reductions(reader.info))
    except BaseException:
        reader.close()
        raise
    if not stale:
        return reader
    reader.close()
    return open_raster(replace(reader.info.source, overviews=False), unreadable=unreadable, check=check)


def has_stale_overviews(reader: RasterReader, reduction: int) -> bool:
    """Tell whether what a raster's overviews show is another image; costs nothing where there are none.

    Args:
        reader: The raster.
        reduction: Pixels along a side of what will be read as one: decides which overview is looked at.
    """
    info = reader.info
    cells = min(SIDE, info.height // reduction, info.width // reduction) // GROUP * GROUP
    if not cells or not _uses_overviews(info, reduction):
        return False
    bands = [band for band in range(1, info.count + 1) if band not in info.alpha_bands][:MOST_BANDS] or [1]
    mosaic = info.source.coverage is not None
    differences: list[_Difference] = []
    windows = list(_windows(info, cells * reduction, reduction))
    reader.expect(bands, windows[:ENOUGH])
    for window in windows:
        try:
            difference = _compare(reader, bands, window, cells)
        except RasterError:
            continue  # a damaged block: whoever needs it finds it
        if difference is not None:
            differences.append(difference)
        if len(differences) == ENOUGH and not mosaic:
            break
    if not differences:
        return False
    if any(
        item.error > MOST_ERROR_OF_WINDOW * item.expected or item.groups > MOST_GROUPS_OF_WINDOW for item in differences
    ):
        return True
    error, expected = (sum(values) for values in zip(*((item.error, item.expected) for item in differences)))
    return error > MOST_ERROR * expected or sum(item.groups for item in differences) > MOST_GROUPS * len(differences)


def _uses_overviews(info: RasterInfo, reduction: int) -> bool:
    """Whether GDAL reads overviews of a raster, or of the rasters of a mosaic."""
    if any(overview < reduction * COARSER for overview in info.overviews):
        return True
    return info.source.coverage is not None and any(os.path.exists(f"{file}.ovr") for file in info.files)


def _windows(info: RasterInfo, side: int, step: int) -> Iterator[Window]:
    """Windows of a raster to look at, each within a block where that is large enough, the middle first."""
    coverage = info.source.coverage
    if coverage is not None:
        chosen = np.linspace(0, len(coverage.rects) - 1, min(MOST_SOURCES, len(coverage.rects))).astype(int)
        middles = [
            ((row + row_end) // 2, (col + col_end) // 2) for row, col, row_end, col_end in coverage.rects[chosen]
        ]
    else:
        sixths = [(3, 3), (1, 1), (5, 5), (1, 5), (5, 1), (1, 3), (3, 1), (3, 5), (5, 3)]
        middles = [(info.height * row // 6, info.width * col // 6) for row, col in sixths]
    seen = set()
    for row, col in middles:
        starts = (
            _start(int(row), side, step, info.block_shape[0], info.height),
            _start(int(col), side, step, info.block_shape[1], info.width),
        )
        if starts not in seen:
            seen.add(starts)
            yield Window(starts[0], starts[1], side, side)


def _start(middle: int, side: int, step: int, block: int, size: int) -> int:
    """First pixel of a window near a place, a multiple of the step."""
    start = middle // block * block if side <= block < size else middle - side // 2
    return max(0, min(start, size - side)) // step * step


def _compare(reader: RasterReader, bands: Sequence[int], window: Window, cells: int) -> _Difference | None:
    """Read a window through overviews and in full scale; None where it holds too little data."""
    shape, step = (cells, cells), window.height // cells
    valid = reader.read_valid(bands, window).reshape(cells, step, cells, step)
    whole: NDArray[np.bool_] = np.asarray(valid.all(axis=(1, 3)))
    if whole.mean() < 0.5:
        return None
    shown = whole & reader.read_valid(bands, window, shape)
    pixels = reader.read(bands, window).astype(np.float64).reshape(len(bands), cells, step, cells, step)
    pixels = np.where(whole[None, :, None, :, None], pixels, 0.0)
    spread = float(np.mean([band.transpose(0, 2, 1, 3)[whole].std() for band in pixels]))
    noise = 2.0 if reader.info.dtypes[bands[0] - 1] == "uint8" else 0.0  # of compression
    within = pixels.var(axis=(2, 4))
    errors = np.where(shown, reader.read(bands, window, shape) - pixels.mean(axis=(2, 4)), 0.0)
    if not shown.any():
        return _Difference(0.0, 1.0, 1.0)
    expected = float(within[:, shown].mean()) + (0.1 * spread + noise) ** 2
    counts = np.maximum(1, _sums(shown.astype(np.float64)[None]))
    limits = 4 * np.sqrt(_sums(np.where(shown, within, 0.0)) / counts) / GROUP + 1.5 * noise + 0.05 * spread
    other = np.abs(_sums(errors) / counts) > limits
    hidden = _sums((whole & ~shown).astype(np.float64)[None]) > GROUP * GROUP / 2
    groups = float((other | hidden).mean())
    return _Difference(float((errors[:, shown] ** 2).mean()), max(expected, 1e-12), groups)


def _sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums over groups of cells: (B, n, n) -> (B, n / GROUP, n / GROUP)."""
    count, side = len(values), values.shape[1] // GROUP
    return np.asarray(values.reshape(count, side, GROUP, side, GROUP).sum(axis=(2, 4)))
