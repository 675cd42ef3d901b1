"""What `areas` counts: a class raster and the uncertainty raster that lies on it, as one number per pixel.

The number is class + 256 * state; states are 0 sure, 1 unsure, 2 nothing known, 3 no data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster_contract import RasterInfo, RasterReader

VALUES = 256  # numbers that a class can have
UNSURE, UNKNOWN, NOTHING = 1, 2, 3
LEVELS = 254  # uncertainty = number / 254
NO_LEVEL = 255
TOUCHING = 0.01  # pixels: grids that differ by less are the same


@dataclass(frozen=True)
class Sources:
    """What is counted.

    Attributes:
        classes: The class raster, checked by `check_classes`.
        uncertainty: The uncertainty raster, None when there is none.
        band: Its band, from 1.
        threshold: Uncertainty, 0..1, from which a pixel is unsure.
        cell: Pixels of the classes along one of the uncertainty, from `uncertainty_cell`.
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


def check_classes(info: RasterInfo) -> None:
    """Check that a raster can be a class raster.

    Args:
        info: The raster.

    Raises:
        RasterError: It has several bands, or other numbers than uint8.
    """
    if info.count != 1 or info.dtypes[0] != "uint8":
        raise RasterError(
            f"'{info.path}' has {info.count} band(s) of {info.dtypes[0]} but a class raster has one of uint8: choose "
            "the classes that 'Segment raster' wrote, or convert a band to Byte with 'Translate'."
        )


def uncertainty_cell(classes: RasterInfo, uncertainty: RasterInfo, band: int) -> int:
    """Check that an uncertainty raster lies on a class raster.

    Args:
        classes: The class raster.
        uncertainty: The uncertainty raster; the CRS is for the caller to compare.
        band: The band to use, from 1.

    Returns:
        Pixels of the classes along one of the uncertainty.

    Raises:
        RasterError: The raster is no uncertainty raster, or lies elsewhere.
    """
    path = uncertainty.path
    if not 1 <= band <= uncertainty.count or uncertainty.dtypes[band - 1] != "uint8":
        raise RasterError(
            f"Band {band} of '{path}' cannot be used, it has {uncertainty.count} band(s) of {uncertainty.dtypes[0]}: "
            "choose the uncertainty that 'Segment raster' wrote (uint8, bands 1 and 2)."
        )
    fine, coarse = (_placed(info) for info in (classes, uncertainty))
    size = math.hypot(fine[1], fine[4])
    cell = max(1, round(math.hypot(coarse[1], coarse[4]) / size))
    wanted = -(-classes.height // cell), -(-classes.width // cell)
    expected = [fine[0], fine[1] * cell, fine[2] * cell, fine[3], fine[4] * cell, fine[5] * cell]
    # What a difference in a column of the transform makes at the far end of the raster.
    reach = [1, wanted[1], wanted[0], 1, wanted[1], wanted[0]]
    apart = max(abs(a - b) * times for a, b, times in zip(coarse, expected, reach)) / size
    if (uncertainty.height, uncertainty.width) != wanted or apart > TOUCHING * cell:
        raise RasterError(
            f"'{path}' ({uncertainty.width} x {uncertainty.height} pixels) does not cover the same extent as "
            f"'{classes.path}' ({classes.width} x {classes.height}) with whole pixels: choose the uncertainty that was "
            "written together with these classes."
        )
    return cell


def read_codes(sources: Sources, window: Window) -> NDArray[Any]:
    """Read one number per pixel.

    Args:
        sources: What is counted.
        window: Pixels of the classes.

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


def _states(sources: Sources, reader: RasterReader, window: Window) -> NDArray[np.uint16]:
    """Read 256 * state of the pixels of a window of the classes, (h, w)."""
    cell = sources.cell
    row, col = window.row // cell, window.col // cell
    part = Window(row, col, -(-window.row_end // cell) - row, -(-window.col_end // cell) - col)
    table = np.zeros(VALUES, np.uint16)
    table[math.ceil(sources.threshold * LEVELS - 1e-9) :] = UNSURE * VALUES
    nodata = reader.info.nodata[sources.band - 1]
    table[NO_LEVEL if nodata is None else int(nodata)] = UNKNOWN * VALUES
    states = table[reader.read([sources.band], part)[0]]
    states = np.repeat(np.repeat(states, cell, axis=1), cell, axis=0)
    rows, cols = window.row - row * cell, window.col - col * cell
    return states[rows : rows + window.height, cols : cols + window.width]


def _placed(info: RasterInfo) -> tuple[float, ...]:
    """The geotransform; where there is none, that of QGIS, which the outputs of `segment` share."""
    return info.transform if info.has_transform else (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
