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
from uhrs_qgis_plugin.engine.raster import RasterInfo, RasterReader
from uhrs_qgis_plugin.engine.results import LEVELS, NODATA, VALUES, pixels_per_cell

UNSURE, UNKNOWN, NOTHING = 1, 2, 3


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
    return pixels_per_cell(classes, uncertainty)


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
    table[NODATA if nodata is None else int(nodata)] = UNKNOWN * VALUES
    states = table[reader.read([sources.band], part)[0]]
    states = np.repeat(np.repeat(states, cell, axis=1), cell, axis=0)
    rows, cols = window.row - row * cell, window.col - col * cell
    return states[rows : rows + window.height, cols : cols + window.width]
