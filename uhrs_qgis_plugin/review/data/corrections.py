"""Drawn corrections: a table of polygons beside the regions, each with its class; written at once, like judgements."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from osgeo import gdal, ogr, osr
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsGeometry,
    QgsProject,
    QgsRendererCategory,
    QgsVectorDataProvider,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtGui import QColor

from uhrs_qgis_plugin.layers import (
    CLASS,
    CORRECTION_FIELDS,
    CORRECTIONS,
    DRAWN,
    GDAL_WKT,
    INTEGER,
    NAME,
    REGION,
    REVIEWER,
    drop_undefined_crs,
)
from uhrs_qgis_plugin.review.class_choices import ClassChoice
from uhrs_qgis_plugin.review.data.retry_locked import WriteFailedError, write_when_unlocked
from uhrs_qgis_plugin.review.errors import ReviewError
from uhrs_qgis_plugin.review.wording import tr

FILL_OPACITY = 150  # of 255: the image below still shows
OUTLINE_MM = "0.5"
# Each program that has a GeoPackage open stores its own count of features when it closes: with two people one count
# wins, and QGIS shows it. Without a row and triggers for the count, GDAL counts the features.
UNCOUNTED = (
    "DELETE FROM gpkg_ogr_contents WHERE table_name = '{}'",
    "DROP TRIGGER IF EXISTS trigger_insert_feature_count_{}",
    "DROP TRIGGER IF EXISTS trigger_delete_feature_count_{}",
)
POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry


@dataclass(frozen=True)
class Correction:
    """A drawn polygon and its class.

    Attributes:
        geometry: Polygons in the CRS of the regions.
        value: Number of the class.
        name: Name of the class.
        region: Id of the region that was shown; None = none.
        reviewer: Name of the reviewer.
        time: UTC, ISO 8601.
    """

    geometry: QgsGeometry
    value: int
    name: str
    region: int | None
    reviewer: str
    time: str


def source_of(path: str) -> str:
    """Return the table as a source of QGIS."""
    return f"{path}|layername={CORRECTIONS}"


def find_corrections(path: str | None) -> QgsVectorLayer | None:
    """Open the table of corrections in a GeoPackage; None when there is none."""
    if path is None or not os.path.isfile(path):
        return None
    layer = QgsVectorLayer(source_of(path), CORRECTIONS, "ogr")
    if not layer.isValid():
        return None
    drop_undefined_crs(layer)
    return layer


def open_corrections(path: str, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
    """Open the table of corrections; create it, and the GeoPackage, where they are missing.

    Args:
        path: A GeoPackage.
        crs: CRS of the regions, for a new table.

    Raises:
        ReviewError: It cannot be created, or a table of that name is not ours.
    """
    layer = find_corrections(path)
    if layer is None:
        reason = _create(path, crs)
        layer = find_corrections(path)
        if layer is None:
            reason = reason or tr("QGIS does not open it")
            raise ReviewError(tr("No table for corrections can be made in '{}': {}.").format(path, reason))
    if layer.geometryType() != POLYGON:
        text = tr("The table '{}' in '{}' holds no polygons and is not ours: rename it.")
        raise ReviewError(text.format(CORRECTIONS, path))
    missing = [name for name, _ in CORRECTION_FIELDS if layer.fields().lookupField(name) < 0]
    if missing:
        text = tr("The table '{}' in '{}' lacks {} and is not ours: rename it.")
        raise ReviewError(text.format(CORRECTIONS, path, ", ".join(missing)))
    return layer


def add_correction(layer: QgsVectorLayer, correction: Correction) -> int:
    """Write a polygon at once.

    Returns:
        Id of the feature.

    Raises:
        ReviewError: It is not saved.
    """
    _require_writable(layer)
    fields = layer.fields()
    feature = QgsFeature(fields)
    geometry = QgsGeometry(correction.geometry)
    geometry.convertToMultiType()
    feature.setGeometry(geometry)
    values = (correction.value, correction.name, correction.region, correction.reviewer, correction.time)
    for name, value in zip((CLASS, NAME, REGION, REVIEWER, DRAWN), values):
        feature.setAttribute(fields.lookupField(name), value)
    provider = layer.dataProvider()
    added: list[QgsFeature] = []

    def write() -> bool:
        done, added[:] = provider.addFeatures([feature])
        return bool(done)

    try:
        write_when_unlocked(provider, write)
    except WriteFailedError as error:
        raise ReviewError(tr("The correction is NOT saved: {}. Try again.").format(error)) from error
    layer.dataChanged.emit()
    layer.triggerRepaint()
    return int(added[0].id())


def remove_correction(layer: QgsVectorLayer, fid: int) -> None:
    """Delete a polygon by its feature id.

    Raises:
        ReviewError: It is still there.
    """
    _require_writable(layer)
    provider = layer.dataProvider()
    try:
        write_when_unlocked(provider, lambda: provider.deleteFeatures([fid]))
    except WriteFailedError as error:
        raise ReviewError(tr("The correction stays: {}.").format(error)) from error
    layer.dataChanged.emit()
    layer.triggerRepaint()


def has_correction(layer: QgsVectorLayer, fid: int) -> bool:
    """Whether the file still has a polygon."""
    return bool(layer.dataProvider().getFeatures(QgsFeatureRequest(fid)).nextFeature(QgsFeature()))


def show_corrections(
    layer: QgsVectorLayer, regions: QgsVectorLayer, choices: Sequence[ClassChoice], project: QgsProject
) -> QgsVectorLayer:
    """Add the corrections to the project just below the regions, whose outlines stay visible.

    Returns:
        The layer of the project: the given one, or an older one that reads the same table.
    """
    for other in project.mapLayers().values():
        if isinstance(other, QgsVectorLayer) and other.source() == layer.source():
            return other
    layer.setName(tr("Corrections of {}").format(regions.name()))
    style_corrections(layer, choices)
    project.addMapLayer(layer, False)
    root = project.layerTreeRoot()
    node = root.findLayer(regions.id())
    group = root if node is None else node.parent()
    group.insertLayer(0 if node is None else group.children().index(node) + 1, layer)
    return layer


def style_corrections(layer: QgsVectorLayer, choices: Sequence[ClassChoice]) -> None:
    """Fill each class in its colour, translucent."""
    categories = [QgsRendererCategory(choice.value, _symbol(choice.colour), choice.name) for choice in choices]
    layer.setRenderer(QgsCategorizedSymbolRenderer(CLASS, categories))
    layer.triggerRepaint()


def _symbol(colour: QColor) -> QgsFillSymbol:
    """Return a fill in the class's colour with an outline that shows on ground of that colour."""
    fill = QColor(colour)
    fill.setAlpha(FILL_OPACITY)
    parts = (fill.red(), fill.green(), fill.blue(), fill.alpha())
    return QgsFillSymbol.createSimple(
        {
            "color": ",".join(str(part) for part in parts),
            "outline_color": "20,20,20,220",
            "outline_width": OUTLINE_MM,
            "outline_style": "dot",
        }
    )


def _require_writable(layer: QgsVectorLayer) -> None:
    """Raise a ReviewError where nothing can be written now."""
    if layer.isEditable():
        text = tr("'{}' is being edited: save or cancel the edits (Toggle Editing), then go on drawing.")
        raise ReviewError(text.format(layer.name()))
    able = layer.dataProvider().capabilities() & QgsVectorDataProvider.Capability.AddFeatures
    if not able or layer.readOnly():
        text = tr("'{}' is read-only: save a copy of the regions as a GeoPackage to draw.")
        raise ReviewError(text.format(layer.name()))


def _create(path: str, crs: QgsCoordinateReferenceSystem) -> str:
    """Create the table unless there is one; returns GDAL's error, "" without."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    gdal.ErrorReset()
    try:
        dataset = gdal.OpenEx(path, gdal.OF_VECTOR | gdal.OF_UPDATE) if os.path.exists(path) else None
        if dataset is None and not os.path.exists(path):
            dataset = gdal.GetDriverByName("GPKG").Create(path, 0, 0, 0, gdal.GDT_Unknown)
        if dataset is None:
            return str(gdal.GetLastErrorMsg())
        table = dataset.CreateLayer(CORRECTIONS, _reference(crs), ogr.wkbMultiPolygon)
        for name, kind in CORRECTION_FIELDS if table is not None else ():
            table.CreateField(ogr.FieldDefn(name, ogr.OFTInteger if kind == INTEGER else ogr.OFTString))
        table = None
        for statement in UNCOUNTED:
            dataset.ExecuteSQL(statement.format(CORRECTIONS))
        dataset = None
        return str(gdal.GetLastErrorMsg())
    except RuntimeError as error:  # another plugin may have made GDAL raise
        return str(error)
    finally:
        gdal.PopErrorHandler()


def _reference(crs: QgsCoordinateReferenceSystem) -> osr.SpatialReference | None:
    """Convert a CRS to GDAL; None for an invalid one."""
    if not crs.isValid():
        return None
    reference = osr.SpatialReference()
    reference.ImportFromWkt(crs.toWkt(GDAL_WKT))
    return reference
