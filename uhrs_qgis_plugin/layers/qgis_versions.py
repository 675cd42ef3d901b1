"""Names that moved between versions of QGIS, each in one place."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsUnitTypes,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QMetaType, QVariant

# Fields take QMetaType since 3.38, and Qt 6 has nothing else; the other enums moved into Qgis in 3.30.
if Qgis.QGIS_VERSION_INT >= 33800:
    INTEGER, DOUBLE, TEXT = QMetaType.Type.Int, QMetaType.Type.Double, QMetaType.Type.QString
else:
    INTEGER, DOUBLE, TEXT = QVariant.Int, QVariant.Double, QVariant.String

MULTI_POLYGON = Qgis.WkbType.MultiPolygon if hasattr(Qgis, "WkbType") else QgsWkbTypes.MultiPolygon

METRES = Qgis.DistanceUnit.Meters if hasattr(Qgis, "DistanceUnit") else QgsUnitTypes.DistanceMeters
