"""Seeded noise on an unbounded plane: a value depends on the seed and the absolute position only.

Nothing here may depend on where a window starts: integer hashing, exact lattice fractions and element-wise
arithmetic only (no matrix products, no transcendental functions, whose rounding may follow the array's shape).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]

_UNIT = np.float32(1.0 / 4294967296.0)


def salt_of(seed: int, stream: int) -> int:
    """Return a 32-bit salt, so that each use of a seed draws unrelated numbers."""
    word = (seed * 0x9E3779B97F4A7C15 + (stream + 1) * 0xD1B54A32D192ED03) & 0xFFFFFFFFFFFFFFFF
    word ^= word >> 29
    word = (word * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    return (word >> 32) & 0xFFFFFFFF


def hash_words(rows: Integers, cols: Integers, salt: int) -> Words:
    """Hash integer positions, broadcast against each other, into uint32."""
    word: Words = np.asarray(rows).astype(np.uint32) * np.uint32(0x85EBCA77) + np.uint32(salt)
    word = word ^ (word >> np.uint32(15))
    word = word * np.uint32(0x2C1B3C6D) + np.asarray(cols).astype(np.uint32) * np.uint32(0x9E3779B1)
    word = word ^ (word >> np.uint32(16))
    word *= np.uint32(0x7FEB352D)
    word ^= word >> np.uint32(15)
    word *= np.uint32(0x846CA68B)
    word ^= word >> np.uint32(16)
    return word


def hash_unit(rows: Integers, cols: Integers, salt: int) -> Floats:
    """Hash integer positions into [0, 1] float32."""
    return hash_words(rows, cols, salt) * _UNIT


def _split(positions: Integers, period: int) -> tuple[Integers, Floats]:
    cells = positions // period
    fraction = ((positions - cells * period) / period).astype(np.float32)
    return cells, fraction * fraction * (np.float32(3) - np.float32(2) * fraction)


def grid_noise(rows: Integers, cols: Integers, period: int, salt: int) -> Floats:
    """Value noise on the grid of `rows` x `cols`.

    Args:
        rows: (H,) consecutive pixel rows.
        cols: (W,) consecutive pixel columns.
        period: lattice spacing in pixels, >= 1.

    Returns:
        (H, W) float32 in [0, 1].
    """
    row_cells, row_weight = _split(rows, period)
    col_cells, col_weight = _split(cols, period)
    lattice_rows = np.arange(row_cells[0], row_cells[-1] + 2)
    lattice_cols = np.arange(col_cells[0], col_cells[-1] + 2)
    lattice = hash_unit(lattice_rows[:, None], lattice_cols[None, :], salt)
    top = row_cells - row_cells[0]
    left = col_cells - col_cells[0]
    along = lattice[top] + (lattice[top + 1] - lattice[top]) * row_weight[:, None]
    step = along[:, 1:] - along[:, :-1]
    field: Floats = step.take(left, axis=1)
    field *= col_weight
    field += along.take(left, axis=1)
    return field


def point_noise(rows: Doubles, cols: Doubles, period: int, salt: int) -> Doubles:
    """Value noise (same field as `grid_noise`) at any positions; float64 in [0, 1] of the inputs' shape."""
    row_cells = np.floor(rows / period).astype(np.int64)
    col_cells = np.floor(cols / period).astype(np.int64)
    fy = rows / period - row_cells
    fx = cols / period - col_cells
    fy = fy * fy * (3 - 2 * fy)
    fx = fx * fx * (3 - 2 * fx)
    a = hash_unit(row_cells, col_cells, salt).astype(np.float64)
    b = hash_unit(row_cells, col_cells + 1, salt).astype(np.float64)
    c = hash_unit(row_cells + 1, col_cells, salt).astype(np.float64)
    d = hash_unit(row_cells + 1, col_cells + 1, salt).astype(np.float64)
    upper = a + (c - a) * fy
    lower = b + (d - b) * fy
    return np.asarray(upper + (lower - upper) * fx)
