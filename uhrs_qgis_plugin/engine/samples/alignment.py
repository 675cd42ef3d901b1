"""How the image of training samples and its class raster fit together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import WRITABLE, RasterInfo, working_info
from uhrs_qgis_plugin.engine.results import GRID_TOLERANCE, map_transform


def image_window(image: RasterInfo, classes: RasterInfo, window: Window) -> Window:
    """Find the pixels of the image under pixels of the class raster.

    Args:
        image: The raster that was segmented.
        classes: The class raster; the CRS is for the caller to compare.

    Returns:
        The same pixels in the image, at the pixel size of the class raster (see `on_working_grid`).

    Raises:
        RasterError: The class raster does not lie on the image's pixels.
    """
    grid = on_working_grid(image, classes)
    one, other = map_transform(grid), map_transform(classes)
    to_pixels, steps = _steps(grid, classes)
    col, row = to_pixels @ (other.x - one.x, other.y - one.y)
    # `steps` is a class pixel in pixels of the image; it accumulates its error up to the far corner.
    apart = np.abs((steps - np.eye(2)) * (classes.width, classes.height)).max()
    first_row, first_col = round(float(row)), round(float(col))
    apart = max(apart, abs(row - first_row), abs(col - first_col))
    inside = (
        first_row >= 0
        and first_col >= 0
        and first_row + classes.height <= grid.height
        and first_col + classes.width <= grid.width
    )
    if apart > GRID_TOLERANCE or not inside:
        raise RasterError(
            f"'{classes.path}' ({classes.width} x {classes.height} pixels) does not lie on the pixels of "
            f"'{image.path}' ({image.width} x {image.height}): choose the classes that were made from this raster."
        )
    return Window(window.row + first_row, window.col + first_col, window.height, window.width)


def on_working_grid(image: RasterInfo, classes: RasterInfo) -> RasterInfo:
    """Describe the image at the pixel size of its class raster; as it is where both have the same."""
    _, steps = _steps(image, classes)
    (across, _), (_, down) = steps
    if not (across > 0 and down > 0):
        return image
    height, width = max(1, round(image.height / down)), max(1, round(image.width / across))
    if (height, width) == (image.height, image.width):
        return image
    return working_info(image, height, width)


def _steps(image: RasterInfo, classes: RasterInfo) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """From the map to pixels of the image (2, 2), and the steps of the class raster in these (2, 2)."""
    one, other = map_transform(image), map_transform(classes)
    to_pixels = np.linalg.inv([[one.x_col, one.x_row], [one.y_col, one.y_row]])
    steps = to_pixels @ np.array([[other.x_col, other.x_row], [other.y_col, other.y_row]])
    return np.asarray(to_pixels), np.asarray(steps)


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
