"""Coordinate reference systems by osgeo.osr."""

from __future__ import annotations

from collections.abc import Sequence

from osgeo import osr

from uhrs_qgis_plugin.engine.raster.gdal_backend.calls import attempt


def same_crs(one: str, other: str) -> bool:
    """Whether two WKT texts mean the same coordinate reference system."""
    references = _reference(one), _reference(other)
    if references[0] is None or references[1] is None:
        return False
    return bool(attempt(references[0].IsSame, references[1])[0])


def to_degrees(crs_wkt: str, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]] | None:
    """Transform points of a CRS to longitudes and latitudes of WGS 84.

    Returns:
        (longitude, latitude) per point; None where the CRS is unknown or has no place on the Earth.
    """
    reference, degrees = _reference(crs_wkt), osr.SpatialReference()
    if reference is None or reference.IsLocal():
        return None
    degrees.SetWellKnownGeogCS("WGS84")
    for item in (reference, degrees):
        item.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    transformation, _ = attempt(osr.CoordinateTransformation, reference, degrees)
    if transformation is None:
        return None
    places, _ = attempt(transformation.TransformPoints, [list(point) for point in points])
    return None if places is None else [(place[0], place[1]) for place in places]


def _reference(wkt: str) -> osr.SpatialReference | None:
    """Parse a WKT text; None where it is none."""
    reference = osr.SpatialReference()
    code, _ = attempt(reference.ImportFromWkt, wkt) if wkt else (1, "")
    return reference if code == 0 else None


def read_crs(text: str) -> tuple[str, float | None] | None:
    """Read a coordinate reference system: its WKT and metres in its unit (None unless projected); None = no such."""
    reference = osr.SpatialReference()
    if "://" in text or attempt(reference.SetFromUserInput, text)[0] != 0:  # GDAL would ask servers
        return None
    return str(reference.ExportToWkt()), reference.GetLinearUnits() if reference.IsProjected() else None
