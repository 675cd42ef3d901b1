"""An area of interest: pixels outside of its polygons hold no data, and are not even read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.areas import PixelPolygon, read_wkb
from uhrs_qgis_plugin.engine.errors import OptionsError, OutsideError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import RasterInfo, RasterReader, RasterView, window_from_bounds
from uhrs_qgis_plugin.engine.results import map_transform
from uhrs_qgis_plugin.engine.segmentation.planning.options import Options


def processed_window(info: RasterInfo, options: Options) -> Window:
    """Find the pixels that a run processes: those of bounds and area.

    Args:
        info: The raster, on any grid.

    Raises:
        OutsideError: They are none.
    """
    whole = Window(0, 0, info.height, info.width)
    window = whole if options.bounds is None else window_from_bounds(info, options.bounds)
    if options.area is None:
        return window
    parts = [part for polygon in area_polygons(info, options.area) if (part := polygon.window(window)) is not None]
    if not parts:
        raise OutsideError(
            f"The area of interest lies outside {'the bounds' if options.bounds else repr(info.path)}: choose polygons "
            "that overlap, and check their coordinate reference system."
        )
    row, col = min(part.row for part in parts), min(part.col for part in parts)
    row_end, col_end = max(part.row_end for part in parts), max(part.col_end for part in parts)
    return Window(row, col, row_end - row, col_end - col)


def area_polygons(info: RasterInfo, area: tuple[str, ...]) -> tuple[PixelPolygon, ...]:
    """Bring the polygons of an area to the pixels of a raster.

    Raises:
        OptionsError: They are no polygons, or the raster has no rows and columns on the map.
    """
    if info.placed_by:
        raise OptionsError(
            f"An area of interest was given but '{info.path}' is placed on the map by {info.placed_by} alone: process "
            "it whole, or warp it first (gdalwarp)."
        )
    x, a, b, y, c, d = map_transform(info)
    turn = a * d - b * c
    to_pixels = ((b * y - d * x) / turn, d / turn, -b / turn, (c * x - a * y) / turn, -c / turn, a / turn)
    try:
        return tuple(read_wkb(bytes.fromhex(text), to_pixels) for text in area)
    except ValueError as error:
        raise OptionsError(f"The area of interest cannot be read: {error}") from error


class AreaReader(RasterView):
    """`RasterReader` in which pixels outside of an area hold no data."""

    def __init__(self, reader: RasterReader, polygons: Sequence[PixelPolygon]) -> None:
        """Take the reader to wrap, which is closed with this one.

        Args:
            polygons: In pixels of the reader.
        """
        super().__init__(reader, replace(reader.info, has_mask=True))
        self._polygons = polygons

    def read(
        self,
        bands: Sequence[int],
        window: Window,
        shape: tuple[int, int] | None = None,
        resampling: str = "average",
    ) -> NDArray[Any]:
        """Read pixels, those outside too; see `RasterReader.read`."""
        return self._reader.read(bands, window, shape, resampling)

    def read_valid(
        self, bands: Sequence[int], window: Window, shape: tuple[int, int] | None = None
    ) -> NDArray[np.bool_]:
        """Tell which pixels lie inside and hold data; see `RasterReader.read_valid`."""
        inside = self._mask(window)
        if shape is not None:
            rows, cols = (
                (np.arange(count) * 2 + 1) * side // (2 * count)
                for count, side in zip(shape, (window.height, window.width))
            )
            inside = inside[rows][:, cols]
        if not inside.any():
            return inside
        return np.asarray(inside & self._reader.read_valid(bands, window, shape))

    def may_hold_data(self, window: Window, bands: Sequence[int] | None = None) -> bool:
        """Ask cheaply whether a window is worth reading; see `RasterReader.may_hold_data`."""
        return bool(self._mask(window).any()) and self._reader.may_hold_data(window, bands)

    def _mask(self, window: Window) -> NDArray[np.bool_]:
        """Return which pixels of a window lie in a polygon."""
        inside = np.zeros((window.height, window.width), np.bool_)
        for polygon in self._polygons:
            part = polygon.window(window)
            if part is not None:
                rows = slice(part.row - window.row, part.row_end - window.row)
                cols = slice(part.col - window.col, part.col_end - window.col)
                inside[rows, cols] |= polygon.mask(part)
        return inside
