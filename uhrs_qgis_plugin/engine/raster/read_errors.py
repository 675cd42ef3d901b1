"""The errors of opening and reading rasters, and their texts."""

from __future__ import annotations

import os
from collections.abc import Sequence

from uhrs_qgis_plugin.engine.errors import RasterError, one_line
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.servers import is_remote
from uhrs_qgis_plugin.engine.raster.types import DTYPES, RasterInfo

OF_SERVERS = ("http://", "https://", "HTTP ", "CURL ", "curl ", "GDALWMS")  # parts of messages about a service
DAMAGED = "the file is damaged or incomplete, copy or export it again, or have unreadable blocks taken for nodata"
SERVER_FAILED = (
    "the server that it comes from failed, repeat or resume the run later, or export the part that you need to a "
    "GeoTIFF and segment that"
)


class ReadFailedError(RasterError):
    """A read that the library gave up; `ReadGuard` finds the block at fault and words it for people."""


def check_info(info: RasterInfo, subdatasets: Sequence[str]) -> None:
    """Refuse rasters that cannot be processed.

    Args:
        info: The raster.
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
        reason: The library's message; may be empty or span lines.
    """
    if os.path.isdir(path):
        return RasterError(f"The folder '{path}' holds no rasters: choose one with rasters, or a raster file.")
    if not os.path.exists(path) and not path.startswith("/vsi") and not is_remote(path):
        return RasterError(f"There is no raster '{path}': check the path.")
    reason = one_line(reason) or "no driver recognises it"
    return RasterError(f"'{path}' cannot be opened as a raster ({reason}): choose a file that GDAL reads.")


def cannot_read(path: str, window: Window, reason: str, advice: str = "") -> RasterError:
    """Word a block that does not read.

    Args:
        path: The raster.
        window: The block.
        reason: The library's message.
        advice: What to do; "" for the advice on damaged blocks or on servers that fail.
    """
    remote = is_remote(path) or any(word in reason for word in OF_SERVERS)
    advice = advice or (SERVER_FAILED if remote else DAMAGED)
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
