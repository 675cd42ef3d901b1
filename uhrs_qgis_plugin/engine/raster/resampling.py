"""Reducing pixels in numpy: windows with holes that GDAL does not know of, and what takes it several times as long."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import DOWN_RATIO, Window, nearest_pixels

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.raster.types import RasterInfo

LARGEST_AT_ONCE = 64 << 20  # bytes of a window at full scale
READ_ROWS = 256  # read together at least: a call for each few rows of a file in strips would be slow
ROWS = 64  # averaged together: what is computed on the way stays in the cache


def nearest(pixels: NDArray[Any], shape: tuple[int, int]) -> NDArray[Any]:
    """Reduce (..., H, W) pixels by taking the one in the middle of each cell."""
    rows, cols = (nearest_pixels(*sides) for sides in zip(pixels.shape[-2:], shape))
    return pixels[..., rows[:, None], cols]


def average(
    pixels: NDArray[Any], valid: NDArray[np.bool_], shape: tuple[int, int], nodata: Sequence[float | None]
) -> NDArray[Any]:
    """Reduce pixels by averaging those that hold data, as GDAL does.

    Args:
        pixels: (B, H, W).
        valid: (B, H, W), which of them count.
        shape: (h, w) of the result. A pixel that would be cut in two goes to the later number as a whole.
        nodata: Per band; an average that happens to be nodata is moved by one.

    Returns:
        (B, h, w) in the type of the pixels; nodata, else 0, where nothing counts.
    """
    rows = np.arange(shape[0]) * pixels.shape[1] // shape[0]
    cols = np.arange(shape[1]) * pixels.shape[2] // shape[1]
    result = np.empty((len(pixels), *shape), pixels.dtype)
    for index, (band, counts, number) in enumerate(zip(pixels, valid, nodata)):
        weights = np.add.reduceat(np.add.reduceat(counts.astype(np.int64), rows, axis=0), cols, axis=1)
        numbers = np.where(counts, band, 0).astype(np.float64)
        with np.errstate(invalid="ignore"):  # infinities of both signs
            sums = np.add.reduceat(np.add.reduceat(numbers, rows, axis=0), cols, axis=1)
        mean = sums / np.maximum(weights, 1)
        if pixels.dtype.kind != "f":
            mean = np.trunc(mean + np.copysign(0.5, mean))
            if number is not None:
                away = -1 if number == np.iinfo(pixels.dtype).max else 1
                mean[mean == number] += away
        result[index] = np.where(weights > 0, mean, 0 if number is None else number)
    return result


def is_plain(info: RasterInfo, bands: Sequence[int], window: Window, shape: tuple[int, int]) -> bool:
    """Whether GDAL would average a window from its bytes alone, 4 x 4 each: no overviews, holes, palettes or few bits.

    Args:
        info: As the library describes the file.
        bands: Numbers from 1.
        window: Pixels.
        shape: (rows, columns) to reduce to.
    """
    sides = shape[0] * DOWN_RATIO, shape[1] * DOWN_RATIO
    return (
        sides == (window.height, window.width)
        and len(bands) * window.height * window.width <= LARGEST_AT_ONCE
        and all(info.dtypes[band - 1] == "uint8" and info.bits and info.bits[band - 1] == 8 for band in bands)
        and not (info.is_virtual or info.has_mask or info.overviews or info.has_palette or "palette" in info.colours)
    )


def average_plainly(
    read: Callable[[Window], NDArray[Any]], count: int, window: Window, block_rows: int
) -> NDArray[np.uint8]:
    """Average bytes that all hold data to 1/4 scale, bit for bit as GDAL does.

    Args:
        read: Window -> its pixels (B, h, w).
        count: Bands.
        window: Pixels; its sides are multiples of 4.
        block_rows: Rows of the file's blocks. Some blocks are read at a time: bounds memory.

    Returns:
        (B, h/4, w/4).
    """
    step = math.lcm(DOWN_RATIO, block_rows)
    step *= max(1, READ_ROWS // step)
    result = np.empty((count, window.height // DOWN_RATIO, window.width // DOWN_RATIO), np.uint8)
    row = window.row
    while row < window.row_end:
        # Parts end where blocks do, as far as whole groups of four rows allow.
        end = row + max(DOWN_RATIO, (step - row % step) // DOWN_RATIO * DOWN_RATIO)
        part = Window(row, window.col, min(end, window.row_end) - row, window.width)
        first = (row - window.row) // DOWN_RATIO
        pixels = read(part)
        for start in range(0, part.height, ROWS):
            averages = _average_of_16(pixels[:, start : start + ROWS])
            at = first + start // DOWN_RATIO
            result[:, at : at + averages.shape[1]] = averages
        row = part.row_end
    return result


def _average_of_16(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Average (B, H, W) bytes to (B, H/4, W/4); halves are rounded up. Four bytes are added as one number."""
    count, height, width = pixels.shape
    fours = np.ascontiguousarray(pixels).view(np.uint32).reshape(count, height // 4, 4, width // 4)
    pairs = fours & np.uint32(0x00FF00FF)
    pairs += (fours >> np.uint32(8)) & np.uint32(0x00FF00FF)
    sums = pairs[:, :, 0] + pairs[:, :, 1]  # two sums of 16 bits: of eight bytes each, in the end
    sums += pairs[:, :, 2]
    sums += pairs[:, :, 3]
    sums = (sums & np.uint32(0xFFFF)) + (sums >> np.uint32(16))
    return (sums + np.uint32(8)) >> np.uint32(4)
