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
    """Remove an older file and its sidecars, and check that a new one can be created.

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
    """Remove a raster file and what belongs to it, where they exist; an older sidecar would be wrong for a new file.

    What cannot be removed stays: the writing that follows reports why.
    """
    # The last three are what the COG driver leaves behind when it is interrupted.
    for ending in ("", ".aux.xml", ".ovr", ".msk", ".ovr.tmp", ".msk.ovr.tmp", "_warped.tif.tmp"):
        with contextlib.suppress(OSError):
            os.remove(path + ending)


def check_block(array: NDArray[Any], row: int, col: int, profile: RasterProfile) -> None:
    """Check a block to be written with its first pixel at (row, col).

    Raises:
        ValueError: It is not (B, h, w) of the profile's data type, or partly outside.
    """
    if array.ndim != 3 or array.shape[0] != profile.count or array.dtype != np.dtype(profile.dtype):
        raise ValueError(f"Expected ({profile.count}, h, w) {profile.dtype}, got {array.shape} {array.dtype}.")
    check_window(Window(row, col, array.shape[1], array.shape[2]), profile.height, profile.width)


def output_metadata(profile: RasterProfile) -> dict[str, str]:
    """Collect the metadata items of an output: those of its profile, and class names as CLASS_0, CLASS_1, ..."""
    names = {f"CLASS_{value}": name for value, name in enumerate(profile.categories)}
    return {**{key: str(value) for key, value in profile.metadata.items()}, **names}
