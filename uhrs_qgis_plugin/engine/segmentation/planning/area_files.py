"""An area of interest out of a vector file: its polygons, brought to the coordinate reference system of a raster."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.areas import rings_of_wkb
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.raster import same_crs, transform_points
from uhrs_qgis_plugin.engine.vectors import read_features

POLYGON = 3  # of well-known binary


def read_area(path: str, crs_wkt: str) -> tuple[str, ...]:
    """Read polygons as `Options.area` takes them.

    Args:
        path: GeoPackage, GeoJSON, Shapefile and others, with `|layername=` for a table.
        crs_wkt: Coordinate reference system of the raster, "" for none.

    Raises:
        OptionsError: The file cannot be read or holds no polygons, or they cannot be brought to the raster.
    """
    features = read_features(path)
    if bool(features.crs_wkt) != bool(crs_wkt):
        which = f"'{path}'" if crs_wkt else "The raster"
        raise OptionsError(f"{which} has no coordinate reference system: give it one (--crs for the raster).")
    moves = bool(crs_wkt) and not same_crs(features.crs_wkt, crs_wkt)
    area = []
    for shape in features.shapes:
        try:
            polygons = rings_of_wkb(shape) if shape else []
        except ValueError as error:
            raise OptionsError(f"'{path}' holds something else than polygons: {error}") from error
        for rings in polygons:
            if moves:
                moved = [transform_points(features.crs_wkt, crs_wkt, *ring.T) for ring in rings]
                if any(places is None or not np.isfinite(places).all() for places in moved):
                    raise OptionsError(
                        f"The polygons of '{path}' cannot be brought to the raster's coordinate reference system."
                    )
                rings = [np.stack(places, axis=1) for places in moved if places is not None]
            area.append(_wkb(rings).hex())
    if not area:
        raise OptionsError(f"'{path}' holds no polygon: give an area, or leave it away.")
    return tuple(area)


def _wkb(rings: list[NDArray[np.float64]]) -> bytes:
    """Write a polygon as well-known binary."""
    parts = [struct.pack("<BII", 1, POLYGON, len(rings))]
    for ring in rings:
        parts += [struct.pack("<I", len(ring)), np.ascontiguousarray(ring, "<f8").tobytes()]
    return b"".join(parts)
