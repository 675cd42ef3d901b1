"""Parts of a raster whose areas are counted separately."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.areas.polygons import PixelPolygon, boxes_of, touching
from uhrs_qgis_plugin.engine.grid import Window


class Zones(Protocol):
    """Areas to count separately; they may overlap."""

    def __len__(self) -> int:
        """How many there are."""

    def masks(self, window: Window) -> Iterator[tuple[int, Window, NDArray[np.bool_]]]:
        """Find the zones in a window.

        Yields:
            Index of a zone, a window inside the given one, and (h, w) which of its pixels have their centre in the
            zone; each zone at most once.
        """


class PolygonZones:
    """`Zones` of polygons.

    Attributes:
        names: One per zone.
    """

    def __init__(self, names: Sequence[str], polygons: Sequence[PixelPolygon]) -> None:
        """Store one name and one polygon per zone; empty polygons are allowed."""
        self.names = list(names)
        self._polygons = list(polygons)
        self._boxes = boxes_of(polygons)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.names)

    def masks(self, window: Window) -> Iterator[tuple[int, Window, NDArray[np.bool_]]]:
        """See `Zones.masks`."""
        for index in touching(self._boxes, window).tolist():
            part = self._polygons[index].window(window)
            if part is None:
                continue
            mask = self._polygons[index].mask(part)
            if mask.any():
                yield index, part, mask
