"""The one reader of rasters: what `RasterReader` promises, on top of the few calls that a back end offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.alpha_as_data import AlphaAsData, hides_data
from uhrs_qgis_plugin.engine.raster.damage import ReadGuard, block_range
from uhrs_qgis_plugin.engine.raster.metadata import valid_values
from uhrs_qgis_plugin.engine.raster.requests import (
    OwnMask,
    PixelSource,
    Request,
    Shape,
    check_request,
    check_resampling,
)


class Reader:
    """`RasterReader` on any back end."""

    def __init__(self, source: PixelSource, unreadable: str = "stop", masks: PixelSource | None = None) -> None:
        """Take an open raster.

        Args:
            source: The raster.
            unreadable: "stop", or "nodata": blocks that do not read are nodata.
            masks: The masks (0 = no data) of all bands, as bands of a second raster, where nodata differs among the
                rasters of a mosaic.
        """
        self._mend = unreadable == "nodata"
        coverage = source.info.source.coverage
        self._gaps = coverage if coverage is not None and coverage.has_gaps else None
        holes = self._gaps is not None or masks is not None or self._mend
        self.info = replace(source.info, has_mask=source.info.has_mask or holes)
        self._source = source
        self._masks = masks
        self._own_mask = OwnMask(source) if self.info.has_own_mask else None
        alphas = [Request(source, (band,)) for band in self.info.alpha_bands]
        hiding = alphas
        if self._own_mask is not None:
            hiding = [Request(self._own_mask, tuple(range(1, self._own_mask.info.count + 1))), *alphas]
        self._guard = ReadGuard(self.info, hiding, self._mend)

    @property
    def unreadable(self) -> list[Window]:
        """Blocks that do not read and are taken for nodata; see `RasterReader.unreadable`."""
        return self._guard.unreadable()

    def expect(self, bands: Sequence[int], windows: Sequence[Window]) -> None:
        """Tell that windows will be read soon; see `RasterReader.expect`."""
        self._source.expect(bands, windows)

    def read(
        self,
        bands: Sequence[int],
        window: Window,
        shape: Shape | None = None,
        resampling: str = "average",
    ) -> NDArray[Any]:
        """Read pixels; see `RasterReader.read`."""
        shape = check_request(self.info, bands, window, shape)
        check_resampling(resampling)
        source = AlphaAsData(self._source) if hides_data(self.info, bands) else self._source
        return self._guard.get(Request(source, tuple(bands), resampling), window, shape)[0]

    def read_valid(self, bands: Sequence[int], window: Window, shape: Shape | None = None) -> NDArray[np.bool_]:
        """Tell which pixels hold data; see `RasterReader.read_valid`."""
        shape = check_request(self.info, bands, window, shape)
        if not self.info.has_mask:
            return np.ones(shape, np.bool_)
        if not self.may_hold_data(window, bands):
            return np.zeros(shape, np.bool_)
        valid = np.ones(shape, np.bool_) if self._gaps is None else self._gaps.covered(bands, window, shape)
        for request in self._masks_of(bands):
            if not valid.any():
                return valid
            image, readable = self._guard.get(request, window, shape)
            valid &= (image > 0).any(axis=0)
            if readable is not None:
                valid &= readable
        nodata = self._nodata_of(bands) if self._masks is None else [None] * len(bands)
        floats = any(self.info.dtypes[band - 1].startswith("float") for band in bands)
        # Decoding pixels is dear, so they are not looked at where the masks have hidden all.
        if (None not in nodata or floats or self._mend) and valid.any():
            image, readable = self._guard.get(Request(self._source, tuple(bands)), window, shape)
            valid &= valid_values(image, nodata)
            if readable is not None:
                valid &= readable
        return valid

    def may_hold_data(self, window: Window, bands: Sequence[int] | None = None) -> bool:
        """Ask cheaply whether a window is worth reading; see `RasterReader.may_hold_data`."""
        if bands is None:
            bands = [n for n in range(1, self.info.count + 1) if n not in self.info.alpha_bands] or [1]
        check_request(self.info, bands, window, None)
        if self._gaps is not None and not self._gaps.touching(bands, window).size:
            return False
        if any(not self._is_stored(band, window) for band in self._other_alphas(bands)):
            return False
        # Blocks that a file leaves out are nodata where there is such a number, else honest zeros.
        if None in self._nodata_of(bands):
            return True
        return any(self._is_stored(band, window) for band in bands)

    def close(self) -> None:
        """Close the file."""
        self._source.close()
        if self._masks is not None:
            self._masks.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _nodata_of(self, bands: Sequence[int]) -> list[float | None]:
        """Nodata of some bands."""
        return [self.info.nodata[band - 1] for band in bands]

    def _other_alphas(self, bands: Sequence[int]) -> list[int]:
        """Alpha bands that are not requested as data."""
        return [band for band in self.info.alpha_bands if band not in bands]

    def _is_stored(self, band: int, window: Window) -> bool:
        """Whether a file holds any block of a window."""
        (row, col), (row_end, col_end) = block_range(window, self.info.block_shape)
        return any(self._source.has_block(band, r, c) for r in range(row, row_end) for c in range(col, col_end))

    def _masks_of(self, bands: Sequence[int]) -> Iterator[Request]:
        """The masks that apply to some bands; 0 in all bands of a mask = no data."""
        if self._own_mask is not None:
            yield Request(self._own_mask, tuple(bands) if self.info.has_band_masks else (1,))
        for alpha in self._other_alphas(bands):
            yield Request(self._source, (alpha,))
        if self._masks is not None:
            yield Request(self._masks, tuple(bands))
