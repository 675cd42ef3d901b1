"""Making room for a raster that is to be written, and what is written into it besides pixels."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.files import cannot_write
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.requests import check_window
from uhrs_qgis_plugin.engine.raster.types import RasterProfile


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


def remove_leftovers(path: str) -> None:
    """Remove a raster file and what belongs to it; a sidecar of an older file would lie about a new one.

    Args:
        path: The raster file. Files that are not there are fine; those that cannot be removed are left to the
            writing that follows, which says why.
    """
    # The last three are what the COG driver leaves behind when it is interrupted.
    for ending in ("", ".aux.xml", ".ovr", ".msk", ".ovr.tmp", ".msk.ovr.tmp", "_warped.tif.tmp"):
        with contextlib.suppress(OSError):
            os.remove(path + ending)


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


def output_metadata(profile: RasterProfile) -> dict[str, str]:
    """Collect the metadata items of an output.

    Args:
        profile: What to create.

    Returns:
        Its metadata, and its class names as CLASS_0, CLASS_1, ...
    """
    names = {f"CLASS_{value}": name for value, name in enumerate(profile.categories)}
    return {**{key: str(value) for key, value in profile.metadata.items()}, **names}
