"""Numbers of 16 bits or with decimals brought to 8 bits: limits measured on a raster, and a reader that applies them.

The limits of a band become 0 and 255, with a straight line between; numbers beyond them become 0 or 255. Which pixels
hold data is asked of the raster itself, so a number that becomes 0 or 255 is never taken for no data.

Worked example: limits 300 and 10500 turn 300 into 0, 5400 into 128, 65535 into 255.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Callable

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.types import RasterInfo, RasterReader
from uhrs_qgis_plugin.engine.raster.views.view import RasterView

PERCENTILES = (
    0.5,
    99.5,
)  # the tails are hot pixels and glint; on 8-bit scenes 2 and 98 cost 1.8 points of mIoU, these 0.9
WHOLE_PIXELS = 4_000_000  # rasters up to this many pixels are measured whole
WINDOWS, WINDOW_SIDE = 16, 128  # larger ones in so many windows along each side
LEAST_VALID = 10_000  # pixels: with fewer in the windows, the whole raster is looked at, decimated
DECIMATED_SIDE = 2048
TOP = 255

Limits = tuple[float, float]


@dataclass(frozen=True)
class Stretch:
    """How numbers become 8 bits.

    Attributes:
        limits: Band of the raster (from 1) -> the numbers that become 0 and 255.
        reason: Where the limits come from, for people.
    """

    limits: dict[int, Limits]
    reason: str


class StretchedReader(RasterView):
    """`RasterReader` of 8 bits over one of wider numbers.

    Wrap it around whatever else changes pixels (a working grid): averages and interpolation then happen in the
    raster's own numbers, and rounding to 8 bits happens once, at the end.
    """

    def __init__(self, reader: RasterReader, stretch: Stretch) -> None:
        """Take the reader to wrap; closing this one closes it."""
        dtypes = tuple("uint8" if band in stretch.limits else name for band, name in enumerate(reader.info.dtypes, 1))
        super().__init__(reader, replace(reader.info, dtypes=dtypes, nodata=(None,) * reader.info.count))
        self._stretch = stretch

    def read(
        self,
        bands: Sequence[int],
        window: Window,
        shape: tuple[int, int] | None = None,
        resampling: str = "average",
    ) -> NDArray[Any]:
        """Read pixels of 8 bits; see `RasterReader.read`. Bands without limits cannot be read."""
        image = self._reader.read(bands, window, shape, resampling)
        return np.stack([stretched(band, self._stretch.limits[number]) for band, number in zip(image, bands)])


def stretched(numbers: NDArray[Any], limits: Limits) -> NDArray[np.uint8]:
    """Bring numbers to 8 bits: `limits` become 0 and 255; NaN, which only stands for no data, becomes 0."""
    low, high = limits
    # float32 holds all numbers of 16 bits; wider ones lose less than a thousandth of a step of the result.
    scaled: NDArray[Any] = numbers.astype(np.float32 if numbers.dtype.itemsize <= 2 else np.float64)
    scaled -= low
    scaled *= TOP / (high - low)
    np.nan_to_num(scaled, copy=False, posinf=TOP, neginf=0)
    np.clip(scaled, 0, TOP, out=scaled)
    scaled += 0.5
    return scaled.astype(np.uint8)


def check_stretch(text: str) -> Limits | None:
    """Read the limits out of a choice of stretch.

    Args:
        text: "auto", "none", or two numbers: "LOW,HIGH".

    Returns:
        The numbers, None for a word.

    Raises:
        OptionsError: It is none of these.
    """
    if text in ("auto", "none"):
        return None
    try:
        low, high = (float(part) for part in text.replace(",", " ").split())
    except ValueError:
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise OptionsError(
            f"stretch={text!r} is not allowed: choose auto, none, or two numbers LOW,HIGH with LOW < HIGH, such as "
            "0,3000."
        )
    return low, high


def few_bits(info: RasterInfo, bands: Sequence[int]) -> Stretch | None:
    """Find limits for bytes of which a file says that not all bits are used, such as 4; None for other rasters."""
    bits = {band: info.bits[band - 1] for band in bands} if info.bits else {}
    if not bits or min(bits.values()) >= TOP.bit_length() or any(info.dtypes[band - 1] != "uint8" for band in bands):
        return None
    limits = {band: (0.0, float(2**count - 1)) for band, count in bits.items()}
    return Stretch(limits, f"bits used according to its file: {', '.join(map(str, sorted(set(bits.values()))))}")


def measure_stretch(reader: RasterReader, bands: Sequence[int], check: Callable[[], None]) -> Stretch:
    """Find limits for the bands of a raster: percentiles of the pixels that hold data, for each band by itself.

    The same raster gives the same limits, whatever part of it is processed and whatever overviews it has.

    Args:
        reader: The raster.
        bands: Bands to measure, from 1.
        check: Called now and then; an error that it raises comes out of here.

    Returns:
        The stretch; any when no pixel holds data.
    """
    samples = [values for values in _windows(reader, bands, check) if values.size]
    if sum(values.shape[1] for values in samples) < min(LEAST_VALID, reader.info.width * reader.info.height):
        samples = [values for values in _decimated(reader, bands) if values.size] or samples
    if not samples:
        return Stretch(dict.fromkeys(bands, (0.0, 1.0)), "no pixel was found that holds data")
    values = np.concatenate(samples, axis=1)
    # Signed bytes cannot hold more: nothing follows from it.
    if values.dtype.kind != "f" and values.dtype.itemsize > 1 and values.min() >= 0 and values.max() <= TOP:
        return Stretch(
            dict.fromkeys(bands, (0.0, float(TOP))), "its numbers are those of 8 bits, they stay as they are"
        )
    limits = {}
    for band, numbers in zip(bands, values):
        low, high = (float(number) for number in np.percentile(numbers, PERCENTILES))
        limits[band] = (low, high) if low < high else _around(numbers)
    low_share, high_share = PERCENTILES
    return Stretch(limits, f"{low_share:g} to {high_share:g} per cent of the pixels that hold data")


def _around(numbers: NDArray[Any]) -> Limits:
    """Limits for a band that is nearly constant."""
    low, high = float(numbers.min()), float(numbers.max())
    return (low, high) if low < high else (low, low + max(1.0, abs(low)))


def _windows(reader: RasterReader, bands: Sequence[int], check: Callable[[], None]) -> Iterator[NDArray[Any]]:
    """Valid pixels (B, n) of windows spread over the raster, of all of it when it is small."""
    height, width = reader.info.height, reader.info.width
    if height * width <= WHOLE_PIXELS:
        yield _valid(reader, bands, Window(0, 0, height, width), None)
        return
    for row in _starts(height):
        for col in _starts(width):
            check()
            window = Window(row, col, WINDOW_SIDE, WINDOW_SIDE).clipped(height, width)
            if reader.may_hold_data(window, bands):
                yield _valid(reader, bands, window, None)


def _starts(size: int) -> list[int]:
    """Where the windows begin along a side, the first and the last pixel included."""
    last = max(0, size - WINDOW_SIDE)
    return sorted({last * number // (WINDOWS - 1) for number in range(WINDOWS)})


def _decimated(reader: RasterReader, bands: Sequence[int]) -> Iterator[NDArray[Any]]:
    """Valid pixels (B, n) of the whole raster, by the nearest pixel."""
    height, width = reader.info.height, reader.info.width
    shape = min(height, DECIMATED_SIDE), min(width, DECIMATED_SIDE)
    yield _valid(reader, bands, Window(0, 0, height, width), shape)


def _valid(reader: RasterReader, bands: Sequence[int], window: Window, shape: tuple[int, int] | None) -> NDArray[Any]:
    """The pixels (B, n) of a window that hold data."""
    valid = reader.read_valid(bands, window, shape)
    if not valid.any():
        return np.empty((len(bands), 0))
    return reader.read(bands, window, shape, "nearest")[:, valid]
