"""Where rasters lie beside and on each other: what a mosaic keeps of each, in arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.coverage import make_coverage
from uhrs_qgis_plugin.engine.raster.source import Mosaic
from uhrs_qgis_plugin.engine.raster.types import RasterInfo


def offsets(info: RasterInfo, first: RasterInfo) -> tuple[float, float]:
    """Rows and columns (pixels, not whole if the grids differ) from the origin of one raster to another's."""
    one, other = info.transform, first.transform
    return (one.y - other.y) / other.y_row, (one.x - other.x) / other.x_col


class Layout:
    """Takes rasters one by one, and keeps of each only what a mosaic needs."""

    def __init__(self, first: RasterInfo) -> None:
        """Begin with the raster that the others are like; it is added like them."""
        self._first = first
        self._names: list[str] = []
        self._numbers: list[tuple[int, ...]] = []  # row, column, rows, columns, rows and columns of blocks
        self._holes: list[bool] = []
        self._declared: set[tuple[str, ...]] = set()
        self._nodata: tuple[float | None, ...] = (None,) * first.count
        self._has_masks = self._is_stated = False
        self._overviews, self._bits = set(first.overviews), first.bits

    def add(self, info: RasterInfo) -> None:
        """Take the next raster, which lies on top of those before; alike and on one grid."""
        place = (round(offset) for offset in offsets(info, self._first))
        self._names.append(info.source.location or info.path)
        self._numbers.append((*place, info.height, info.width, *info.block_shape))
        has_nodata = any(number is not None for number in info.nodata)
        self._holes.append(info.has_own_mask or bool(info.alpha_bands) or has_nodata)
        self._declared.add(tuple(map(repr, info.nodata)))  # as texts: NaN does not equal itself
        self._nodata = tuple(mine if mine is not None else new for mine, new in zip(self._nodata, info.nodata))
        self._is_stated |= info.nodata_is_stated
        self._has_masks |= info.has_own_mask
        self._overviews &= set(info.overviews)
        self._bits = tuple(map(max, self._bits, info.bits))

    def size(self) -> tuple[int, int]:
        """Rows and columns that the rasters span."""
        height, width = self._rects()[:, 2:].max(axis=0).tolist()
        return height, width

    def mosaic(self, signed_byte: str) -> Mosaic:
        """Join the rasters; the upper left corner is that of the box around all.

        Args:
            signed_byte: What the back end calls int8.
        """
        first, rects = self._first, self._rects()
        height, width = self.size()
        top, left = np.array(self._numbers, np.int64)[:, :2].min(axis=0).tolist()
        has_nodata = any(number is not None for number in self._nodata)
        return Mosaic(
            width=width,
            height=height,
            transform=first.transform.of_window(Window(top, left, height, width)),
            crs_wkt=first.crs_wkt,
            dtypes=first.dtypes,
            signed_byte=signed_byte,
            alpha_bands=first.alpha_bands,
            coverage=make_coverage(self._names, np.zeros(len(rects), np.int64), rects, height, width, first.count),
            blocks=np.array(self._numbers, np.int64)[:, 4:],
            holes=np.array(self._holes),
            on_others=lie_on_others(rects),
            nodata=self._nodata,
            is_stated=self._is_stated,
            is_mixed=has_nodata and (len(self._declared) > 1 or self._has_masks),
            has_masks=self._has_masks,
            overviews=tuple(sorted(self._overviews)),
            has_palette=first.has_palette,
            colours=first.colours,
            descriptions=first.descriptions,
            bits=self._bits,
        )

    def _rects(self) -> NDArray[np.int64]:
        """(N, 4) row, column, row after the last, column after the last, from the corner of the box around all."""
        numbers = np.array(self._numbers, np.int64)
        starts, sizes = numbers[:, :2], numbers[:, 2:4]
        starts = starts - starts.min(axis=0)
        return np.concatenate([starts, starts + sizes], axis=1)


def lie_on_others(rects: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which rectangles share pixels with an earlier one.

    Args:
        rects: (N, 4) row, column, row after the last, column after the last.

    Returns:
        (N,) bool.
    """
    order = np.argsort(rects[:, 0], kind="stable")
    rows = rects[order, 0]
    tallest = int((rects[:, 2] - rects[:, 0]).max())
    # Only those that begin in these rows can reach into a rectangle.
    begin = np.searchsorted(rows, rects[:, 0] - tallest, "right")
    end = np.searchsorted(rows, rects[:, 2], "left")
    result = np.zeros(len(rects), np.bool_)
    for number, (row, col, _, col_end) in enumerate(rects.tolist()):
        near = order[begin[number] : end[number]]
        others = rects[near[near < number]]
        result[number] = bool(((others[:, 2] > row) & (others[:, 1] < col_end) & (others[:, 3] > col)).any())
    return result
