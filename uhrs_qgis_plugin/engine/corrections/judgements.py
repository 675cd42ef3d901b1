"""Judgements of reviewers about a class raster, on its pixels: where it is right, and the class where it is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.areas import PixelPolygon, boxes_of, touching
from uhrs_qgis_plugin.engine.grid import Window


@dataclass(frozen=True, eq=False)
class Judgement:
    """A polygon and the judgement about it.

    Attributes:
        polygon: In pixels of the class raster.
        value: The class of its pixels, 0..255; None = the class raster is right.
    """

    polygon: PixelPolygon
    value: int | None


class Judgements:
    """All judgements about a raster; later ones win over earlier ones.

    Attributes:
        items: The judgements.
    """

    def __init__(self, items: Sequence[Judgement]) -> None:
        """Store the judgements in ascending precedence."""
        self.items = tuple(items)
        self._boxes = boxes_of([item.polygon for item in self.items])

    def __len__(self) -> int:
        """How many there are."""
        return len(self.items)

    def touches(self, window: Window) -> bool:
        """Whether any box reaches into a window."""
        return bool(touching(self._boxes, window).size)

    def apply(self, labels: NDArray[np.uint8], window: Window, nodata: int | None) -> NDArray[np.bool_]:
        """Write the judged classes into labels, in place; pixels without data stay so.

        Args:
            window: Window of the labels in the class raster.

        Returns:
            (h, w) which pixels with data were judged.
        """
        judged = np.zeros(labels.shape, np.bool_)
        before = labels.copy()
        for index in touching(self._boxes, window).tolist():
            item = self.items[index]
            part = item.polygon.window(window)
            if part is None:
                continue
            place = Window(part.row - window.row, part.col - window.col, part.height, part.width).slices()
            mask = item.polygon.mask(part)
            judged[place] |= mask
            labels[place] = np.where(mask, before[place] if item.value is None else item.value, labels[place])
        if nodata is not None:
            missing = before == nodata
            labels[missing] = nodata
            judged &= ~missing
        return judged
