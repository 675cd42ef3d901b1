"""Names of rasters that are not local: what GDAL calls them, and what people may see of them."""

from __future__ import annotations

import re

from uhrs_qgis_plugin.engine.errors import HIDDEN, OptionsError, without_secrets

# Beginning of an address -> of GDAL's name for it; "" where the address itself follows.
SCHEMES = {"http": "/vsicurl/", "https": "/vsicurl/", "s3": "/vsis3/", "gs": "/vsigs/", "az": "/vsiaz/"}
_SCHEME = re.compile(r"([a-z0-9]+)://", re.IGNORECASE)
_NETWORK = re.compile(r"/vsi(?:curl|s3|gs|az|adls|oss|swift|webhdfs)(?:_streaming)?[/?]")


def is_remote(path: str) -> bool:
    """Whether a raster is read over a network: an address, or one of GDAL's names for what is not local."""
    scheme = _SCHEME.match(path)
    return bool(scheme and scheme[1].lower() in SCHEMES) or bool(path.startswith("/vsi") and _NETWORK.search(path))


def check_local(path: str, what: str = "output") -> None:
    """Check that something can be written by its path, before the work.

    Args:
        path: Of the output, or of a folder of outputs.
        what: What it is.

    Raises:
        OptionsError: It lies on a server.
    """
    if is_remote(path):
        raise OptionsError(
            f"The {what} '{shown(path)}' is not local: write to a disk, and upload the result when the run is done."
        )


def gdal_name(path: str) -> str:
    """What GDAL calls a raster: "https://host/a.tif" is "/vsicurl/https://host/a.tif", "s3://b/a.tif" "/vsis3/b/a.tif".

    Other names stay as they are.
    """
    scheme = _SCHEME.match(path)
    prefix = SCHEMES.get(scheme[1].lower()) if scheme else None
    if scheme is None or prefix is None:
        return path
    return prefix + (path if prefix == "/vsicurl/" else path[scheme.end() :])


def shown(path: str) -> str:
    """What people see of a name: no query, for signatures and tokens are in it, no name and no password."""
    if not is_remote(path):
        return path
    head, query, _ = path.partition("?")
    return without_secrets(head + (HIDDEN if query else ""))
