"""Which numbers a band can hold, and which numbers and masks mean no data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.raster.types import DTYPES


def usable_nodata(value: float | None, dtype: str) -> float | None:
    """Drop nodata values that no pixel can have.

    Args:
        value: What the file declares, or None.
        dtype: numpy name of the band.

    Returns:
        The value; None where the type cannot hold it, such as -9999 or 0.5 in uint8.
    """
    if value is None or dtype not in DTYPES or dtype.startswith("float"):
        return value
    limits = np.iinfo(dtype)
    fits = math.isfinite(value) and value == int(value) and limits.min <= value <= limits.max
    return value if fits else None


def used_bits(dtypes: Sequence[str], stated: Sequence[str | None]) -> tuple[int, ...]:
    """Tell how many bits of the numbers of each band are used.

    Args:
        dtypes: numpy name per band.
        stated: GDAL's NBITS per band, None where the file does not say.

    Returns:
        Bits per band; those of the type where the file says nothing; () for types that are not read.
    """
    if not all(dtype in DTYPES for dtype in dtypes):
        return ()
    return tuple(
        int(bits) if bits and bits.isdigit() else 8 * np.dtype(dtype).itemsize for dtype, bits in zip(dtypes, stated)
    )


def has_mask(dtypes: Sequence[str], nodata: Sequence[float | None], alpha_bands: Sequence[int], own_mask: bool) -> bool:
    """Tell whether a raster may have pixels without data; see `RasterInfo.has_mask`.

    Args:
        dtypes: numpy name per band.
        nodata: Per band, from `usable_nodata`.
        alpha_bands: Bands that are alpha.
        own_mask: Whether there is another mask.

    Returns:
        False when every pixel is valid.
    """
    floats = any(dtype.startswith("float") for dtype in dtypes)
    return floats or own_mask or bool(alpha_bands) or any(number is not None for number in nodata)


def lists_blocks(driver: str, block_shape: tuple[int, int]) -> bool:
    """Tell whether GDAL knows for each block of a raster if the file holds it.

    GDAL shows one large strip as strips of one row each, and then knows the place of the first of them alone: the
    others would look like blocks that the file leaves out.

    Args:
        driver: GDAL's short name of the format.
        block_shape: Rows and columns of a block, as GDAL shows them.

    Returns:
        False where a block without a place in the file may hold data.
    """
    return driver == "GTiff" and block_shape[0] > 1


def valid_values(values: NDArray[Any], nodata: Sequence[float | None]) -> NDArray[np.bool_]:
    """Tell which pixels hold data by their values.

    Args:
        values: (B, h, w) pixels.
        nodata: Per band, from `usable_nodata`.

    Returns:
        (h, w): False where all bands are nodata, or any is NaN or infinite.
    """
    missing = np.full(values.shape[1:], None not in nodata)
    for band, number in zip(values, nodata):
        if missing.any():
            # Files keep nodata as decimal text: cast to the pixels' type, else float32 would miss by rounding.
            with np.errstate(over="ignore"):
                missing &= band == np.asarray(number).astype(values.dtype)
    if values.dtype.kind == "f":
        missing |= ~np.isfinite(values).all(axis=0)
    return ~missing
