"""Area of each class of a class raster, over the whole and per zone, and how much of it is uncertain.

Streams over rasters of any size: memory depends on `BLOCK_PIXELS`, not on the raster. Each pixel becomes one number,
class + 256 * state, and these numbers are counted; states are 0 sure, 1 unsure, 2 uncertainty unknown, 3 no data.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.areas.pixel_areas import PixelAreas
from uhrs_qgis_plugin.engine.areas.zones import Zones
from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import RasterInfo, RasterReader
from uhrs_qgis_plugin.engine.results import LEVELS, NODATA, VALUES, pixels_per_cell

UNSURE, UNKNOWN, NOTHING = 1, 2, 3
BLOCK_PIXELS = 1 << 20  # counted at a time: about 20 MB with everything around it
BLOCK_ROWS = 512


@dataclass(frozen=True)
class AreaSources:
    """What is counted.

    Attributes:
        classes: The class raster, checked by `check_classes`.
        uncertainty: The uncertainty raster, None when there is none.
        band: Its band, from 1.
        threshold: Uncertainty, 0..1, from which a pixel is unsure.
        cell: Class pixels along a side of an uncertainty cell, from `uncertainty_cell`.
    """

    classes: RasterReader
    uncertainty: RasterReader | None = None
    band: int = 2
    threshold: float = 0.5
    cell: int = 1

    def __post_init__(self) -> None:
        """Check the threshold.

        Raises:
            OptionsError: It is outside 0..1.
        """
        if not 0 <= self.threshold <= 1:
            raise OptionsError(f"The threshold {self.threshold} is not allowed: choose a number in 0..1.")


def uncertainty_cell(classes: RasterInfo, uncertainty: RasterInfo, band: int) -> int:
    """Check that an uncertainty raster lies on a class raster.

    Args:
        uncertainty: The uncertainty raster; the CRS is for the caller to compare.

    Returns:
        Class pixels along a side of an uncertainty cell.

    Raises:
        RasterError: The raster is no uncertainty raster, or lies elsewhere.
    """
    path = uncertainty.path
    if not 1 <= band <= uncertainty.count or uncertainty.dtypes[band - 1] != "uint8":
        raise RasterError(
            f"Band {band} of '{path}' cannot be used, it has {uncertainty.count} band(s) of {uncertainty.dtypes[0]}: "
            "choose the uncertainty that 'Segment raster' wrote (uint8, bands 1 and 2)."
        )
    return pixels_per_cell(classes, uncertainty)


@dataclass
class ZoneCount:
    """What was counted in one zone.

    Attributes:
        pixels: (256,) pixels per class.
        area: (256,) their area: square metres, or pixels when these are not measured.
        known: (256,) the part of the area where the uncertainty is known.
        unsure: (256,) the part of that where it reaches the threshold.
    """

    pixels: NDArray[np.int64] = field(default_factory=lambda: np.zeros(VALUES, np.int64))
    area: NDArray[np.float64] = field(default_factory=lambda: np.zeros(VALUES))
    known: NDArray[np.float64] = field(default_factory=lambda: np.zeros(VALUES))
    unsure: NDArray[np.float64] = field(default_factory=lambda: np.zeros(VALUES))

    def add(self, codes: NDArray[Any], areas: NDArray[np.float64], mask: NDArray[np.bool_] | None = None) -> None:
        """Count pixels.

        Args:
            codes: (h, w) uint8 classes, or uint16 classes + 256 * state.
            areas: (1, 1), (h, 1) or (h, w) area per pixel.
            mask: (h, w) the pixels that count; None = all.
        """
        pixels, area = (part.reshape(-1, VALUES) for part in _histogram(codes, areas, mask))
        self.pixels += pixels[:NOTHING].sum(axis=0)
        self.area += area[:NOTHING].sum(axis=0)
        if codes.dtype != np.uint8:
            self.known += area[:UNKNOWN].sum(axis=0)
            self.unsure += area[UNSURE]

    def drop(self, nodata: float | None) -> None:
        """Reset the counts of numbers that are no class."""
        if nodata is not None:
            for numbers in (self.pixels, self.area, self.known, self.unsure):
                numbers[int(nodata)] = 0


@dataclass(frozen=True)
class ClassArea:
    """A row of the table.

    Attributes:
        value: The class's number in the raster.
        name: Its name.
        pixels: How many it has.
        area_m2: Square metres, None when they are not measured.
        share: Of the area (of the pixels when areas are not measured) of all classes, 0..1; 0 when there is none.
        unsure_share: Of the class's area where the uncertainty is known, 0..1; None when it is known nowhere.
    """

    value: int
    name: str
    pixels: int
    area_m2: float | None
    share: float
    unsure_share: float | None


def count_areas(
    sources: AreaSources,
    pixel_areas: PixelAreas | None,
    zones: Zones | None,
    watch: Watch = UNWATCHED,
) -> list[ZoneCount]:
    """Count the whole raster and its zones.

    Args:
        pixel_areas: Area of the pixels; None counts pixels.
        zones: The zones, None for none.

    Returns:
        The whole, then the zones in their order.

    Raises:
        RasterError: A raster cannot be read.
        CancelledError: The caller cancelled.
    """
    counts = [ZoneCount() for _ in range(1 + (0 if zones is None else len(zones)))]
    info = sources.classes.info
    one = np.ones((1, 1))
    for window in file_block_windows(info):
        watch.check()
        if sources.classes.may_hold_data(window):
            codes = _read_codes(sources, window)
            areas = one if pixel_areas is None else pixel_areas.of_window(window)
            counts[0].add(codes, areas)
            for index, part, mask in () if zones is None else zones.masks(window):
                watch.check()
                rows, cols = Window(part.row - window.row, part.col - window.col, part.height, part.width).slices()
                counts[1 + index].add(codes[rows, cols], _areas_of_part(areas, rows, cols), mask)
        watch.report((window.row * info.width + window.col_end * window.height) / (info.height * info.width))
    for count in counts:
        count.drop(info.nodata[0])
    return counts


def file_block_windows(info: RasterInfo) -> Iterator[Window]:
    """Cut a raster into windows to count at a time, row-major.

    Args:
        info: The raster; windows end where blocks of its file end, so that each is decoded once.

    Yields:
        Windows that tile it.
    """
    rows, cols = (min(side, limit) for side, limit in zip(info.block_shape, (info.height, info.width)))
    height = min(info.height, rows * max(1, min(BLOCK_ROWS, BLOCK_PIXELS // cols) // rows))
    width = min(info.width, cols * max(1, BLOCK_PIXELS // height // cols))
    for row in range(0, info.height, height):
        for col in range(0, info.width, width):
            yield Window(row, col, height, width).clipped(info.height, info.width)


def class_areas(
    count: ZoneCount, names: Sequence[tuple[int, str]], measured: bool, with_uncertainty: bool
) -> list[ClassArea]:
    """Turn what was counted into rows.

    Args:
        names: Number and name of the classes, one row each.
        measured: Whether areas are square metres.

    Returns:
        The rows; their shares sum to 1, or are all 0.
    """
    total = float(count.area.sum())
    rows = []
    for value, name in names:
        area, known = float(count.area[value]), float(count.known[value])
        unsure = float(count.unsure[value]) / known if with_uncertainty and known > 0 else None
        share = area / total if total > 0 else 0.0
        rows.append(ClassArea(value, name, int(count.pixels[value]), area if measured else None, share, unsure))
    return rows


def _read_codes(sources: AreaSources, window: Window) -> NDArray[Any]:
    """Read one number per pixel.

    Returns:
        (h, w) uint16 classes + 256 * state; uint8 classes when there is no uncertainty and nothing is masked.
        Classes that equal the raster's nodata are left as they are.

    Raises:
        RasterError: A raster cannot be read.
    """
    reader = sources.classes
    labels = reader.read([1], window)[0]
    masked = reader.info.has_own_mask or bool(reader.info.alpha_bands)
    if sources.uncertainty is None and not masked:
        return labels
    codes = labels.astype(np.uint16)
    if sources.uncertainty is None:
        codes += np.uint16(UNKNOWN * VALUES)
    else:
        codes += _states(sources, sources.uncertainty, window)
    if masked:
        codes[~reader.read_valid([1], window)] = NOTHING * VALUES
    return codes


def _states(sources: AreaSources, reader: RasterReader, window: Window) -> NDArray[np.uint16]:
    """Read 256 * state of the pixels of a window of the classes, (h, w)."""
    cell = sources.cell
    row, col = window.row // cell, window.col // cell
    part = Window(row, col, -(-window.row_end // cell) - row, -(-window.col_end // cell) - col)
    table = np.zeros(VALUES, np.uint16)
    table[math.ceil(sources.threshold * LEVELS - 1e-9) :] = UNSURE * VALUES
    nodata = reader.info.nodata[sources.band - 1]
    table[NODATA if nodata is None else int(nodata)] = UNKNOWN * VALUES
    states = table[reader.read([sources.band], part)[0]]
    states = np.repeat(np.repeat(states, cell, axis=1), cell, axis=0)
    rows, cols = window.row - row * cell, window.col - col * cell
    return states[rows : rows + window.height, cols : cols + window.width]


def _histogram(
    codes: NDArray[Any], areas: NDArray[np.float64], mask: NDArray[np.bool_] | None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count pixels and sum areas per code: two arrays, one item for each possible code."""
    bins = VALUES if codes.dtype == np.uint8 else (NOTHING + 1) * VALUES
    if mask is not None and mask.all():
        mask = None  # picking costs more than counting

    def picked(array: NDArray[Any]) -> NDArray[Any]:
        return array.ravel() if mask is None else array[mask]

    area: NDArray[Any]
    if areas.size == 1:
        pixels = np.bincount(picked(codes), minlength=bins)
        area = pixels * float(areas[0, 0])
    elif areas.shape[1] == 1:
        height = len(codes)
        by_row = np.bincount(picked(codes + bins * np.arange(height)[:, None]), minlength=bins * height)
        by_row = by_row.reshape(height, bins)
        pixels, area = by_row.sum(axis=0), areas[:, 0] @ by_row
    else:
        numbers, weights = picked(codes), picked(np.broadcast_to(areas, codes.shape))
        pixels, area = np.bincount(numbers, minlength=bins), np.bincount(numbers, weights, minlength=bins)
    return pixels, area.astype(np.float64)


def _areas_of_part(areas: NDArray[np.float64], rows: slice, cols: slice) -> NDArray[np.float64]:
    """Cut areas that may be broadcast, each axis only where it has its full length."""
    return areas[rows if areas.shape[0] > 1 else slice(None), cols if areas.shape[1] > 1 else slice(None)]
