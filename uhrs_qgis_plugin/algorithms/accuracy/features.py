"""From a layer of QGIS to features of the engine: geometries in the CRS of the map, fields as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeatureRequest,
    QgsFeatureSource,
    QgsProcessingFeedback,
)

from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError
from uhrs_qgis_plugin.layers import SKIP_GEOMETRY_CHECKS, plain

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.vectors import Features


def check_reference(source: QgsFeatureSource, field: str, crs: QgsCoordinateReferenceSystem) -> None:
    """Check a reference layer without reading its features.

    Raises:
        OptionsError: It is empty, has no such field, or cannot be brought together with the map.
    """
    name = source.sourceName()
    if source.featureCount() == 0:
        raise OptionsError(f"REFERENCE '{name}' holds no features: choose another layer.")
    names = source.fields().names()
    if field and source.fields().lookupField(field) < 0:
        raise OptionsError(f"REFERENCE '{name}' has no field '{field}': choose one of its fields ({', '.join(names)}).")
    if not field and "status" not in (item.lower() for item in names):
        raise OptionsError(
            f"REFERENCE '{name}' holds no judgements (field 'status'): choose as FIELD the field that holds the class "
            f"({', '.join(names) or 'it has none'})."
        )
    if crs.isValid() != source.sourceCrs().isValid():
        what, other = (f"REFERENCE '{name}'", "CLASSES") if crs.isValid() else ("CLASSES", f"REFERENCE '{name}'")
        raise OptionsError(
            f"{what} has no coordinate reference system but {other} has one: set it (right click on the layer > Layer "
            "CRS), so that both can be brought together."
        )


def read_features(
    source: QgsFeatureSource,
    crs: QgsCoordinateReferenceSystem,
    crs_wkt: str,
    transforms: QgsCoordinateTransformContext,
    feedback: QgsProcessingFeedback,
) -> Features:
    """Read all features.

    Args:
        source: Points or polygons.
        crs: Of the map.
        crs_wkt: The same as a text.
        transforms: The project's choices.
        feedback: The cancel button.

    Raises:
        OptionsError: A geometry cannot be used.
        CancelledError: The user cancelled.
    """
    from uhrs_qgis_plugin.engine.vectors import Features  # loads numpy

    transform = QgsCoordinateTransform(source.sourceCrs(), crs, transforms)
    names = source.fields().names()
    columns: dict[str, list[object]] = {name: [] for name in names}
    shapes = []
    for feature in source.getFeatures(QgsFeatureRequest(), SKIP_GEOMETRY_CHECKS):
        if feedback.isCanceled():
            raise CancelledError
        for name, value in zip(names, feature.attributes()):
            columns[name].append(plain(value))
        geometry = feature.geometry()
        if geometry.isEmpty():
            shapes.append(b"")
            continue
        try:
            geometry.transform(transform)
        except QgsCsException as error:
            raise OptionsError(
                f"Feature {feature.id()} of '{source.sourceName()}' cannot be transformed to the map's coordinate "
                f"reference system {crs.authid()}: check that its coordinates fit the layer's CRS."
            ) from error
        geometry.convertToStraightSegment()
        geometry.get().dropZValue()
        geometry.get().dropMValue()
        shapes.append(bytes(geometry.asWkb()))
    return Features(crs_wkt, shapes, columns, source.sourceName())
