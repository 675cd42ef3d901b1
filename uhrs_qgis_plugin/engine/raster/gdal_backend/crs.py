"""Coordinate reference systems by osgeo.osr."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
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


def geodesy(crs_wkt: str) -> tuple[Any, ...] | None:
    """Read what areas depend on, in the order of `Geodesy`; None where the text is no CRS."""
    reference = _reference(crs_wkt)
    if reference is None:
        return None
    kind, unit = "other", 1.0
    if reference.IsGeographic():
        kind, unit = "geographic", reference.GetAngularUnits()
    elif reference.IsLocal():
        kind, unit = "local", reference.GetLinearUnits()
    elif reference.IsProjected():
        kind, unit = "projected", reference.GetLinearUnits()
    return kind, unit, reference.GetSemiMajor(), reference.GetInvFlattening(), _Unprojection(reference)


class _Unprojection:
    """The inverse of a map projection: to longitude and latitude on its own ellipsoid, without a datum shift."""

    def __init__(self, reference: osr.SpatialReference) -> None:
        self._reference = reference
        self._transformation: osr.CoordinateTransformation | None = None
        self._unit = 1.0

    def __call__(self, x: Any, y: Any) -> tuple[Any, Any]:  # noqa: ANN401 (arrays)
        """Return longitude and latitude in radians; infinite outside of the projection's domain."""
        if self._transformation is None:
            degrees = self._reference.CloneGeogCS()
            for item in (self._reference, degrees):
                item.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
            self._transformation = osr.CoordinateTransformation(self._reference, degrees)
            self._unit = degrees.GetAngularUnits()
        # `attempt` hides the errors outside of the domain.
        points, _ = attempt(self._transformation.TransformPoints, np.column_stack([x, y]).tolist())
        if points is None:
            points = np.full((len(x), 3), np.inf)
        longitude, latitude = np.asarray(points, np.float64)[:, :2].T
        return longitude * self._unit, latitude * self._unit


def transform_points(
    from_wkt: str, to_wkt: str, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Transform points from one coordinate reference system to another; x is the longitude, also in degrees.

    Returns:
        x and y (N,), infinite where there is no such place; None where there is no transformation.
    """
    references = [item for item in (_reference(from_wkt), _reference(to_wkt)) if item is not None]
    if len(references) < 2:
        return None
    for reference in references:
        reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    transformation, _ = attempt(osr.CoordinateTransformation, *references)
    if transformation is None:
        return None
    # `attempt` hides the errors outside of a projection's domain; the places there are infinite.
    places, _ = attempt(transformation.TransformPoints, np.column_stack([x, y]).tolist())
    if places is None:
        places = np.full((len(x), 3), np.inf)
    moved = np.asarray(places, np.float64).reshape(-1, 3)
    return moved[:, 0], moved[:, 1]
