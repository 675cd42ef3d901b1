"""Writing to a file that others write to as well."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from osgeo import gdal
from qgis.core import QgsVectorDataProvider

from uhrs_qgis_plugin.review.wording import tr

# Another QGIS holds the lock of a GeoPackage for some milliseconds a judgement: waiting is all it takes. The window
# stands still meanwhile, so no try begins after a second. Newer GDAL waits up to 5 seconds inside a try, which nobody
# outside of it can shorten once the file is open for writing.
PATIENCE_S, PAUSE_S = 1.0, 0.05
LOCKED = ("locked", "busy")
# Where QGIS opens the file for writing first, that wait can be made short.
BUSY_TIMEOUT, BUSY_TIMEOUT_MS = "SQLITE_BUSY_TIMEOUT", "100"


def write_patiently(provider: QgsVectorDataProvider, write: Callable[[], bool]) -> str:
    """Write, and try again for a second while another program holds the file.

    Args:
        provider: Says what went wrong.
        write: Writes once; whether it went well.

    Returns:
        "" when it went well, else what the file said.
    """
    until = time.monotonic() + PATIENCE_S
    while True:
        provider.clearErrors()
        with _short_try() as heard:
            if write():
                return ""
        # QGIS says only that it cannot open the file, in the person's language, where it could not even begin.
        said = "; ".join(provider.errors())
        said = "; ".join([said, *(text for text in dict.fromkeys(heard) if text not in said)]).lstrip("; ")
        said = said or tr("the file does not take it")
        if not any(word in said for word in LOCKED) or time.monotonic() + PAUSE_S >= until:
            break
        time.sleep(PAUSE_S)
    provider.clearErrors()  # told by who called, and not once more in QGIS's own words
    return said


@contextmanager
def _short_try() -> Iterator[list[str]]:
    """Have SQLite give up soon, in this thread, and collect what GDAL says meanwhile instead of printing it."""
    heard: list[str] = []
    before = gdal.GetThreadLocalConfigOption(BUSY_TIMEOUT)
    gdal.SetThreadLocalConfigOption(BUSY_TIMEOUT, BUSY_TIMEOUT_MS)
    gdal.PushErrorHandler(lambda level, number, text: heard.append(text))
    try:
        yield heard
    finally:
        gdal.PopErrorHandler()
        gdal.SetThreadLocalConfigOption(BUSY_TIMEOUT, before)
