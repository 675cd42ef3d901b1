"""Coordinate reference systems by rasterio."""

from __future__ import annotations

from collections.abc import Sequence

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
