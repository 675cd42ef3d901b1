"""Averages where a band that GDAL takes for alpha is data: GDAL leaves out the pixels where that band is 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.damage import halves
from uhrs_qgis_plugin.engine.raster.metadata import hiding_bands, valid_values
from uhrs_qgis_plugin.engine.raster.requests import PixelSource, Shape
from uhrs_qgis_plugin.engine.raster.resampling import average
from uhrs_qgis_plugin.engine.raster.types import RasterInfo


class AlphaAsData:
    """`PixelSource` that reduces full-scale pixels itself; overviews are not used, for GDAL made them as it reads."""

    def __init__(self, source: PixelSource) -> None:
        self.info = source.info
        self._source = source

    def expect(self, bands: Sequence[int], windows: Sequence[Window]) -> None:
        """Pass on what will be read soon; see `PixelSource.expect`."""
        self._source.expect(bands, windows)

    def pixels(self, bands: Sequence[int], window: Window, shape: Shape, resampling: str) -> NDArray[Any]:
        """Read pixels; see `PixelSource.pixels`."""
        full = window.height, window.width
        if resampling != "average" or shape == full:
            return self._source.pixels(bands, window, shape, resampling)
        parts = halves(window, shape, self.info.block_shape)
        if parts:
            axis = -2 if parts[0][1][1] == shape[1] else -1
            return np.concatenate([self.pixels(bands, part, size, resampling) for part, size in parts], axis=axis)
        pixels = self._source.pixels(bands, window, full, "nearest")
        counting = self._opaque(bands, window, full)
        nodata = [self.info.nodata[band - 1] for band in bands]
        valid = np.stack([counting & valid_values(band[None], [number]) for band, number in zip(pixels, nodata)])
        return average(pixels, valid, shape, nodata)

    def mask(self, band: int, window: Window, shape: Shape) -> NDArray[np.uint8]:
        """Read a band's mask; see `PixelSource.mask`."""
        return self._source.mask(band, window, shape)

    def has_block(self, band: int, row: int, col: int) -> bool:
        """Whether a file holds a block; see `PixelSource.has_block`."""
        return self._source.has_block(band, row, col)

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def _opaque(self, bands: Sequence[int], window: Window, full: Shape) -> NDArray[np.bool_]:
        """Which pixels (H, W) neither the raster's own mask nor an alpha band that is none of `bands` hides."""
        opaque = np.ones(full, np.bool_)
        if self.info.has_own_mask:
            opaque &= self._source.mask(1, window, full) > 0
        for alpha in self.info.alpha_bands:
            if alpha not in bands:
                opaque &= self._source.pixels([alpha], window, full, "nearest")[0] > 0
        return opaque


def hides_data(info: RasterInfo, bands: Sequence[int]) -> bool:
    """Whether GDAL takes a band for alpha that is data when these bands are read."""
    hidden = bool(info.source.has_hidden_alpha)
    return hidden or any(band in bands or band not in info.alpha_bands for band in hiding_bands(info))
