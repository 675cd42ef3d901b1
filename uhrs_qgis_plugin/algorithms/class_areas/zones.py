"""The polygons of `uhrs:classareas`: read and checked, on the pixels of the class raster."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSource,
    QgsProcessingFeedback,
)

from uhrs_qgis_plugin.algorithms.class_areas.job import AreaJob
from uhrs_qgis_plugin.engine.areas import PixelPolygon, PolygonZones
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError
from uhrs_qgis_plugin.layers import SKIP_GEOMETRY_CHECKS, to_pixels


def check_zones(source: QgsFeatureSource, field: str, crs: QgsCoordinateReferenceSystem) -> None:
    """Check the zones without reading their features.

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
    job: AreaJob,
    transforms: QgsCoordinateTransformContext,
    feedback: QgsProcessingFeedback,
) -> PolygonZones:
    """Read the polygons.

    Args:
        source: The polygon layer, checked by `check_zones`.
        field: Name of the field that names the zones, "" for the feature ids.
        job: The raster and its CRS.
        transforms: The project's choices.
        feedback: The cancel button.

    Returns:
        The zones in the order of the layer.

    Raises:
        OptionsError: A geometry is invalid or cannot be transformed, or there are none.
        CancelledError: The user cancelled.
    """
    transform = QgsCoordinateTransform(source.sourceCrs(), job.crs, transforms)
    request = QgsFeatureRequest()
    request.setSubsetOfAttributes([field] if field else [], source.fields())
    names: list[str] = []
    polygons: list[PixelPolygon] = []
    # Geometries are checked below instead, so that the error names the zone.
    for feature in source.getFeatures(request, SKIP_GEOMETRY_CHECKS):
        if feedback.isCanceled():
            raise CancelledError
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
                f"{which} cannot be transformed to the raster's coordinate reference system {job.crs.authid()}: check "
                "that its coordinates fit the layer's CRS."
            ) from error
        names.append(name)
        polygons.append(to_pixels(geometry, job.info))
    if not names:
        raise OptionsError(f"ZONES '{source.sourceName()}' holds no polygons: choose another, or leave ZONES empty.")
    return PolygonZones(names, polygons)


def _name(feature: QgsFeature, field: str) -> str:
    """Return the name of a zone: the field's value, else the feature's id."""
    value = feature[field] if field else feature.id()
    text = "" if value is None or (hasattr(value, "isNull") and value.isNull()) else str(value)
    return text or f"feature {feature.id()}"
