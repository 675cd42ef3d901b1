"""What a window of imagery looks like, in some twenty numbers: brightness, tint, contrast, texture at several scales.

Everything is computed from the pixels of the window alone, at full scale, so that it depends neither on overviews nor
on how a raster is cut into scenes and blocks. Texture is measured by the Haar wavelet: the energy of the differences
between neighbouring means of 1, 2, 4, 8 and 16 pixels. Its slope from scale to scale gives away imagery that was
resampled (S. Mallat, "A theory for multiresolution signal decomposition", IEEE TPAMI 11, 1989).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

CELL = 32  # pixels: the side of the squares that hold data everywhere or do not count
LEVELS = 5  # of the Haar wavelet: 2**5 = CELL
MOST_BANDS = 8  # that are described: bounds the statistics of a bundle
ROUNDING = 0.3  # steps of whole numbers: deviation of what rounding adds, below which no texture is measured

Array = NDArray[np.float64]


def descriptor_names(bands: int) -> tuple[str, ...]:
    """Name the numbers of a descriptor.

    Args:
        bands: Bands of the model; those after the eighth are not described.

    Returns:
        A name each.
    """
    bands = min(bands, MOST_BANDS)
    pairs = [f"{index + 1}-{index + 2}" for index in range(bands - 1)]
    return (
        "brightness",
        *(f"tint {pair}" for pair in pairs),
        *(f"contrast {index + 1}" for index in range(bands)),
        *(f"correlation {pair}" for pair in pairs),
        *(f"tint by brightness {pair}" for pair in pairs),
        *(f"skewness of tint {pair}" for pair in pairs),
        "texture",
        *(f"texture slope {2**level}" for level in range(LEVELS - 1)),
        *(f"diagonal texture {2**level}" for level in range(2)),
        *(f"colour texture {2**level}" for level in range(3 if bands > 1 else 0)),
    )


def describe(
    pixels: NDArray[Any], valid: NDArray[np.bool_] | None, mean: Sequence[float], deviation: Sequence[float]
) -> Array | None:
    """Describe a window.

    Args:
        pixels: (B, h, w) numbers of the raster.
        valid: (h, w) whether they hold data; None = all do.
        mean: Mean of each band over the training imagery.
        deviation: Standard deviation of each band over the training imagery, above 0.

    Returns:
        (D,) float64, in the order of `descriptor_names`; None where less than a quarter of the window, in squares of
        32 x 32 pixels, holds data.
    """
    rows, cols = pixels.shape[1] // CELL, pixels.shape[2] // CELL
    cells = _whole_cells(valid, rows, cols)
    if not rows or not cols or 4 * np.count_nonzero(cells) < cells.size:
        return None
    centre = np.asarray(mean, np.float32)[:MOST_BANDS, None, None]
    spread = np.asarray(deviation, np.float32)[:MOST_BANDS, None, None]
    numbers = pixels[:MOST_BANDS, : rows * CELL, : cols * CELL].astype(np.float32)
    numbers = (numbers - centre) / spread
    if not np.isfinite(numbers).all():  # under a hole: what stands there does not count
        numbers = np.nan_to_num(numbers, nan=0.0, posinf=0.0, neginf=0.0)
    floor = float(np.mean(np.square(ROUNDING / np.asarray(deviation[:MOST_BANDS], np.float64))))
    if pixels.dtype.kind == "f":
        floor = 1e-8
    return np.concatenate([_colours(numbers, cells, floor), _texture(numbers, cells, floor)])


def _whole_cells(valid: NDArray[np.bool_] | None, rows: int, cols: int) -> NDArray[np.bool_]:
    """Which squares of 32 x 32 pixels hold data everywhere, (rows, cols)."""
    if valid is None:
        return np.ones((rows, cols), np.bool_)
    inside = valid[: rows * CELL, : cols * CELL]
    return np.asarray(inside.reshape(rows, CELL, cols, CELL).all(axis=(1, 3)))


def _colours(numbers: NDArray[np.float32], cells: NDArray[np.bool_], floor: float) -> Array:
    """Brightness, tints, contrasts and how they go together."""
    bands, (rows, cols) = len(numbers), cells.shape
    flat = numbers.reshape(bands, rows, CELL, cols, CELL).transpose(1, 3, 0, 2, 4)[cells]  # (cells, B, 32, 32)
    flat = flat.transpose(1, 0, 2, 3).reshape(bands, -1).astype(np.float64)
    means = flat.mean(axis=1)
    flat -= means[:, None]
    # einsum: for so little work BLAS would wake threads, which wait where others compute.
    covariance = np.einsum("ip,jp->ij", flat, flat) / flat.shape[1] + floor * np.eye(bands)
    deviations = np.sqrt(np.diag(covariance))
    light = flat.mean(axis=0)
    variance = float(np.einsum("p,p->", light, light)) / light.size + floor
    tints = flat[:-1] - flat[1:]
    correlation = np.diag(covariance, 1) / (deviations[:-1] * deviations[1:])
    by_brightness = np.einsum("ip,p->i", tints, light) / light.size / variance
    tint_deviations = np.sqrt(np.mean(tints**2, axis=1) + 2 * floor)
    skewness = np.einsum("ij,ij,ij->i", tints, tints, tints) / light.size / tint_deviations**3
    return np.concatenate(
        [
            [means.mean()],
            -np.diff(means),
            np.log2(deviations),
            np.arctanh(np.clip(correlation, -0.999, 0.999)),
            by_brightness,
            np.arcsinh(skewness),
        ]
    )


def _texture(numbers: NDArray[np.float32], cells: NDArray[np.bool_], floor: float) -> Array:
    """Energy of the Haar wavelet from scale to scale: of the mean of all bands, and of their differences."""
    light = _haar_energies(numbers.mean(axis=0, keepdims=True), cells)  # (levels, 2)
    straight, diagonal = 0.5 * np.log2(light + floor / 4).T
    found = [[straight[2]], np.diff(straight), (diagonal - straight)[:2]]
    if len(numbers) > 1:
        tints = _haar_energies(numbers[:-1] - numbers[1:], cells)[:3, 0]
        found.append(0.5 * np.log2(tints + floor / 2) - straight[:3])
    return np.concatenate(found)


def _haar_energies(bands: NDArray[np.float32], cells: NDArray[np.bool_]) -> Array:
    """Mean square of the Haar coefficients.

    Args:
        bands: (B, 32 rows, 32 cols).
        cells: (rows, cols) which squares count.

    Returns:
        (5, 2): per level that of horizontal and vertical differences, and that of diagonal ones; mean over the bands.
    """
    energies: list[list[float]] = []
    means: NDArray[Any] = bands
    for _ in range(LEVELS):
        top, bottom = means[:, 0::2], means[:, 1::2]
        both, apart = top + bottom, top - bottom
        across = (both[:, :, 0::2] - both[:, :, 1::2]) / 4
        down = (apart[:, :, 0::2] + apart[:, :, 1::2]) / 4
        diagonal = (apart[:, :, 0::2] - apart[:, :, 1::2]) / 4
        means = (both[:, :, 0::2] + both[:, :, 1::2]) / 4
        energies.append([_mean_over(across**2 + down**2, cells) / 2, _mean_over(diagonal**2, cells)])
    return np.asarray(energies, np.float64)


def _mean_over(squares: NDArray[np.floating[Any]], cells: NDArray[np.bool_]) -> float:
    """Mean over the squares of the raster that count."""
    bands, height, width = squares.shape
    rows, cols = cells.shape
    by_cell = squares.reshape(bands, rows, height // rows, cols, width // cols).mean(axis=(0, 2, 4), dtype=np.float64)
    return float(by_cell[cells].mean())
