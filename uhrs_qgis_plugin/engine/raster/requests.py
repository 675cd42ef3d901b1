"""What both raster back ends check and compute alike, in plain numpy: requests, data types, nodata, error texts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OutputError, RasterError
from uhrs_qgis_plugin.engine.files import cannot_write
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.sidecar import remove_leftovers
from uhrs_qgis_plugin.engine.raster.types import RasterInfo, RasterProfile

RESAMPLINGS = ("average", "nearest")

DTYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")

OF_SERVERS = ("http://", "https://", "HTTP ", "CURL ", "curl ", "GDALWMS")  # in what GDAL says of a service
DAMAGED = "the file is damaged or incomplete, copy or export it again, or have unreadable blocks taken for nodata"
SERVER_FAILED = (
    "the server that it comes from failed, repeat or resume the run later, or export the part that you need to a "
    "GeoTIFF and segment that"
)


class ReadFailedError(RasterError):
    """A read that the library gave up; `Reader` finds the block at fault and words it for people."""


def check_info(info: RasterInfo, subdatasets: Sequence[str]) -> None:
    """Refuse rasters that cannot be processed.

    Args:
        info: What was opened.
        subdatasets: Names of rasters inside the file (netCDF, HDF, GeoPackage), for the advice.

    Raises:
        RasterError: No bands, or a data type outside `DTYPES`.
    """
    if not info.count:
        advice = "choose a raster with bands"
        if subdatasets:
            advice = f"open one of the {len(subdatasets)} rasters inside it, such as '{subdatasets[0]}'"
        raise RasterError(f"'{info.path}' has no bands: {advice}.")
    for band, dtype in enumerate(info.dtypes, 1):
        if dtype not in DTYPES:
            raise RasterError(
                f"Band {band} of '{info.path}' has data type {dtype}: convert it to one of {', '.join(DTYPES)}."
            )


def cannot_open(path: str, reason: str) -> RasterError:
    """Word a raster that does not open.

    Args:
        path: As given.
        reason: What the library said; may be empty or span lines.

    Returns:
        The error, to be raised.
    """
    if os.path.isdir(path):
        return RasterError(f"The folder '{path}' holds no rasters: choose one with rasters, or a raster file.")
    if not os.path.exists(path) and not path.startswith("/vsi"):
        return RasterError(f"There is no raster '{path}': check the path.")
    reason = one_line(reason) or "no driver recognises it"
    return RasterError(f"'{path}' cannot be opened as a raster ({reason}): choose a file that GDAL reads.")


def cannot_read(path: str, window: Window, reason: str, advice: str = "") -> RasterError:
    """Word a block that does not read.

    Args:
        path: The raster.
        window: The block.
        reason: What the library said.
        advice: What to do, "" for what is to be done about damaged blocks or servers that fail.

    Returns:
        The error, to be raised.
    """
    advice = advice or (SERVER_FAILED if any(word in reason for word in OF_SERVERS) else DAMAGED)
    return RasterError(
        f"'{path}' cannot be read at rows {window.row}-{window.row_end - 1}, columns {window.col}-"
        f"{window.col_end - 1} ({one_line(reason)}): {advice}."
    )


def check_still_there(info: RasterInfo) -> None:
    """Check after a failure that the files of a raster have not vanished since it was described.

    Raises:
        RasterError: One is gone.
    """
    for file in info.files:
        if not os.path.exists(file):
            part = "" if file == os.path.abspath(info.path) else f" '{file}' of"
            raise RasterError(
                f"The raster{part} '{info.path}' is no longer there: connect its drive again (or put it back), then "
                "repeat or resume the run."
            )


def one_line(text: str) -> str:
    """Join the lines of a library's message, and drop its last full stop."""
    return " ".join(text.split()).rstrip(".")


def check_request(
    info: RasterInfo, bands: Sequence[int], window: Window, shape: tuple[int, int] | None
) -> tuple[int, int]:
    """Check a read against the raster.

    Args:
        info: The raster.
        bands: Numbers from 1.
        window: Pixels.
        shape: Rows and columns to reduce to, or None.

    Returns:
        Rows and columns of the result.

    Raises:
        ValueError: A band or the window is outside, or the shape is not a reduction of the window.
    """
    if not bands or not all(1 <= band <= info.count for band in bands):
        raise ValueError(f"Bands {tuple(bands)} of '{info.path}' were asked for, it has bands 1..{info.count}.")
    check_window(window, info.height, info.width)
    height, width = shape or (window.height, window.width)
    if not (1 <= height <= window.height and 1 <= width <= window.width):
        raise ValueError(f"A window of {window.height} x {window.width} cannot be reduced to {height} x {width}.")
    return height, width


def check_resampling(name: str) -> None:
    """Check the name of a resampling method.

    Args:
        name: Should be one of `RESAMPLINGS`.

    Raises:
        ValueError: Unknown name.
    """
    if name not in RESAMPLINGS:
        raise ValueError(f"Resampling '{name}' is unknown: use one of {RESAMPLINGS}.")


def check_window(window: Window, height: int, width: int) -> None:
    """Check that a window lies inside.

    Args:
        window: Pixels.
        height: Rows that exist.
        width: Columns that exist.

    Raises:
        ValueError: It does not, or it is empty.
    """
    inside = 0 <= window.row < window.row_end <= height and 0 <= window.col < window.col_end <= width
    if not inside:
        raise ValueError(f"{window} does not lie inside a raster of {height} rows and {width} columns.")


def check_block(array: NDArray[Any], row: int, col: int, profile: RasterProfile) -> None:
    """Check a block to be written.

    Args:
        array: Should be (B, h, w) of the profile's data type.
        row: Its first row.
        col: Its first column.
        profile: The raster that it goes into.

    Raises:
        ValueError: Wrong shape or type, or partly outside.
    """
    if array.ndim != 3 or array.shape[0] != profile.count or array.dtype != np.dtype(profile.dtype):
        raise ValueError(f"Expected ({profile.count}, h, w) {profile.dtype}, got {array.shape} {array.dtype}.")
    check_window(Window(row, col, array.shape[1], array.shape[2]), profile.height, profile.width)


def prepare_output(path: str) -> None:
    """Make room for a new file.

    Args:
        path: The file; one that is there is removed with its sidecars.

    Raises:
        OutputError: The folder does not exist or may not be written, or the path is a folder.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise OutputError(f"'{path}' cannot be written: there is no folder '{folder}'. Create it or choose another.")
    if os.path.isdir(path):
        raise OutputError(f"'{path}' cannot be written: it is a folder. Choose a file name.")
    if not os.access(folder, os.W_OK):
        raise cannot_write(path, f"no permission to write into '{folder}'")
    remove_leftovers(path)
