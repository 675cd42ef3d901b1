"""From the coordinate reference system of a raster to the area of its pixels on the ground.

Of pixels, not of polygons: for those see `layers.ground`.
"""

from __future__ import annotations

from uhrs_qgis_plugin.engine.areas import pixel_areas
from uhrs_qgis_plugin.engine.areas.pixel_areas import Ellipsoid, PixelAreas
from uhrs_qgis_plugin.engine.raster import geodesy_of

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
    found = geodesy_of(crs_wkt)
    if found is None:
        return None, NOT_MEASURED
    inverse = found.inverse_flattening
    ellipsoid = Ellipsoid(found.semi_major_m, 1 / inverse if inverse else 0.0)
    if found.kind == "geographic":
        return pixel_areas.geographic(transform, ellipsoid, found.unit), ON_ELLIPSOID
    if found.kind == "local" or (found.kind == "projected" and planimetric):
        return pixel_areas.planar(transform, found.unit), IN_PLANE
    if found.kind == "projected":
        return pixel_areas.projected(transform, ellipsoid, found.to_radians), ON_ELLIPSOID
    return None, NO_GROUND
