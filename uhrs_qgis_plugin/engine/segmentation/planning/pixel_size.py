"""At which pixel size a raster is read: that of the model where the raster's own is far from it."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.raster import (
    MOST_ENLARGED,
    MOST_REDUCED,
    NEAR,
    RasterInfo,
    ground_pixel,
    working_shape,
)

LONGEST_SIDE = 2**31 - 1  # pixels: GDAL's limit


@dataclass(frozen=True)
class PixelSize:
    """The pixels of a run.

    Attributes:
        height: Rows of the raster on the working grid.
        width: Columns.
        raster_m: Ground size of the raster's own pixel in metres (of rows and columns the geometric mean), None where
            it is not known.
        working_m: The same of a pixel of the working grid.
        message: A line for people on how the raster is read, "" where there is nothing to say.
        is_unknown: Whether the raster is read as it is only because its pixel size is not known.
    """

    height: int
    width: int
    raster_m: float | None
    working_m: float | None
    message: str = ""
    is_unknown: bool = False


def choose_pixel_size(info: RasterInfo, model: Bundle, resolution: str | float) -> PixelSize:
    """Choose the working grid of a raster.

    Args:
        info: The raster.
        model: The model.
        resolution: "auto", "native", or metres.

    Returns:
        The pixel size; with the raster's own height and width when it is read as it is.

    Raises:
        OptionsError: The pixel size is asked for and cannot be had, or is absurdly far from the raster's.
    """
    pixel, wanted = ground_pixel(info), model.resolution_m if isinstance(resolution, str) else float(resolution)
    size = None if pixel is None else math.sqrt(pixel[0] * pixel[1])
    if resolution == "native":
        return _native(info, size)
    if wanted is None:
        return _native(info, size, "The model states no pixel size: the raster is read at its own.")
    if pixel is None:
        missing = "CRS with a unit of length" if info.has_transform else "georeference"
        if resolution != "auto":
            raise OptionsError(
                f"resolution={resolution} was asked for but '{info.path}' has no {missing}, so that the size of its "
                "pixels on the ground is not known: choose resolution native, or give it one."
            )
        text = (
            f"The raster has no {missing}, so that its pixel size is not known: it is read at its own pixels; the "
            f"model was made for {wanted:.3g} m."
        )
        return PixelSize(info.height, info.width, None, None, text, is_unknown=True)
    change = max(max(wanted / side, side / wanted) for side in pixel)
    if resolution == "auto" and change <= NEAR:
        return _native(info, size)
    height, width = working_shape(info, pixel, wanted)
    if (height, width) == (info.height, info.width):
        return _native(info, size)
    _check(info, model, resolution, pixel, wanted)
    if resolution != "auto" and max(height, width) < model.patch_side <= max(info.height, info.width):
        raise OptionsError(
            f"resolution={resolution} leaves {width} x {height} pixels of '{info.path}', less than one patch of "
            f"{model.patch_side} pixels: choose a smaller number."
        )
    working = math.sqrt(pixel[0] * info.height / height * pixel[1] * info.width / width)
    made = "" if model.resolution_m is None else f", the model was made for {_metres(model.resolution_m)}"
    message = f"Raster pixels are {_shown(pixel)}{made}: read at {_metres(working)} ({width} x {height} pixels)."
    return PixelSize(height, width, size, working, message)


def _native(info: RasterInfo, size: float | None, message: str = "") -> PixelSize:
    """The raster as it is."""
    return PixelSize(info.height, info.width, size, size, message)


def _check(info: RasterInfo, model: Bundle, resolution: str | float, pixel: tuple[float, float], wanted: float) -> None:
    """Check that a pixel size is not absurdly far from the raster's.

    Raises:
        OptionsError: It is.
    """
    file = os.path.basename(info.path.rstrip("/\\"))
    reduced, enlarged = wanted / min(pixel), max(pixel) / wanted
    longest = max(length * side / wanted for length, side in zip((info.height, info.width), pixel))
    if reduced <= MOST_REDUCED and enlarged <= MOST_ENLARGED and longest <= LONGEST_SIDE:
        return
    times = f"{reduced:,.0f} times finer" if reduced > enlarged else f"{enlarged:,.0f} times coarser"
    if resolution == "auto":
        raise OptionsError(
            f"The pixels of '{file}' are {_shown(pixel)}, {times} than the {_metres(wanted)} that model "
            f"'{model.name}' was made for: choose another model, or resolution native to run it at these pixels anyway."
        )
    raise OptionsError(
        f"resolution={resolution} is not possible: the pixels of '{file}' are {_shown(pixel)}, {times}. Choose "
        f"{max(pixel) / MOST_ENLARGED:.3g} to {min(pixel) * MOST_REDUCED:.3g} (metres), auto or native."
    )


def _shown(pixel: tuple[float, float]) -> str:
    """Word a pixel's size; both sides where they differ."""
    rows, cols = (f"{side:.3g}" for side in pixel)
    if max(pixel) < 1.05 * min(pixel):
        return _metres(math.sqrt(pixel[0] * pixel[1]))
    return f"{cols} x {rows} m"


def _metres(size: float) -> str:
    """Word a length."""
    return f"{size:.3g} m"
