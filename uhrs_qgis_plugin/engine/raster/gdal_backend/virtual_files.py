"""GDAL's virtual files: what a server says of a file, its bytes, and what travelled over the network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from osgeo import gdal

from uhrs_qgis_plugin.engine.raster.gdal_backend.calls import attempt


@contextmanager
def settings(options: Mapping[str, str]) -> Iterator[None]:
    """Set options of GDAL for this thread, for a while; those that somebody has set stay.

    Args:
        options: Name -> value.
    """
    mine = {name: value for name, value in options.items() if gdal.GetConfigOption(name) is None}
    for name, value in mine.items():
        gdal.SetThreadLocalConfigOption(name, value)
    try:
        yield
    finally:
        for name in mine:
            gdal.SetThreadLocalConfigOption(name, None)


def headers(name: str) -> dict[str, str]:
    """Ask a server about a file: header in lower case -> value; empty where it does not answer."""
    found, _ = attempt(gdal.GetFileMetadata, name, "HEADERS")
    return {key.lower(): value for key, value in (found or {}).items()}


def signed(name: str) -> str:
    """An address of a file in a bucket with a signature, which is a secret; "" where there is none."""
    found, _ = attempt(gdal.GetSignedURL, name)
    return str(found or "")


def forget(name: str) -> None:
    """Let GDAL forget what it has kept of a file, so that it asks the server again."""
    attempt(gdal.VSICurlPartialClearCache, name)


def read_bytes(name: str, size: int) -> Iterator[bytes]:
    """Read a file from its beginning.

    Args:
        name: As GDAL calls it.
        size: Bytes at once.

    Yields:
        Its bytes; the last piece may be shorter.

    Raises:
        OSError: It does not open, or a piece does not come; the text is GDAL's.
    """
    file, reason = attempt(gdal.VSIFOpenL, name, "rb")
    if file is None:
        raise OSError(reason or "it cannot be opened")
    try:
        while True:
            piece, reason = attempt(gdal.VSIFReadL, 1, size, file)
            if reason:
                raise OSError(reason)
            if not piece:
                return
            yield bytes(piece)
    finally:
        gdal.VSIFCloseL(file)


def count_traffic() -> None:
    """Let GDAL count what it asks servers for, from now on."""
    gdal.SetConfigOption("CPL_VSIL_NETWORK_STATS_ENABLED", "YES")
    gdal.NetworkStatsReset()


def traffic() -> dict[str, Any]:
    """What GDAL has counted."""
    return dict(json.loads(gdal.NetworkStatsGetAsSerializedJSON() or "{}"))
