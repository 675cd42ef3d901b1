"""Writing to a file that others write to as well."""

from __future__ import annotations

import time
from collections.abc import Callable

from qgis.core import QgsVectorDataProvider

from uhrs_qgis_plugin.review.wording import tr

# Another QGIS holds the lock of a GeoPackage for some milliseconds a judgement: waiting is all it takes. The window
# stands still meanwhile, so no longer than a second.
TRIES, PAUSE_S = 20, 0.05
LOCKED = ("locked", "busy")


def write_patiently(provider: QgsVectorDataProvider, write: Callable[[], bool]) -> str:
    """Write, and try again while another program holds the file.

    Args:
        provider: Says what went wrong.
        write: Writes once; whether it went well.

    Returns:
        "" when it went well, else what the file said.
    """
    said = ""
    for attempt in range(TRIES):
        provider.clearErrors()
        if write():
            return ""
        said = "; ".join(provider.errors()) or tr("the file does not take it")
        if attempt + 1 == TRIES or not any(word in said for word in LOCKED):
            break
        time.sleep(PAUSE_S)
    provider.clearErrors()  # told by who called, and not once more in QGIS's own words
    return said
