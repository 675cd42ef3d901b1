"""Areas of polygons on the ground, measured by QGIS.

Polygons may have any outline (people draw some), so their edges have to be followed on the ellipsoid. The pixels of a
raster, millions of equal cells, are measured by `engine.areas.pixel_areas` instead, which needs no QGIS. Both measure
on the ellipsoid of the CRS and agree to 1e-4; the tests of class areas hold that.
"""

from __future__ import annotations

import math

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsDistanceArea,
    QgsGeometry,
    QgsUnitTypes,
)

from uhrs_qgis_plugin.layers.qgis_versions import METRES


class Ground:
    """Measures polygons of a map on the ground."""

    def __init__(self, crs: QgsCoordinateReferenceSystem, transforms: QgsCoordinateTransformContext) -> None:
        """Choose how to measure polygons in `crs`, which may be invalid."""
        self._measure = QgsDistanceArea()
        self._measure.setSourceCrs(crs, transforms)
        # On the CRS's own ellipsoid a map projection's distortion does not count, nor does what the project measures
        # with: the same file gives the same areas everywhere.
        ellipsoid = crs.ellipsoidAcronym() if crs.isValid() else ""
        known = bool(ellipsoid) and self._measure.setEllipsoid(ellipsoid)
        self._factor: float | None = 1.0 if known else _square_metres(crs)
        self._to_degrees: QgsCoordinateTransform | None = None
        if known and ellipsoid.startswith("PARAMETER:") and not crs.isGeographic():
            # QGIS projects only onto ellipsoids that have a code: polygons are brought into degrees here.
            _, major, minor = ellipsoid.split(":")
            degrees = QgsCoordinateReferenceSystem()
            degrees.createFromProj(f"+proj=longlat +a={major} +b={minor} +no_defs")
            self._to_degrees = QgsCoordinateTransform(crs, degrees, transforms)
            self._measure.setSourceCrs(degrees, transforms)

    def area_m2(self, geometry: QgsGeometry) -> float | None:
        """Measure a polygon in the CRS: square metres, None where they cannot be known."""
        if self._factor is None:
            return None
        try:
            if self._to_degrees is not None:
                geometry = QgsGeometry(geometry)
                geometry.transform(self._to_degrees)
            area = self._measure.measureArea(geometry) * self._factor
        except QgsCsException:
            return None
        return area if math.isfinite(area) and area > 0 else None


def _square_metres(crs: QgsCoordinateReferenceSystem) -> float | None:
    """Square metres of a square unit of a map without an ellipsoid; None where the unit is no length."""
    if not crs.isValid():
        return None
    if QgsUnitTypes.unitType(crs.mapUnits()) != QgsUnitTypes.unitType(METRES):
        return None
    return float(QgsUnitTypes.fromUnitToUnitFactor(crs.mapUnits(), METRES)) ** 2
