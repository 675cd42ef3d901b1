"""Ground that classes cover where the map has no plane, as in degrees: block by block, on the ellipsoid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from uhrs_qgis_plugin.engine.areas import measure
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import RasterInfo


def areas_of_blocks(
    info: RasterInfo, origin: Window, blocks: Iterable[tuple[Window, Sequence[int]]], classes: int
) -> list[float] | None:
    """Measure classes by the pixels that they have in each block.

    The mean pixel of a block stands for all of its pixels. In a block of 0.02 degrees the pixels at the ends differ
    from it by 1e-4 at a latitude of 30 degrees; *Class areas* measures row by row.

    Args:
        info: The raster that was processed.
        origin: The part that was processed.
        blocks: Window in that part, and pixels per class.
        classes: Their number.

    Returns:
        Square metres per class; None where they cannot be known.
    """
    pixels, _ = measure(info.crs_wkt, tuple(info.transform), planimetric=True) if info.has_transform else (None, "")
    if pixels is None:
        return None
    areas = [0.0] * classes
    for block, counts in blocks:
        there = Window(origin.row + block.row, origin.col + block.col, block.height, block.width)
        mean = float(pixels.of_window(there).mean())
        areas = [area + count * mean for area, count in zip(areas, counts)]
    return areas
