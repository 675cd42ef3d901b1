"""The libraries that read and write rasters."""

from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType

from uhrs_qgis_plugin.engine.errors import OptionsError

BACKENDS = ("gdal", "rasterio")  # in the order in which "auto" tries them


@cache  # Python looks for a package that is not there in every folder, each time anew
@cache  # Python looks for a package that is not there in every folder, each time anew
def backend_of(name: str) -> ModuleType:
    """Import a back end, and only the one that is used: two copies of GDAL in a process do not mix.

    Args:
        name: "auto" (the first that is there) or one of `BACKENDS`.

    Raises:
        OptionsError: It is unknown or not installed.
    """
    if name != "auto" and name not in BACKENDS:
        raise OptionsError(f"Raster back end '{name}' is unknown: use 'auto' or one of {BACKENDS}.")
    reasons = []
    for candidate in BACKENDS if name == "auto" else (name,):
        try:
            return importlib.import_module(f"uhrs_qgis_plugin.engine.raster.{candidate}_backend.reading")
        except ImportError as error:
            reasons.append(f"{candidate}: {' '.join(str(error).split())}")
    raise OptionsError(f"No library to read rasters ({'; '.join(reasons)}): run inside QGIS, or install rasterio.")


def backend_version() -> str:
    """Name of the library that reads rasters here, and its version: "3.10.2 (rasterio)"."""
    if backend_of("auto").NAME == "gdal":
        return f"{importlib.import_module('osgeo.gdal').__version__} (osgeo)"
    return f"{importlib.import_module('rasterio').__gdal_version__} (rasterio)"
