"""What can be read of a raster: requests, what carries them out, and checks of what callers ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.types import RasterInfo

RESAMPLINGS = ("average", "nearest")

Shape = tuple[int, int]


class PixelSource(Protocol):
    """What a back end offers of an open raster. Requests have been checked when they arrive here."""

    info: RasterInfo

    def expect(self, bands: Sequence[int], windows: Sequence[Window]) -> None:
        """Learn that windows will be read soon, at full scale; a local file does nothing about it."""

    def pixels(self, bands: Sequence[int], window: Window, shape: Shape, resampling: str) -> NDArray[Any]:
        """Read (B, h, w), from overviews where they exist, nodata left out of averages.

        Raises:
            ReadFailedError: The library gave up.
            ValueError: The source has been closed.
        """

    def mask(self, band: int, window: Window, shape: Shape) -> NDArray[np.uint8]:
        """Read a band's mask (h, w) by the nearest pixel, 0 = no data; fails as `pixels` does."""

    def has_block(self, band: int, row: int, col: int) -> bool:
        """Whether a file holds the block in that row and column of blocks; True where it does not tell."""

    def close(self) -> None:
        """Close the file."""


class OwnMask:
    """The mask of a raster (0 = no data) as a source of one band, or of as many as there are masks."""

    def __init__(self, source: PixelSource) -> None:
        self._source = source
        count = source.info.count if source.info.has_band_masks else 1
        self.info = replace(source.info, count=count, dtypes=("uint8",) * count, nodata=(None,) * count)

    def pixels(self, bands: Sequence[int], window: Window, shape: Shape, resampling: str) -> NDArray[np.uint8]:
        """Read (B, h, w) by the nearest pixel."""
        return np.stack([self._source.mask(band, window, shape) for band in bands])


@dataclass(frozen=True)
class Request:
    """What to read.

    Attributes:
        source: Where from: the raster, its own mask, or the masks of a mosaic's rasters.
        bands: Numbers from 1.
        resampling: One of `RESAMPLINGS`.
    """

    source: PixelSource | OwnMask
    bands: tuple[int, ...] = (1,)
    resampling: str = "nearest"

    @property
    def nodata(self) -> list[float | None]:
        """Per band, the number that means no data."""
        return [self.source.info.nodata[band - 1] for band in self.bands]

    @property
    def fill(self) -> NDArray[Any]:
        """(B,) in the type of the result, what unreadable pixels are set to: nodata, else 0."""
        dtype = np.result_type(*(self.source.info.dtypes[band - 1] for band in self.bands))
        return np.array([0 if number is None else number for number in self.nodata]).astype(dtype)


def check_request(
    info: RasterInfo, bands: Sequence[int], window: Window, shape: tuple[int, int] | None
) -> tuple[int, int]:
    """Check a read against the raster; return rows and columns of the result.

    Raises:
        ValueError: A band or the window is outside, or the shape is not a reduction of the window.
    """
    if not bands or not all(1 <= band <= info.count for band in bands):
        raise ValueError(f"Bands {tuple(bands)} of '{info.path}' were requested, it has bands 1..{info.count}.")
    check_window(window, info.height, info.width)
    height, width = shape or (window.height, window.width)
    if not (1 <= height <= window.height and 1 <= width <= window.width):
        raise ValueError(f"A window of {window.height} x {window.width} cannot be reduced to {height} x {width}.")
    return height, width


def check_resampling(name: str) -> None:
    """Check the name of a resampling method.

    Raises:
        ValueError: It is none of `RESAMPLINGS`.
    """
    if name not in RESAMPLINGS:
        raise ValueError(f"Resampling '{name}' is unknown: use one of {RESAMPLINGS}.")


def check_window(window: Window, height: int, width: int) -> None:
    """Check that a window lies inside a raster of `height` rows and `width` columns.

    Raises:
        ValueError: It does not, or it is empty.
    """
    inside = 0 <= window.row < window.row_end <= height and 0 <= window.col < window.col_end <= width
    if not inside:
        raise ValueError(f"{window} does not lie inside a raster of {height} rows and {width} columns.")
