"""Writes to a file that other programs write to as well: retries while it is locked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from osgeo import gdal
from qgis.core import QgsVectorDataProvider

from uhrs_qgis_plugin.review.errors import ReviewError
from uhrs_qgis_plugin.review.wording import tr

# Another QGIS holds the lock of a GeoPackage for some milliseconds a judgement, so a retry is enough. The window is
# blocked meanwhile, so no attempt begins after a second. Newer GDAL waits up to 5 seconds inside an attempt, which the
# caller cannot shorten once the file is open for writing.
TIMEOUT_S, PAUSE_S = 1.0, 0.05
LOCKED = ("locked", "busy")
# Where QGIS opens the file for writing first, that wait can be made short.
BUSY_TIMEOUT, BUSY_TIMEOUT_MS = "SQLITE_BUSY_TIMEOUT", "100"


class WriteFailedError(ReviewError):
    """The file was not written; the text is the provider's reason, to be put into a sentence."""


def write_when_unlocked(provider: QgsVectorDataProvider, write: Callable[[], bool]) -> None:
    """Write, and retry for a second while another program holds the file.

    Args:
        provider: Collects the errors of `write`.
        write: One attempt; returns whether it succeeded.

    Raises:
        WriteFailedError: The file is still locked, or the provider refuses for another reason.
    """
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        provider.clearErrors()
        with short_busy_timeout() as gdal_errors:
            if write():
                return
        # Where QGIS cannot even open the file, its own text says only that, and in the user's language.
        reasons = "; ".join(provider.errors())
        reasons = "; ".join([reasons, *(text for text in dict.fromkeys(gdal_errors) if text not in reasons)])
        reasons = reasons.lstrip("; ") or tr("the file does not take it")
        if not any(word in reasons for word in LOCKED) or time.monotonic() + PAUSE_S >= deadline:
            break
        time.sleep(PAUSE_S)
    provider.clearErrors()  # the caller reports them: QGIS must not do so a second time
    raise WriteFailedError(reasons)


@contextmanager
def short_busy_timeout() -> Iterator[list[str]]:
    """Shorten SQLite's wait for a lock in this thread; GDAL's errors are collected instead of printed."""
    errors: list[str] = []
    before = gdal.GetThreadLocalConfigOption(BUSY_TIMEOUT)
    gdal.SetThreadLocalConfigOption(BUSY_TIMEOUT, BUSY_TIMEOUT_MS)
    gdal.PushErrorHandler(lambda level, number, text: errors.append(text))
    try:
        yield errors
    finally:
        gdal.PopErrorHandler()
        gdal.SetThreadLocalConfigOption(BUSY_TIMEOUT, before)
