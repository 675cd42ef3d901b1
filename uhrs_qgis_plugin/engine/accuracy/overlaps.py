"""Counts pairs of map class and reference class in polygons and rasters, streamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.accuracy.clusters import Clusters
from uhrs_qgis_plugin.engine.accuracy.reference import Reference
from uhrs_qgis_plugin.engine.areas import PixelAreas, PixelPolygon, ZoneCount, file_block_windows, rings_of_wkb
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.overlay import GridLink, place_in, read_valid_labels
from uhrs_qgis_plugin.engine.raster import RasterReader, same_crs, transform_points
from uhrs_qgis_plugin.engine.results import VALUES, map_transform

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_SIDE = 1024  # pixels of a polygon that are looked at together


@dataclass
class RasterPairs:
    """What two rasters have in common.

    Attributes:
        whole: Pixels and areas of the map's classes.
        pixels: Pixels where both have a class.
        reference: Numbers that the reference has there.
    """

    whole: ZoneCount = field(default_factory=ZoneCount)
    pixels: int = 0
    reference: list[int] = field(default_factory=list)
    _parts: list[tuple[int, Ints, Ints, Floats]] = field(default_factory=list)

    def add(self, block: int, pixels: Ints, areas: Floats) -> None:
        """Add a block: (65536,) pixels and areas by map class * 256 + reference class."""
        codes = np.flatnonzero(pixels)
        if len(codes):
            self._parts.append((block, codes, pixels[codes], areas[codes]))
            self.pixels += int(pixels.sum())
            self.reference = sorted({*self.reference, *np.unique(codes % VALUES).tolist()})

    def clusters(self, values: Sequence[int], understood: Mapping[int, int | None]) -> Clusters:
        """Sort the pairs into classes.

        Args:
            values: Numbers of the classes.
            understood: Number in the reference -> class; None = left out.
        """
        index = np.full(VALUES * 2, -1)
        index[list(values)] = np.arange(len(values))
        columns = np.full(VALUES, -1)
        for number, value in understood.items():
            columns[number] = -1 if value is None else index[value]
        clusters = Clusters(len(values))
        for block, codes, pixels, areas in self._parts:
            rows, cols = index[codes // VALUES], columns[codes % VALUES]
            keep = (rows >= 0) & (cols >= 0)
            found, places = np.unique(rows[keep] * len(values) + cols[keep], return_inverse=True)
            counts, sums = (np.bincount(places, part[keep], len(found)) for part in (pixels, areas))
            clusters.add(block, found, counts.astype(np.int64), sums.astype(np.float64))
        return clusters


def count_raster(
    reader: RasterReader, other: RasterReader, link: GridLink, areas: PixelAreas | None, side: int, watch: Watch
) -> RasterPairs:
    """Count pairs in blocks of `side` pixels of the map.

    Raises:
        RasterError: A raster cannot be read.
        CancelledError: The caller cancelled.
    """
    info, found = reader.info, RasterPairs()
    across = -(-info.width // side)
    for window in file_block_windows(info):
        watch.check()
        if reader.may_hold_data(window):
            labels = read_valid_labels(reader, window)
            sizes = np.ones((1, 1)) if areas is None else areas.of_window(window)
            found.whole.add(labels.values, sizes, None if labels.valid.all() else labels.valid)
            there = link.read(other, window)
            both = labels.valid & there.valid
            codes = labels.values.astype(np.int64) * VALUES + there.values
            for part in _blocks(window, side) if both.any() else ():
                rows, cols = part.relative_to(window).slices()
                pixels, area = _histogram(codes[rows, cols], both[rows, cols], sizes, (rows, cols), VALUES**2)
                found.add(part.row // side * across + part.col // side, pixels, area)
        watch.report((window.row * info.width + window.col_end * window.height) / (info.height * info.width))
    return found


def count_polygons(
    reader: RasterReader,
    labelled: tuple[Reference, Sequence[int | None]],
    values: Sequence[int],
    ground: tuple[PixelAreas | None, str],
    watch: Watch,
) -> tuple[Clusters, int]:
    """Count what the map has in each polygon.

    Args:
        labelled: The polygons, and the class of each, None for none.
        values: Numbers of the classes.
        ground: Areas of the pixels, None = count pixels; and the CRS of the map.

    Returns:
        The clusters, and how many labelled polygons hold no pixel.

    Raises:
        OptionsError: A geometry is no polygon, or there is no way between the CRSs.
        RasterError: The map cannot be read.
        CancelledError: The caller cancelled.
    """
    reference, labels = labelled
    areas, crs_wkt = ground
    info, index = reader.info, {value: number for number, value in enumerate(values)}
    clusters, empty = Clusters(len(values)), 0
    move = "" if same_crs(reference.crs_wkt, crs_wkt) else reference.crs_wkt
    for number, (shape, label) in enumerate(zip(reference.shapes, labels)):
        watch.report(number / len(labels))
        if label is None:
            continue
        polygon = _on_pixels(shape, number, reference.name, (move, crs_wkt), reader)
        total = np.zeros(VALUES, np.int64), np.zeros(VALUES)
        for part in _parts(polygon, Window(0, 0, info.height, info.width)):
            watch.check()
            read = read_valid_labels(reader, part)
            sizes = np.ones((1, 1)) if areas is None else areas.of_window(part)
            pixels, area = _histogram(
                read.values, read.valid & polygon.mask(part), sizes, (slice(None), slice(None)), VALUES
            )
            total = total[0] + pixels, total[1] + area
        mapped = np.flatnonzero(total[0])
        empty += not len(mapped)
        codes = np.array([index[value] for value in mapped.tolist()], np.int64) * len(values) + index[label]
        clusters.add(number, codes, total[0][mapped], total[1][mapped])
    return clusters, empty


def _on_pixels(shape: bytes, number: int, name: str, crs: tuple[str, str], reader: RasterReader) -> PixelPolygon:
    """A polygon on the pixels of the map."""
    if not shape:
        return PixelPolygon.of([])
    try:
        parts = rings_of_wkb(shape)
    except ValueError as error:
        raise OptionsError(f"Feature {number + 1} of '{name}' cannot be used: {error}") from error
    transform = map_transform(reader.info)
    moved = []
    for part in parts:
        rings = []
        for ring in part:
            x, y = ring.T
            if crs[0]:
                x, y = transform_points(*crs, x, y)
            rings.append(np.stack(place_in(transform, x, y), axis=1))
        moved.append(rings)
    return PixelPolygon.of(moved)


def _parts(polygon: PixelPolygon, whole: Window) -> Iterator[Window]:
    """Cut the box of a polygon into windows to look at."""
    box = polygon.window(whole)
    if box is None:
        return
    for row in range(box.row, box.row_end, MOST_SIDE):
        for col in range(box.col, box.col_end, MOST_SIDE):
            part = Window(row, col, MOST_SIDE, MOST_SIDE).clipped(box.row_end, box.col_end)
            if polygon.window(part) is not None:
                yield part


def _blocks(window: Window, side: int) -> Iterator[Window]:
    """Cut a window along the lines of blocks."""
    for row in range(window.row // side * side, window.row_end, side):
        for col in range(window.col // side * side, window.col_end, side):
            yield window.overlap(Window(row, col, side, side))


def _histogram(
    codes: NDArray[np.integer], mask: NDArray[np.bool_], sizes: Floats, part: tuple[slice, slice], bins: int
) -> tuple[Ints, Floats]:
    """Pixels and areas by code, where the mask is set; `part` cuts the sizes, which may be broadcast."""
    chosen = codes[mask]
    pixels = np.bincount(chosen, minlength=bins).astype(np.int64)
    if sizes.size == 1:
        return pixels, (pixels * float(sizes[0, 0])).astype(np.float64)
    cut = sizes[part[0] if sizes.shape[0] > 1 else slice(None), part[1] if sizes.shape[1] > 1 else slice(None)]
    return pixels, np.bincount(chosen, np.broadcast_to(cut, mask.shape)[mask], bins).astype(np.float64)
