"""The polygons of `uhrs:classareas`: read and checked, on the pixels of the class raster."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSource,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
)

from uhrs_qgis_plugin.engine.areas import PixelPolygon, PolygonZones
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError
from uhrs_qgis_plugin.engine.raster import RasterInfo
from uhrs_qgis_plugin.layers.polygons import to_pixels

# Geometries are checked here, to say in one line what is wrong. The enum moved into Qgis in 3.36.
if hasattr(Qgis, "ProcessingFeatureSourceFlag"):
    NO_CHECK = Qgis.ProcessingFeatureSourceFlag.SkipGeometryValidityChecks
else:
    NO_CHECK = QgsProcessingFeatureSource.FlagSkipGeometryValidityChecks


def check_zones(source: QgsFeatureSource, field: str, crs: QgsCoordinateReferenceSystem) -> None:
    """Check what costs nothing.

    Args:
        source: The polygon layer.
        field: Name of the field that names the zones, "" for none.
        crs: Of the raster.

    Raises:
        OptionsError: No polygons, no such field, or no coordinate system to bring both together.
    """
    name = source.sourceName()
    if source.featureCount() == 0:
        raise OptionsError(f"ZONES '{name}' holds no polygons: choose another layer, or leave ZONES empty.")
    if field and source.fields().lookupField(field) < 0:
        have = ", ".join(source.fields().names()) or "none"
        raise OptionsError(f"ZONES '{name}' has no field '{field}': choose one of its fields ({have}).")
    if crs.isValid() != source.sourceCrs().isValid():
        what, other = (f"ZONES '{name}'", "CLASSES") if crs.isValid() else ("CLASSES", f"ZONES '{name}'")
        raise OptionsError(
            f"{what} has no coordinate reference system but {other} has one: set it (right click on the layer > Layer "
            "CRS), so that both can be brought together."
        )


def read_zones(
    source: QgsFeatureSource,
    field: str,
    info: RasterInfo,
    crs: QgsCoordinateReferenceSystem,
    transforms: QgsCoordinateTransformContext,
    feedback: QgsProcessingFeedback,
) -> PolygonZones:
    """Read the polygons.

    Args:
        source: The polygon layer, checked by `check_zones`.
        field: Name of the field that names the zones, "" for the feature ids.
        info: The raster.
        crs: Of its layer, which may differ from the file's.
        transforms: The project's choices.
        feedback: Its cancel button is heeded.

    Returns:
        The zones in the order of the layer.

    Raises:
        OptionsError: A geometry is invalid or cannot be transformed, or there are none.
        CancelledError: The user cancelled.
    """
    transform = QgsCoordinateTransform(source.sourceCrs(), crs, transforms)
    request = QgsFeatureRequest()
    request.setSubsetOfAttributes([field] if field else [], source.fields())
    names: list[str] = []
    polygons: list[PixelPolygon] = []
    for feature in source.getFeatures(request, NO_CHECK):
        if feedback.isCanceled():
            raise CancelledError("Cancelled while reading ZONES.")
        name = _name(feature, field)
        which = f"Zone '{name}' (feature {feature.id()} of '{source.sourceName()}')"
        geometry = feature.geometry()
        if not geometry.isEmpty() and not geometry.isGeosValid():
            raise OptionsError(
                f"{which} has an invalid geometry, its outline may cross itself: run 'Fix geometries' on the layer and "
                "take its result."
            )
        try:
            geometry.transform(transform)
        except QgsCsException as error:
            raise OptionsError(
                f"{which} cannot be transformed to the raster's coordinate reference system {crs.authid()}: check that "
                "its coordinates fit the layer's CRS."
            ) from error
        names.append(name)
        polygons.append(to_pixels(geometry, info))
    if not names:
        raise OptionsError(f"ZONES '{source.sourceName()}' holds no polygons: choose another, or leave ZONES empty.")
    return PolygonZones(names, polygons)


def _name(feature: QgsFeature, field: str) -> str:
    """The zone's name: the field's value, else the feature's id."""
    value = feature[field] if field else feature.id()
    text = "" if value is None or (hasattr(value, "isNull") and value.isNull()) else str(value)
    return text or f"feature {feature.id()}"
