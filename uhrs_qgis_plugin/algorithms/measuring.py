"""How a project measures areas: its unit, the ellipsoid or the plane, and the CRS as GDAL reads it."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingContext

from uhrs_qgis_plugin.layers import GDAL_WKT, NOT_ON_THE_GROUND, SQUARE_METRES


def area_unit(context: QgsProcessingContext) -> Any:  # noqa: ANN401 (an enum that moved between versions)
    """Return the project's area unit; square metres where it has none, or one that does not measure ground."""
    unit = context.areaUnit()
    return SQUARE_METRES if unit in NOT_ON_THE_GROUND else unit


def is_planimetric(context: QgsProcessingContext) -> bool:
    """Whether the user chose areas in the plane of the map; the "NONE" of a project without a CRS is no choice."""
    project = context.project()
    return context.ellipsoid() == "NONE" and (project is None or project.crs().isValid())


def gdal_wkt(crs: QgsCoordinateReferenceSystem) -> str:
    """Return the text that GDAL reads; "" for an invalid CRS."""
    return str(crs.toWkt(GDAL_WKT)) if crs.isValid() else ""
