"""Labels in polygons, rasterised window by window on the pixels of an image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from training.data.arrays.lazy import LazyArray
from training.data.arrays.raster import Grid, every, strips, window_of
from training.data.arrays.scenes import IGNORE
from uhrs_qgis_plugin.engine.areas import PixelPolygon, boxes_of, touching
from uhrs_qgis_plugin.engine.grid import Window

Rings = list[list[npt.NDArray[np.float64]]]  # of each polygon the outer ring and those of its holes, (n, 2) x and y


class PolygonLabels(LazyArray):
    """Labels (H, W) uint8 of polygons: a pixel has the label of the polygon that its centre lies in.

    Where polygons overlap the later one counts. A window has the same labels whatever else is read.

    Args:
        shapes: Polygons in pixels of the image: columns from its left edge, rows from its upper edge.
        labels: Of each.
        shape: (H, W) of the image.
        rest: Label of pixels in no polygon.
        area: Polygons outside which all is IGNORE; None: the image's extent.
        grid: On which labels are made; it covers the image. None is the image's own.
    """

    def __init__(
        self,
        shapes: Sequence[Rings],
        labels: Sequence[int],
        shape: tuple[int, int],
        rest: int = IGNORE,
        area: Sequence[Rings] | None = None,
        grid: Grid | None = None,
    ) -> None:
        self.shape, self.dtype = grid or shape, np.dtype(np.uint8)
        self._given = (shapes, labels, shape, rest, area)
        scale = np.array([self.shape[1] / shape[1], self.shape[0] / shape[0]])
        self._polygons = [_scaled(rings, scale) for rings in shapes]
        self._area = None if area is None else [_scaled(rings, scale) for rings in area]
        self._boxes, self._area_boxes = boxes_of(self._polygons), boxes_of(self._area or [])
        self._labels, self._rest = np.asarray(labels, np.uint8), np.uint8(rest)

    def on_grid(self, grid: Grid) -> PolygonLabels:
        """The same polygons on a working grid."""
        return PolygonLabels(*self._given, grid)

    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[np.uint8]:
        """Rasterise a window, or every n-th row and column of it."""
        parts = [every(self._drawn(window_of(strip, cols))[None], strip, cols) for strip in strips(rows)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, 1)

    def _drawn(self, window: Window) -> npt.NDArray[np.uint8]:
        """The labels of a window."""
        labels = np.full((window.height, window.width), self._rest)
        for index in touching(self._boxes, window):
            inside = self._polygons[index].window(window)
            if inside is not None:
                view = labels[inside.slices(1, window)]
                view[self._polygons[index].mask(inside)] = self._labels[index]
        if self._area is not None:
            judged = np.zeros(labels.shape, np.bool_)
            for index in touching(self._area_boxes, window):
                inside = self._area[index].window(window)
                if inside is not None:
                    judged[inside.slices(1, window)] |= self._area[index].mask(inside)
            labels[~judged] = IGNORE
        return labels


def _scaled(rings: Rings, scale: npt.NDArray[np.float64]) -> PixelPolygon:
    """A polygon in pixels of a grid."""
    return PixelPolygon.of([[ring * scale for ring in part] for part in rings])
