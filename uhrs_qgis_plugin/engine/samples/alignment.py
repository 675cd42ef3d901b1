"""How the image of training samples and its class raster fit together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import WRITABLE, RasterInfo
from uhrs_qgis_plugin.engine.results import GRID_TOLERANCE, map_transform


def image_window(image: RasterInfo, classes: RasterInfo, window: Window) -> Window:
    """Find the pixels of the image under pixels of the class raster.

    Args:
        image: The raster that was segmented.
        classes: The class raster; the CRS is for the caller to compare.

    Returns:
        The same pixels in the image.

    Raises:
        RasterError: The class raster does not lie on the image's pixels.
    """
    one, other = map_transform(image), map_transform(classes)
    to_pixels = np.linalg.inv([[one.x_col, one.x_row], [one.y_col, one.y_row]])
    col, row = to_pixels @ (other.x - one.x, other.y - one.y)
    # Size of a class pixel in pixels of the image, and the error that it accumulates up to the far corner.
    steps = to_pixels @ np.array([[other.x_col, other.x_row], [other.y_col, other.y_row]])
    apart = np.abs((steps - np.eye(2)) * (classes.width, classes.height)).max()
    first_row, first_col = round(float(row)), round(float(col))
    apart = max(apart, abs(row - first_row), abs(col - first_col))
    inside = (
        first_row >= 0
        and first_col >= 0
        and first_row + classes.height <= image.height
        and first_col + classes.width <= image.width
    )
    if apart > GRID_TOLERANCE or not inside:
        raise RasterError(
            f"'{classes.path}' ({classes.width} x {classes.height} pixels) does not lie on the pixels of "
            f"'{image.path}' ({image.width} x {image.height}): choose the classes that were made from this raster."
        )
    return Window(window.row + first_row, window.col + first_col, window.height, window.width)


def bands_of_image(info: RasterInfo, bands: Sequence[int] | None) -> tuple[int, ...]:
    """Choose the bands of the image.

    Args:
        bands: From 1, in the order of the model; None = all that are not alpha.

    Returns:
        The bands.

    Raises:
        OptionsError: A band does not exist.
    """
    if bands is None:
        return tuple(band for band in range(1, info.count + 1) if band not in info.alpha_bands) or (1,)
    if not bands or not all(1 <= band <= info.count for band in bands):
        raise OptionsError(f"bands={list(bands)} but '{info.path}' has {info.count}: choose 1 to {info.count}.")
    return tuple(bands)


def data_type_of(info: RasterInfo, bands: Sequence[int]) -> str:
    """Name the type that holds the numbers of all bands.

    Returns:
        numpy name.

    Raises:
        RasterError: It cannot be written.
    """
    name = np.result_type(*(info.dtypes[band - 1] for band in bands)).name
    if name not in WRITABLE:
        raise RasterError(f"'{info.path}' holds {name}: convert it to one of {', '.join(WRITABLE)} first.")
    return name


def nodata_of_image(info: RasterInfo, bands: Sequence[int]) -> float | None:
    """Return the number that means no data in crops: the one that all bands have, None when they differ."""
    found = {info.nodata[band - 1] if info.nodata else None for band in bands}
    return found.pop() if len(found) == 1 else None
