"""Where judgements are kept: fields of a region layer, and a table of drawn corrections beside it."""

from __future__ import annotations

import os
from datetime import datetime, timezone

from qgis.core import (
    QgsField,
    QgsMapLayer,
    QgsProviderRegistry,
    QgsVectorDataProvider,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QVariant

from uhrs_qgis_plugin.layers.qgis_versions import INTEGER, TEXT

OPEN, RIGHT, WRONG, UNSURE = "open", "right", "wrong", "unsure"

JUDGED = (RIGHT, WRONG, UNSURE)

STATUS, NEW_CLASS, NEW_NAME, REVIEWER, REVIEWED = "status", "new_class", "new_name", "reviewer", "reviewed"

REVIEW_FIELDS = ((STATUS, TEXT), (NEW_CLASS, INTEGER), (NEW_NAME, TEXT), (REVIEWER, TEXT), (REVIEWED, TEXT))

CORRECTIONS = "corrections"  # the table

CLASS, NAME, REGION, DRAWN = "class", "name", "region", "drawn"

CORRECTION_FIELDS = ((CLASS, INTEGER), (NAME, TEXT), (REGION, INTEGER), (REVIEWER, TEXT), (DRAWN, TEXT))

GEOPACKAGE = ".gpkg"


def plain(value: object) -> object:
    """Return the Python value of an attribute: None for NULL."""
    return None if isinstance(value, QVariant) and value.isNull() else value


def now() -> str:
    """Return the time as fields and files store it: UTC, ISO 8601, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def is_point_layer(layer: QgsMapLayer | None) -> bool:
    """Whether a layer holds points: those of a sample, where a review has regions otherwise."""
    return isinstance(layer, QgsVectorLayer) and layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry


def missing_fields(layer: QgsVectorLayer) -> list[str]:
    """Name the fields that a region layer lacks for keeping judgements."""
    return [name for name, _ in REVIEW_FIELDS if layer.dataProvider().fields().lookupField(name) < 0]


def unfit_fields(layer: QgsVectorLayer) -> list[str]:
    """Name the fields that exist, but with a type that cannot hold judgements."""
    fields = layer.dataProvider().fields()
    unfit = []
    for name, kind in REVIEW_FIELDS:
        index = fields.lookupField(name)
        if index >= 0 and (kind == INTEGER) != fields.at(index).isNumeric():
            unfit.append(name)
    return unfit


def add_fields(layer: QgsVectorLayer) -> str:
    """Add the fields that are missing.

    Args:
        layer: A region layer that is not being edited.

    Returns:
        "" when all exist, else one line with the reason.
    """
    wanted = missing_fields(layer)
    kinds = dict(REVIEW_FIELDS)
    provider = layer.dataProvider()
    able = bool(provider.capabilities() & QgsVectorDataProvider.Capability.AddAttributes)
    if wanted and able:
        able = provider.addAttributes([QgsField(name, kinds[name]) for name in wanted])
        layer.updateFields()
    left = missing_fields(layer)
    if left or not able:
        return (
            f"The fields {', '.join(left or wanted)} cannot be added to '{layer.name()}': save it as a GeoPackage in a "
            "folder that you may write to, and review that."
        )
    return ""


def source_file(layer: QgsVectorLayer) -> str | None:
    """Name the file that a layer is read from; None for memory, databases and files inside archives."""
    if layer.dataProvider() is None or layer.dataProvider().name() != "ogr":
        return None
    path = QgsProviderRegistry.instance().decodeUri("ogr", layer.source()).get("path") or ""
    return path if os.path.isfile(path) else None


def corrections_path(layer: QgsVectorLayer) -> str | None:
    """Name the GeoPackage that holds the corrections of a region layer.

    Returns:
        Its own GeoPackage; for another format 'regions_corrections.gpkg' beside 'regions.shp'; None when the layer is
        read from no file.
    """
    path = source_file(layer)
    if path is None or path.lower().endswith(GEOPACKAGE):
        return path
    return f"{os.path.splitext(path)[0]}_{CORRECTIONS}{GEOPACKAGE}"
