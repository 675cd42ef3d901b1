"""Lists of rasters: text files with a path or address a line."""

from __future__ import annotations

import os
import re

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.raster.mosaic.parsing import NOT_A_FILE

LIST_ENDINGS = (".txt", ".lst")
LARGEST_LIST = 64 << 20  # bytes: half a million paths
COMMENT = "#"
POINTS = re.compile(r"[\s,;]*[-+.\dxyXY][-+.\deE]*([\s,;]+[-+.\dzZyY][-+.\deE]*){2,}\s*$")  # "x y z", "1.5 2.5 17"


def read_list(path: str) -> tuple[str, ...] | None:
    """Read a list of rasters.

    Args:
        path: Any raster, or a text file. Empty lines and those that begin with # do not count, and relative paths
            begin in the folder of the list.

    Returns:
        Paths and addresses, each once, in the order of the file; None where it is no list by its name or by its first
        line: points (x, y, z), which GDAL reads as a raster.

    Raises:
        RasterError: It is empty or too large, or names a file that is not there.
    """
    if not path.lower().endswith(LIST_ENDINGS) or not os.path.isfile(path):
        return None
    if os.path.getsize(path) > LARGEST_LIST:
        raise RasterError(f"'{path}' is larger than {LARGEST_LIST >> 20} MB, too long for a list of rasters: split it.")
    try:
        with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
            lines = [(number, line.strip()) for number, line in enumerate(file, 1)]
    except OSError as error:
        raise RasterError(f"'{path}' cannot be read ({error.strerror or error}): check its permissions.") from error
    entries = [(number, line) for number, line in lines if line and not line.startswith(COMMENT)]
    if not entries:
        raise RasterError(f"'{path}' lists no raster: give a path or address a line.")
    if POINTS.match(entries[0][1]):
        return None
    folder = os.path.dirname(os.path.abspath(path))
    return tuple(dict.fromkeys(_entry(path, folder, number, line) for number, line in entries))


def _entry(path: str, folder: str, number: int, line: str) -> str:
    """The raster that a line names."""
    if NOT_A_FILE.match(line):
        return line
    name = os.path.join(folder, line)
    if not os.path.exists(name):
        shown = line if line.isprintable() else ascii(line)
        raise RasterError(
            f"Line {number} of '{path}' names '{shown[:200]}', which is not there: give a path (relative ones begin "
            "in the folder of the list) or an address a line."
        )
    return name
