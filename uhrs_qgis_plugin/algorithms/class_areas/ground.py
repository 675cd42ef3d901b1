"""From the coordinate reference system of a raster to the area of its pixels on the ground.

Of pixels, not of polygons: for those see `layers.ground`.
"""

from __future__ import annotations

import numpy as np
from osgeo import osr

from uhrs_qgis_plugin.engine.areas import pixel_areas
from uhrs_qgis_plugin.engine.raster.gdal_backend import attempt

PixelAreas = pixel_areas.PixelAreas

ON_ELLIPSOID = "measured on the ellipsoid of the raster's coordinate reference system"
IN_PLANE = "measured in the plane of the map (the project measures planimetrically)"
NO_GROUND = "not measured: areas are not known in the raster's coordinate reference system, shares are those of pixels"
NOT_MEASURED = "not measured: the raster has no coordinate reference system, shares are those of pixels"


def measure(crs_wkt: str, transform: tuple[float, ...], planimetric: bool) -> tuple[PixelAreas | None, str]:
    """Choose how the pixels of a raster are measured.

    Args:
        crs_wkt: Coordinate reference system of the raster, "" for none.
        transform: Its geotransform in GDAL's order.
        planimetric: Whether the plane of a map projection counts as the ground. Degrees never do.

    Returns:
        The pixels' areas, None when they cannot be known; and how they are measured, as a text.
    """
    reference = osr.SpatialReference()
    code, _ = attempt(reference.ImportFromWkt, crs_wkt) if crs_wkt else (1, "")
    if code != 0:
        return None, NOT_MEASURED
    if reference.IsGeographic():
        areas = pixel_areas.geographic(transform, _ellipsoid(reference), reference.GetAngularUnits())
        return areas, ON_ELLIPSOID
    if reference.IsLocal() or (reference.IsProjected() and planimetric):
        return pixel_areas.planar(transform, reference.GetLinearUnits()), IN_PLANE
    if reference.IsProjected():
        return pixel_areas.projected(transform, _ellipsoid(reference), _to_radians(reference)), ON_ELLIPSOID
    return None, NO_GROUND


def _ellipsoid(reference: osr.SpatialReference) -> pixel_areas.Ellipsoid:
    """Return the ellipsoid of a CRS; GDAL gives 0 for the inverse flattening of a sphere."""
    inverse = reference.GetInvFlattening()
    return pixel_areas.Ellipsoid(reference.GetSemiMajor(), 1 / inverse if inverse else 0.0)


def _to_radians(reference: osr.SpatialReference) -> pixel_areas.ToPlane:
    """Return the inverse of a map projection: to longitude and latitude on its own ellipsoid, without a datum shift."""
    degrees = reference.CloneGeogCS()
    for item in (reference, degrees):
        item.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    transformation = osr.CoordinateTransformation(reference, degrees)
    unit = degrees.GetAngularUnits()

    def to_radians(x: pixel_areas.Floats, y: pixel_areas.Floats) -> tuple[pixel_areas.Floats, pixel_areas.Floats]:
        # `attempt` hides the errors outside of the projection's domain; the infinite numbers there are not counted.
        points, _ = attempt(transformation.TransformPoints, np.column_stack([x, y]).tolist())
        if points is None:
            points = np.full((len(x), 3), np.inf)
        longitude, latitude = np.asarray(points, np.float64)[:, :2].T
        return longitude * unit, latitude * unit

    return to_radians
