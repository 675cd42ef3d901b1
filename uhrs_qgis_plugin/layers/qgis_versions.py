"""Names that moved between versions of QGIS and Qt, each decided in one place.

The `else` branches run under Qt 5 only; `scripts/check_qt6.py` leaves them alone.
"""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsColorRampShader,
    QgsCoordinateReferenceSystem,
    QgsMapLayerProxyModel,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingFeatureSource,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProperty,
    QgsUnitTypes,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QMetaType, QVariant

# Types of fields: QMetaType since 3.38, and Qt 6 has nothing else.
if Qgis.QGIS_VERSION_INT >= 33800:
    INTEGER, BIG_INTEGER = QMetaType.Type.Int, QMetaType.Type.LongLong
    DOUBLE, TEXT = QMetaType.Type.Double, QMetaType.Type.QString
else:
    INTEGER, BIG_INTEGER, DOUBLE, TEXT = QVariant.Int, QVariant.LongLong, QVariant.Double, QVariant.String

# Geometries and units: into Qgis in 3.30.
if hasattr(Qgis, "WkbType"):
    MULTI_POLYGON, NO_GEOMETRY = Qgis.WkbType.MultiPolygon, Qgis.WkbType.NoGeometry
    POINT = Qgis.WkbType.Point
else:
    MULTI_POLYGON, NO_GEOMETRY = QgsWkbTypes.MultiPolygon, QgsWkbTypes.NoGeometry
    POINT = QgsWkbTypes.Point
METRES = Qgis.DistanceUnit.Meters if hasattr(Qgis, "DistanceUnit") else QgsUnitTypes.DistanceMeters
if hasattr(Qgis, "AreaUnit"):
    SQUARE_METRES = Qgis.AreaUnit.SquareMeters
    NOT_ON_THE_GROUND = (Qgis.AreaUnit.SquareDegrees, Qgis.AreaUnit.Unknown)
else:
    SQUARE_METRES = QgsUnitTypes.AreaSquareMeters
    NOT_ON_THE_GROUND = (QgsUnitTypes.AreaSquareDegrees, QgsUnitTypes.AreaUnknownUnit)

# Choosers of layers: into Qgis in 3.34.
if hasattr(Qgis, "LayerFilter"):
    RASTER_LAYERS, POLYGON_LAYERS = Qgis.LayerFilter.RasterLayer, Qgis.LayerFilter.PolygonLayer
    REVIEW_LAYERS = Qgis.LayerFilter.PolygonLayer | Qgis.LayerFilter.PointLayer
else:
    RASTER_LAYERS, POLYGON_LAYERS = QgsMapLayerProxyModel.RasterLayer, QgsMapLayerProxyModel.PolygonLayer
    REVIEW_LAYERS = QgsMapLayerProxyModel.Filters(QgsMapLayerProxyModel.PolygonLayer | QgsMapLayerProxyModel.PointLayer)

# Processing and the text of a CRS: into Qgis in 3.36.
if hasattr(Qgis, "ProcessingParameterFlag"):
    ADVANCED = Qgis.ProcessingParameterFlag.Advanced
else:
    ADVANCED = QgsProcessingParameterDefinition.FlagAdvanced
if hasattr(Qgis, "ProcessingNumberParameterType"):
    INTEGER_NUMBER = Qgis.ProcessingNumberParameterType.Integer
    DOUBLE_NUMBER = Qgis.ProcessingNumberParameterType.Double
else:
    INTEGER_NUMBER = QgsProcessingParameterNumber.Type.Integer
    DOUBLE_NUMBER = QgsProcessingParameterNumber.Type.Double
if hasattr(Qgis, "ProcessingFileParameterBehavior"):
    FOLDER = Qgis.ProcessingFileParameterBehavior.Folder
else:
    FOLDER = QgsProcessingParameterFile.Behavior.Folder
if hasattr(Qgis, "ProcessingSourceType"):
    POLYGON_SOURCES, ANY_VECTOR = Qgis.ProcessingSourceType.VectorPolygon, Qgis.ProcessingSourceType.Vector
    RASTER_INPUTS = Qgis.ProcessingSourceType.Raster
    POINT_SOURCES = Qgis.ProcessingSourceType.VectorPoint
else:
    POLYGON_SOURCES, ANY_VECTOR = QgsProcessing.TypeVectorPolygon, QgsProcessing.TypeVector
    RASTER_INPUTS = QgsProcessing.TypeRaster
    POINT_SOURCES = QgsProcessing.TypeVectorPoint
if hasattr(Qgis, "ProcessingAlgorithmFlag"):
    NO_THREADING = Qgis.ProcessingAlgorithmFlag.NoThreading
else:
    NO_THREADING = QgsProcessingAlgorithm.FlagNoThreading
if hasattr(Qgis, "ProcessingFeatureSourceFlag"):
    SKIP_GEOMETRY_CHECKS = Qgis.ProcessingFeatureSourceFlag.SkipGeometryValidityChecks
else:
    SKIP_GEOMETRY_CHECKS = QgsProcessingFeatureSource.FlagSkipGeometryValidityChecks
if hasattr(Qgis, "CrsWktVariant"):
    GDAL_WKT = Qgis.CrsWktVariant.PreferredGdal
else:
    GDAL_WKT = QgsCoordinateReferenceSystem.WKT_PREFERRED_GDAL

STATIC_PROPERTY = Qgis.PropertyType.Static if hasattr(Qgis, "PropertyType") else QgsProperty.StaticProperty

# Colour ramps: into Qgis in 3.38.
if hasattr(Qgis, "ShaderInterpolationMethod"):
    LINEAR_INTERPOLATION = Qgis.ShaderInterpolationMethod.Linear
else:
    LINEAR_INTERPOLATION = QgsColorRampShader.Type.Interpolated
