"""Coordinate reference systems: compared, transformed; and where a user knows better than the file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

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


def crs_wkt_of(text: str) -> str:
    """Return the WKT of a coordinate reference system by name, such as EPSG:32640; "" where there is no such."""
    found = backend_of("auto").read_crs(text)
    return "" if found is None else str(found[0])


def same_crs(one: str, other: str, backend: str = "auto") -> bool:
    """Whether two WKT texts mean the same coordinate reference system; two empty ones do."""
    return one == other or (bool(one and other) and bool(backend_of(backend).same_crs(one, other)))


def transform_points(
    from_wkt: str, to_wkt: str, x: NDArray[np.float64], y: NDArray[np.float64], backend: str = "auto"
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Transform points from one coordinate reference system to another.

    Args:
        from_wkt: Theirs, WKT.
        to_wkt: The wanted one, WKT.
        x: (N,) x, or longitudes.
        y: (N,) y, or latitudes.
        backend: As in `open_raster`.

    Returns:
        x and y (N,), infinite where there is no such place.

    Raises:
        OptionsError: There is no transformation between the two.
    """
    if not len(x) or from_wkt == to_wkt:
        return x, y
    moved = backend_of(backend).transform_points(from_wkt, to_wkt, x, y)
    if moved is None:
        raise OptionsError(
            "There is no transformation between the two coordinate reference systems: reproject one of the layers "
            "first."
        )
    places: tuple[NDArray[np.float64], NDArray[np.float64]] = moved
    return places
