"""The coordinate reference system of a raster, where a user knows better than the file."""

from __future__ import annotations

from dataclasses import replace

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.raster.backends import backend_of
from uhrs_qgis_plugin.engine.raster.types import RasterInfo


def with_crs(info: RasterInfo, crs: str | None) -> RasterInfo:
    """Describe a raster in another coordinate reference system than the one that its file names.

    Args:
        info: The raster.
        crs: A name such as EPSG:32640, WKT, or a PROJ string; None leaves it as it is.

    Raises:
        OptionsError: The text names no coordinate reference system.
    """
    if crs is None:
        return info
    found = backend_of("auto").read_crs(crs)
    if found is None:
        raise OptionsError(
            f"crs={crs!r} is no coordinate reference system: give a code such as EPSG:32640, WKT, or a PROJ string."
        )
    return replace(info, crs_wkt=found[0], unit_m=found[1])
