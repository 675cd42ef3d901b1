"""Reducing pixels in numpy, for what GDAL cannot reduce itself: windows with holes that it does not know of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def nearest_pixels(size: int, reduced: int) -> NDArray[np.int64]:
    """Tell which pixels stand for the cells when a side is reduced.

    Args:
        size: Pixels.
        reduced: Cells.

    Returns:
        (reduced,) the pixel in the middle of each cell: 1, 3, 5, 7 for 8 pixels in 4 cells.
    """
    return (np.arange(reduced, dtype=np.int64) * 2 + 1) * size // (2 * reduced)


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
