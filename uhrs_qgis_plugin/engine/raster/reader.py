"""The one reader of rasters: what `RasterReader` promises, on top of the few calls that a back end offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Callable, Protocol

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.damage import ReadGuard, Request, Shape, block_range
from uhrs_qgis_plugin.engine.raster.nodata import valid_values
from uhrs_qgis_plugin.engine.raster.requests import check_request, check_resampling
from uhrs_qgis_plugin.engine.raster.resampling import average
from uhrs_qgis_plugin.engine.raster.types import RasterInfo


class PixelSource(Protocol):
    """What a back end offers of an open raster. Requests have been checked when they arrive here."""

    info: RasterInfo

    def pixels(self, bands: Sequence[int], window: Window, shape: Shape, resampling: str) -> NDArray[Any]:
        """Read (B, h, w), from overviews where they exist, nodata left out of averages.

        Raises:
            ReadFailedError: The library gave up.
            ValueError: The source has been closed.
        """

    def mask(self, window: Window, shape: Shape) -> NDArray[np.uint8]:
        """Read the raster's own mask (h, w) by the nearest pixel, 0 = no data; fails as `pixels` does."""

    def has_block(self, band: int, row: int, col: int) -> bool:
        """Whether a file holds the block in that row and column of blocks; True where it does not tell."""

    def close(self) -> None:
        """Close the file."""


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
        self._guard = ReadGuard(self.info, self._mend)

    @property
    def unreadable(self) -> list[Window]:
        """Blocks that do not read and are taken for nodata; see `RasterReader.unreadable`."""
        return self._guard.unreadable()

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
        return self._guard.get(self._pixels(bands, resampling), window, shape)[0]

    def read_valid(self, bands: Sequence[int], window: Window, shape: Shape | None = None) -> NDArray[np.bool_]:
        """Tell which pixels hold data; see `RasterReader.read_valid`."""
        shape = check_request(self.info, bands, window, shape)
        if not self.info.has_mask:
            return np.ones(shape, np.bool_)
        if not self.may_hold_data(window, bands):
            return np.zeros(shape, np.bool_)
        valid = np.ones(shape, np.bool_) if self._gaps is None else self._gaps.covered(bands, window, shape)
        for request, valid_of in self._marks(bands):
            # Decoding pixels is dear, so the last marks are not looked at where the first have said it all.
            if not valid.any():
                break
            image, readable = self._guard.get(request, window, shape)
            valid &= valid_of(image)
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
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _nodata_of(self, bands: Sequence[int]) -> list[float | None]:
        """Nodata of some bands."""
        return [self.info.nodata[band - 1] for band in bands]

    def _other_alphas(self, bands: Sequence[int]) -> list[int]:
        """Alpha bands that are not asked for as data."""
        return [band for band in self.info.alpha_bands if band not in bands]

    def _is_stored(self, band: int, window: Window) -> bool:
        """Whether a file holds any block of a window."""
        (row, col), (row_end, col_end) = block_range(window, self.info.block_shape)
        return any(self._source.has_block(band, r, c) for r in range(row, row_end) for c in range(col, col_end))

    def _marks(self, bands: Sequence[int]) -> Iterator[tuple[Request, Callable[[NDArray[Any]], NDArray[np.bool_]]]]:
        """The ways in which this raster marks pixels without data, cheap ones first: what to read, how to see it."""
        if self.info.has_own_mask:
            yield self._mask(), _any_above_zero
        for alpha in self._other_alphas(bands):
            yield self._pixels([alpha], "nearest"), _any_above_zero
        nodata = self._nodata_of(bands)
        if self._masks is not None:
            yield self._masks_of(self._masks, bands), _any_above_zero
            nodata = [None] * len(bands)
        floats = any(self.info.dtypes[band - 1].startswith("float") for band in bands)
        if None not in nodata or floats or self._mend:
            yield self._pixels(bands, "nearest"), lambda image: valid_values(image, nodata)

    def _mask(self) -> Request:
        """How to read the raster's own mask."""
        return Request(lambda window, shape: self._source.mask(window, shape)[None], np.zeros(1, np.uint8))

    def _masks_of(self, masks: PixelSource, bands: Sequence[int]) -> Request:
        """How to read the masks of a mosaic's rasters."""
        fill = np.zeros(len(bands), np.uint8)
        return Request(lambda window, shape: masks.pixels(bands, window, shape, "nearest"), fill)

    def _pixels(self, bands: Sequence[int], resampling: str) -> Request:
        """How to read numbers that are finite wherever the nearest pixel is."""
        nodata = self._nodata_of(bands)

        def read(window: Window, shape: Shape) -> NDArray[Any]:
            image = self._source.pixels(bands, window, shape, resampling)
            reduced = resampling == "average" and shape != (window.height, window.width)
            if reduced and image.dtype.kind == "f" and not np.isfinite(image).all():
                image = np.where(np.isfinite(image), image, self._source.pixels(bands, window, shape, "nearest"))
            return image

        def reduce(window: Window, image: NDArray[Any], readable: NDArray[np.bool_], shape: Shape) -> NDArray[Any]:
            counting = readable & self._opaque(window)
            valid = np.stack([counting & valid_values(band[None], [number]) for band, number in zip(image, nodata)])
            return average(image, valid, shape, nodata)

        dtype = np.result_type(*(self.info.dtypes[band - 1] for band in bands))
        fill = np.array([0 if number is None else number for number in nodata]).astype(dtype)
        return Request(read, fill, reduce if resampling == "average" else None)

    def _opaque(self, window: Window) -> NDArray[np.bool_]:
        """Which pixels (H, W) neither mask nor alpha hide; these count in averages."""
        requests = [self._mask()] if self.info.has_own_mask else []
        requests += [self._pixels([alpha], "nearest") for alpha in self.info.alpha_bands]
        shape = window.height, window.width
        opaque = np.ones(shape, np.bool_)
        for request in requests:
            opaque &= _any_above_zero(self._guard.get(request, window, shape)[0])
        return opaque


def _any_above_zero(image: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether a pixel is above 0 in any band: (B, h, w) -> (h, w)."""
    return np.asarray((image > 0).any(axis=0))
