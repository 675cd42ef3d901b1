"""Coordinate reference systems by rasterio."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.errors import CRSError, RasterioError
from rasterio.warp import transform

WGS84 = CRS.from_wkt(
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
)


def same_crs(one: str, other: str) -> bool:
    """Whether two WKT texts mean the same coordinate reference system."""
    try:
        return bool(CRS.from_wkt(one) == CRS.from_wkt(other))
    except CRSError:
        return False


def to_degrees(crs_wkt: str, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]] | None:
    """Transform points of a CRS to longitudes and latitudes of WGS 84.

    Returns:
        (longitude, latitude) per point; None where the CRS is unknown or has no place on the Earth.
    """
    try:
        reference = CRS.from_wkt(crs_wkt)
        if not (reference.is_geographic or reference.is_projected):
            return None
        x, y = zip(*points)
        longitudes, latitudes = transform(reference, WGS84, x, y)[:2]
    except (RasterioError, ValueError):
        return None
    except Exception as error:  # what GDAL says comes in types of a private module
        if not type(error).__name__.startswith("CPLE_"):
            raise
        return None
    return list(zip(longitudes, latitudes))


def read_crs(text: str) -> tuple[str, float | None] | None:
    """Read a coordinate reference system: its WKT and metres in its unit (None unless projected); None = no such."""
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        return None
    return str(crs.to_wkt()), float(crs.linear_units_factor[1]) if crs.is_projected else None


def geodesy(crs_wkt: str) -> tuple[Any, ...] | None:
    """Read what areas depend on, in the order of `Geodesy`; None where the text is no CRS."""
    try:
        crs = CRS.from_wkt(crs_wkt)
    except CRSError:
        return None
    # rasterio has no call for the ellipsoid, but in this old form of the text it always stands like this, in metres.
    text = str(crs.to_wkt(version="WKT1_GDAL"))
    degrees = _bracketed(text, "GEOGCS")
    found = re.search(r'SPHEROID\["[^"]*",([^,\]]+),([^,\]]+)', text)
    semi_major, inverse = (float(found[1]), float(found[2])) if found is not None else (0.0, 0.0)
    angle = re.findall(r'UNIT\["[^"]*",([^,\]]+)', degrees)
    kind, unit = "other", 1.0
    if crs.is_geographic:
        kind, unit = "geographic", float(angle[0])
    elif text.startswith("LOCAL_CS"):
        kind, unit = "local", float(re.findall(r'UNIT\["[^"]*",([^,\]]+)', text)[0])
    elif crs.is_projected and degrees:
        kind, unit = "projected", float(crs.linear_units_factor[1])

    def to_radians(x: Any, y: Any) -> tuple[Any, Any]:  # noqa: ANN401 (arrays)
        longitudes, latitudes = transform(crs, CRS.from_wkt(degrees), x, y)[:2]
        return np.asarray(longitudes) * float(angle[0]), np.asarray(latitudes) * float(angle[0])

    return kind, unit, semi_major, inverse, to_radians


def _bracketed(text: str, name: str) -> str:
    """Cut out what stands in the brackets of a name, with it; "" where there is none."""
    start = text.find(f"{name}[")
    depth = 0
    for place in range(max(start, 0), len(text) if start >= 0 else 0):
        depth += (text[place] == "[") - (text[place] == "]")
        if text[place] == "]" and depth == 0:
            return text[start : place + 1]
    return ""


def transform_points(
    from_wkt: str, to_wkt: str, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Transform points from one coordinate reference system to another; x is the longitude, also in degrees.

    Returns:
        x and y (N,), infinite where there is no such place; None where there is no transformation.
    """
    try:
        references = CRS.from_wkt(from_wkt), CRS.from_wkt(to_wkt)
        moved = transform(*references, x.tolist(), y.tolist())
    except CRSError:
        return None
    except Exception as error:  # what GDAL says comes in types of a private module
        if not isinstance(error, RasterioError) and not type(error).__name__.startswith("CPLE_"):
            raise
        return np.full(len(x), np.inf), np.full(len(x), np.inf)
    return np.asarray(moved[0], np.float64), np.asarray(moved[1], np.float64)
