"""Files on servers: their names, what a server says of them, and local copies."""

from uhrs_qgis_plugin.engine.raster.servers.addresses import check_local, gdal_name, is_remote, shown
from uhrs_qgis_plugin.engine.raster.servers.files import (
    LocalCopy,
    RemoteFile,
    VirtualFiles,
    is_final,
    look_at,
    no_access,
    options_for,
    status_of,
)

__all__ = [
    "LocalCopy",
    "RemoteFile",
    "VirtualFiles",
    "check_local",
    "gdal_name",
    "is_final",
    "is_remote",
    "look_at",
    "no_access",
    "options_for",
    "shown",
    "status_of",
]
