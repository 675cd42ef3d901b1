"""A mosaic as GDAL sees it: whole, or where it has very many rasters, those alone that a part of a window touches.

GDAL parses the XML of a whole mosaic and keeps some objects for each raster and band, also for those whose pixels are
never wanted: a gigabyte for a hundred thousand; and it goes through all of them at each read. A view has the size and
the places of the whole, so that what it reads is the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Callable

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.mosaic.parts import MOST_FILES, parts_of
from uhrs_qgis_plugin.engine.raster.mosaic.vrt import masks_xml, pixels_xml
from uhrs_qgis_plugin.engine.raster.requests import PixelSource, Shape
from uhrs_qgis_plugin.engine.raster.source import Mosaic

MOST_AT_ONCE = 256  # rasters that GDAL gets to see
VIEWS_KEPT = 2  # open at a time: a window on the border of two is read by turns with its neighbours
VIEW_SIDE = 3  # rasters along the side of a view

Open = Callable[[str], PixelSource]
Settings = Callable[[], AbstractContextManager[None]]


def open_mosaic(mosaic: Mosaic, open_xml: Open, settings: Settings) -> tuple[PixelSource, PixelSource | None]:
    """Open a mosaic.

    Args:
        mosaic: The mosaic.
        open_xml: Opens the XML of a virtual raster.
        settings: Sets options of GDAL for this thread while files may be opened.

    Returns:
        Its pixels, and its masks as bands of a second raster where its own nodata, alpha and mask are not enough.

    Raises:
        RasterError: GDAL does not open it.
    """
    pixels = _open(mosaic, pixels_xml, open_xml, settings)
    return pixels, _open(mosaic, masks_xml, open_xml, settings) if mosaic.is_mixed else None


def _open(
    mosaic: Mosaic, write: Callable[[Mosaic, NDArray[np.int64]], str], open_xml: Open, settings: Settings
) -> PixelSource:
    """Open the pixels or the masks."""
    count = len(mosaic.coverage.names)
    if count <= MOST_AT_ONCE:
        return open_xml(write(mosaic, np.arange(count)))
    return WindowedMosaic(mosaic, lambda chosen: open_xml(write(mosaic, chosen)), settings)


class WindowedMosaic:
    """`PixelSource` of a mosaic that opens views of it."""

    def __init__(
        self, mosaic: Mosaic, open_view: Callable[[NDArray[np.int64]], PixelSource], settings: Settings
    ) -> None:
        """Open a first view, which tells what is known of the whole.

        Args:
            mosaic: The mosaic; at least two rasters.
            open_view: Opens the mosaic with some of its rasters, by their numbers, and nothing in the others' places.
            settings: Sets options of GDAL for this thread while files may be opened.
        """
        self._mosaic, self._open_view, self._settings = mosaic, open_view, settings
        rects = mosaic.coverage.rects
        self._side = VIEW_SIDE * int(np.median(rects[:, 2:] - rects[:, :2]))
        self._views: OrderedDict[Window, PixelSource] = OrderedDict()
        self._closed = False
        self.info = self._view(Window(0, 0, 1, 1)).info

    def expect(self, bands: Sequence[int], windows: Sequence[Window]) -> None:
        """Do nothing; see `PixelSource.expect`."""

    def pixels(self, bands: Sequence[int], window: Window, shape: tuple[int, int], resampling: str) -> NDArray[Any]:
        """Read pixels; see `PixelSource.pixels`."""
        return self._read(window, shape, lambda part, size: self._view(part).pixels(bands, part, size, resampling))

    def mask(self, band: int, window: Window, shape: tuple[int, int]) -> NDArray[np.uint8]:
        """Read a band's mask; see `PixelSource.mask`."""
        return self._read(window, shape, lambda part, size: self._view(part).mask(band, part, size))

    def has_block(self, band: int, row: int, col: int) -> bool:
        """Whether a file holds a block, which virtual rasters do not tell; see `PixelSource.has_block`."""
        return True

    def close(self) -> None:
        """Close the views."""
        self._closed = True
        while self._views:
            self._views.popitem()[1].close()

    def _read(self, window: Window, shape: Shape, read: Callable[[Window, Shape], NDArray[Any]]) -> NDArray[Any]:
        """Read parts and put them together: whole where what is reduced by no whole number would depend on them."""
        rows, cols = (size // reduced for size, reduced in zip((window.height, window.width), shape))
        is_whole = (rows * shape[0], cols * shape[1]) != (window.height, window.width)
        parts = [window] if is_whole else list(parts_of(window, (rows, cols), self._mosaic.coverage.rects))
        with self._settings():
            if len(parts) == 1:
                return read(window, shape)
            result = None
            for part in parts:
                piece = read(part, (part.height // rows, part.width // cols))
                if result is None:
                    result = np.empty((*piece.shape[:-2], *shape), piece.dtype)
                row, col = (part.row - window.row) // rows, (part.col - window.col) // cols
                result[..., row : row + piece.shape[-2], col : col + piece.shape[-1]] = piece
        assert result is not None  # nosec B101  # there are parts
        return result

    def _view(self, window: Window) -> PixelSource:
        """The view that shows a window: an open one, or a new one."""
        if self._closed:
            raise ValueError(f"'{self.info.path}' has been closed.")
        for seen in reversed(self._views):
            if _contains(seen, window):
                self._views.move_to_end(seen)
                return self._views[seen]
        area, chosen = self._choose(window)
        while len(self._views) >= VIEWS_KEPT:
            self._views.popitem(last=False)[1].close()
        self._views[area] = self._open_view(chosen)
        return self._views[area]

    def _choose(self, window: Window) -> tuple[Window, NDArray[np.int64]]:
        """The area of a view around a window, and its rasters: the window alone where these would be too many."""
        side, mosaic = self._side, self._mosaic
        row, col = window.row // side * side, window.col // side * side
        row_end, col_end = -(-window.row_end // side) * side, -(-window.col_end // side) * side
        wide = Window(row, col, row_end - row, col_end - col).clipped(mosaic.height, mosaic.width)
        chosen = mosaic.coverage.touching(None, wide)
        if len(chosen) > MOST_FILES:
            wide, chosen = window, mosaic.coverage.touching(None, window)
        if len(chosen) < 2:  # GDAL shows the overviews of a lone raster as those of the mosaic
            chosen = np.unique([*chosen, 0, 1])
        return wide, chosen


def _contains(area: Window, window: Window) -> bool:
    """Whether a window lies inside an area."""
    return (
        area.row <= window.row
        and area.col <= window.col
        and window.row_end <= area.row_end
        and window.col_end <= area.col_end
    )
