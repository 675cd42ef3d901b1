"""Reads both maps, and where one of them was unsure, on the grid of the first; counts pairs of classes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.areas import PixelAreas, file_block_windows
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.overlay import GridLink, read_valid_labels
from uhrs_qgis_plugin.engine.raster import RasterReader
from uhrs_qgis_plugin.engine.results import LEVELS, VALUES


@dataclass(frozen=True)
class Doubt:
    """An uncertainty raster, wherever it lies.

    Attributes:
        reader: Opened.
        link: From the grid of the first map to it.
        band: Its band.
    """

    reader: RasterReader
    link: GridLink
    band: int


@dataclass(frozen=True)
class Pair:
    """Both maps in a window.

    Attributes:
        before: (h, w) classes of the first map.
        after: (h, w) of the second one.
        valid: (h, w) where both have one.
        unsure: (h, w) where one of the uncertainties reaches the threshold; where it is unknown, it does not.
    """

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    valid: NDArray[np.bool_]
    unsure: NDArray[np.bool_]


@dataclass(frozen=True)
class PairReader:
    """Reads both maps.

    Attributes:
        before: The first map, whose grid counts.
        after: The second one.
        link: From the first to the second.
        doubts: Uncertainties of both, as far as they are there.
        threshold: From which a pixel is unsure, 0..1.
    """

    before: RasterReader
    after: RasterReader
    link: GridLink
    doubts: Sequence[Doubt]
    threshold: float

    def windows(self, watch: Watch) -> Iterator[Window]:
        """Walk over the first map."""
        info = self.before.info
        for window in file_block_windows(info):
            watch.check()
            yield window
            watch.report((window.row * info.width + window.col_end * window.height) / (info.height * info.width))

    def read(self, window: Window) -> Pair:
        """Read a window.

        Raises:
            RasterError: A raster cannot be read.
        """
        before = read_valid_labels(self.before, window)
        after = self.link.read(self.after, window)
        valid = before.valid & after.valid
        unsure = np.zeros(valid.shape, np.bool_)
        least = math.ceil(self.threshold * LEVELS - 1e-9)
        for doubt in self.doubts if valid.any() else ():
            levels = doubt.link.read(doubt.reader, window, doubt.band)
            unsure |= levels.valid & (levels.values >= least)
        return Pair(before.values, after.values, valid, unsure)


@dataclass
class PairCounts:
    """Pixels and areas by pair of classes.

    Attributes:
        pixels: (256, 256) before by after.
        areas: (256, 256) alike.
        unsure: (256, 256) the part of the areas that is unsure.
    """

    pixels: NDArray[np.int64] = field(default_factory=lambda: np.zeros((VALUES, VALUES), np.int64))
    areas: NDArray[np.float64] = field(default_factory=lambda: np.zeros((VALUES, VALUES)))
    unsure: NDArray[np.float64] = field(default_factory=lambda: np.zeros((VALUES, VALUES)))


def count_pairs(pairs: PairReader, areas: PixelAreas | None, watch: Watch) -> PairCounts:
    """Count all pixels where both maps have a class.

    Raises:
        RasterError: A raster cannot be read.
        CancelledError: The caller cancelled.
    """
    counts, one, shape = PairCounts(), np.ones((1, 1)), (VALUES, VALUES)
    for window in pairs.windows(watch):
        pair = pairs.read(window)
        if not pair.valid.any():
            continue
        codes = pair.before.astype(np.int64) * VALUES + pair.after
        sizes = one if areas is None else areas.of_window(window)
        counts.pixels += np.bincount(codes[pair.valid], minlength=VALUES**2).reshape(shape)
        for total, mask in ((counts.areas, pair.valid), (counts.unsure, pair.valid & pair.unsure)):
            if sizes.size == 1:
                total += np.bincount(codes[mask], minlength=VALUES**2).reshape(shape) * float(sizes[0, 0])
            else:
                weights = np.broadcast_to(sizes, mask.shape)[mask]
                total += np.bincount(codes[mask], weights, VALUES**2).reshape(shape)
    return counts
