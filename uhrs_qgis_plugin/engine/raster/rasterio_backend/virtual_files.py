"""GDAL's virtual files, as `gdal_backend.virtual_files`; rasterio has no calls for them.

So they are called in the very library that rasterio uses, by GDAL's C interface. Where that cannot be found, servers
say nothing of files and traffic is not counted; reading pixels needs none of this.
"""

from __future__ import annotations

import ctypes
import functools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rasterio._base

_TEXT, _POINTER, _SIZE = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {  # what each function returns, and its arguments
    "CPLGetConfigOption": (_TEXT, (_TEXT, _TEXT)),
    "CPLSetConfigOption": (None, (_TEXT, _TEXT)),
    "CPLSetThreadLocalConfigOption": (None, (_TEXT, _TEXT)),
    "CPLPushErrorHandler": (None, (_POINTER,)),
    "CPLPopErrorHandler": (None, ()),
    "CPLErrorReset": (None, ()),
    "CPLGetLastErrorType": (ctypes.c_int, ()),
    "CPLGetLastErrorMsg": (_TEXT, ()),
    "CSLDestroy": (None, (_POINTER,)),
    "VSIFree": (None, (_POINTER,)),
    "VSIFOpenL": (_POINTER, (_TEXT, _TEXT)),
    "VSIFReadL": (_SIZE, (_POINTER, _SIZE, _SIZE, _POINTER)),
    "VSIFCloseL": (ctypes.c_int, (_POINTER,)),
    "VSIGetFileMetadata": (_POINTER, (_TEXT, _TEXT, _POINTER)),
    "VSIGetSignedURL": (_POINTER, (_TEXT, _POINTER)),
    "VSICurlPartialClearCache": (None, (_TEXT,)),
    "VSINetworkStatsReset": (None, ()),
    "VSINetworkStatsGetAsSerializedJSON": (_POINTER, (_POINTER,)),
}
FAILURE = 3  # CE_Failure
STATISTICS = b"CPL_VSIL_NETWORK_STATS_ENABLED"


@functools.lru_cache(maxsize=1)
def _library() -> Any:  # noqa: ANN401 (functions by name)
    """The library that holds rasterio's GDAL; None where it is not found."""
    extension = Path(rasterio._base.__file__)
    bundled = extension.parents[1] / "rasterio.libs"
    for path in (extension, *(sorted(bundled.glob("*gdal*")) if bundled.is_dir() else ())):
        try:
            library = ctypes.CDLL(str(path))
            for name, (result, arguments) in SIGNATURES.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
        except (OSError, AttributeError):
            continue
        return library
    return None


@contextmanager
def _quietly(library: Any) -> Iterator[None]:  # noqa: ANN401
    """Keep GDAL from printing."""
    library.CPLPushErrorHandler(ctypes.cast(library.CPLQuietErrorHandler, ctypes.c_void_p))
    library.CPLErrorReset()
    try:
        yield
    finally:
        library.CPLPopErrorHandler()


@contextmanager
def settings(options: Mapping[str, str]) -> Iterator[None]:
    """Set options of GDAL for this thread, for a while; those that somebody has set stay.

    Args:
        options: Name -> value.
    """
    library = _library()
    if library is None:
        with rasterio.Env(**{name: value for name, value in options.items() if not _is_set(name)}):
            yield
        return
    mine = [name.encode() for name in options if library.CPLGetConfigOption(name.encode(), None) is None]
    for name in mine:
        library.CPLSetThreadLocalConfigOption(name, options[name.decode()].encode())
    try:
        yield
    finally:
        for name in mine:
            library.CPLSetThreadLocalConfigOption(name, None)


def _is_set(name: str) -> bool:
    """Whether somebody has set an option of GDAL."""
    return rasterio.env.get_gdal_config(name) is not None


def headers(name: str) -> dict[str, str]:
    """Ask a server about a file: header in lower case -> value; empty where it does not answer."""
    library = _library()
    if library is None:
        return {}
    with _quietly(library):
        listed = library.VSIGetFileMetadata(name.encode(), b"HEADERS", None)
    if not listed:
        return {}
    found, lines = {}, ctypes.cast(listed, ctypes.POINTER(ctypes.c_char_p))
    for index in range(1000):
        line = lines[index]
        if line is None:
            break
        key, _, value = line.decode("utf-8", "replace").partition("=")
        found[key.lower()] = value
    library.CSLDestroy(listed)
    return found


def signed(name: str) -> str:
    """An address of a file in a bucket with a signature, which is a secret; "" where there is none."""
    library = _library()
    if library is None:
        return ""
    with _quietly(library):
        text = library.VSIGetSignedURL(name.encode(), None)
    if not text:
        return ""
    address = ctypes.string_at(text).decode("utf-8", "replace")
    library.VSIFree(text)
    return address


def forget(name: str) -> None:
    """Let GDAL forget what it has kept of a file, so that it asks the server again."""
    library = _library()
    if library is None:
        return
    with _quietly(library):  # for a bucket it makes the address, which fails without credentials
        library.VSICurlPartialClearCache(name.encode())


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
    library = _library()
    if library is None:
        raise OSError("this rasterio gives no access to GDAL's files")
    with _quietly(library):
        file = library.VSIFOpenL(name.encode(), b"rb")
        reason = library.CPLGetLastErrorMsg().decode("utf-8", "replace")
    if not file:
        raise OSError(reason or "it cannot be opened")
    piece = ctypes.create_string_buffer(size)
    try:
        while True:
            with _quietly(library):
                count = library.VSIFReadL(piece, 1, size, file)
                if library.CPLGetLastErrorType() >= FAILURE:
                    raise OSError(library.CPLGetLastErrorMsg().decode("utf-8", "replace"))
            if not count:
                return
            yield piece.raw[:count]
    finally:
        library.VSIFCloseL(file)


def count_traffic() -> None:
    """Let GDAL count what it asks servers for, from now on."""
    library = _library()
    if library is not None:
        library.CPLSetConfigOption(STATISTICS, b"YES")
        library.VSINetworkStatsReset()


def traffic() -> dict[str, Any]:
    """What GDAL has counted."""
    library = _library()
    text = None if library is None else library.VSINetworkStatsGetAsSerializedJSON(None)
    if not text:
        return {}
    counted = json.loads(ctypes.string_at(text) or b"{}")
    library.VSIFree(text)
    return dict(counted)
