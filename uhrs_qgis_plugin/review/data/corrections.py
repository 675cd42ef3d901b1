"""Drawn corrections: a table of polygons beside the regions, each with its class; written at once, like judgements."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from osgeo import gdal, ogr, osr
from qgis.core import (
    Qgis,
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

from uhrs_qgis_plugin.layers.qgis_versions import INTEGER
from uhrs_qgis_plugin.layers.region_fields import CLASS, CORRECTION_FIELDS, CORRECTIONS, DRAWN, NAME, REGION, REVIEWER
from uhrs_qgis_plugin.layers.region_styles import drop_undefined_crs
from uhrs_qgis_plugin.review.class_choices import ClassChoice
from uhrs_qgis_plugin.review.data.retry_locked import write_patiently
from uhrs_qgis_plugin.review.wording import tr

FILL_OPACITY = 150  # of 255: the image below still shows
OUTLINE_MM = "0.5"
POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry
# The enum moved into Qgis in 3.36.
if hasattr(Qgis, "CrsWktVariant"):
    WKT = Qgis.CrsWktVariant.PreferredGdal
else:
    WKT = QgsCoordinateReferenceSystem.WKT_PREFERRED_GDAL


@dataclass(frozen=True)
class Correction:
    """A polygon and what it is.

    Attributes:
        geometry: Polygons in the CRS of the regions.
        value: Number of the class.
        name: Its name.
        region: Id of the region that was shown, None without.
        reviewer: Who drew.
        time: When, UTC, ISO 8601.
    """

    geometry: QgsGeometry
    value: int
    name: str
    region: int | None
    reviewer: str
    time: str


def source_of(path: str) -> str:
    """Name the table for QGIS."""
    return f"{path}|layername={CORRECTIONS}"


def find_corrections(path: str | None) -> QgsVectorLayer | None:
    """Open the table of corrections where there is one.

    Args:
        path: A GeoPackage; None finds nothing.
    """
    if path is None or not os.path.isfile(path):
        return None
    layer = QgsVectorLayer(source_of(path), CORRECTIONS, "ogr")
    if not layer.isValid():
        return None
    drop_undefined_crs(layer)
    return layer


def open_corrections(path: str, crs: QgsCoordinateReferenceSystem) -> tuple[QgsVectorLayer | None, str]:
    """Open the table of corrections; make it, and the GeoPackage, where they are missing.

    Args:
        path: A GeoPackage.
        crs: CRS of the regions, for a new table.

    Returns:
        The layer and "", or None and one line that says why it cannot be had.
    """
    layer = find_corrections(path)
    if layer is None:
        said = _create(path, crs)
        layer = find_corrections(path)
        if layer is None:
            said = said or tr("QGIS does not open it")
            return None, tr("No table for corrections can be made in '{}': {}.").format(path, said)
    if layer.geometryType() != POLYGON:
        return None, tr("The table '{}' in '{}' holds no polygons and is not ours: rename it.").format(
            CORRECTIONS, path
        )
    lacking = [name for name, _ in CORRECTION_FIELDS if layer.fields().lookupField(name) < 0]
    if lacking:
        text = tr("The table '{}' in '{}' lacks {} and is not ours: rename it.")
        return None, text.format(CORRECTIONS, path, ", ".join(lacking))
    return layer, ""


def add_correction(layer: QgsVectorLayer, correction: Correction) -> tuple[int | None, str]:
    """Write a polygon at once.

    Args:
        layer: The corrections.
        correction: What to write.

    Returns:
        Id of the feature and "", or None and one line that says why it is not saved.
    """
    problem = obstacle(layer)
    if problem:
        return None, problem
    fields = layer.fields()
    feature = QgsFeature(fields)
    geometry = QgsGeometry(correction.geometry)
    geometry.convertToMultiType()
    feature.setGeometry(geometry)
    values = (correction.value, correction.name, correction.region, correction.reviewer, correction.time)
    for name, value in zip((CLASS, NAME, REGION, REVIEWER, DRAWN), values):
        feature.setAttribute(fields.lookupField(name), value)
    provider, added = layer.dataProvider(), []

    def write() -> bool:
        fine, added[:] = provider.addFeatures([feature])
        return fine

    said = write_patiently(provider, write)
    if said:
        return None, tr("The correction is NOT saved: {}. Try again.").format(said)
    layer.dataChanged.emit()
    layer.triggerRepaint()
    return added[0].id(), ""


def remove_correction(layer: QgsVectorLayer, fid: int) -> str:
    """Take a polygon back.

    Args:
        layer: The corrections.
        fid: Id of its feature.

    Returns:
        "" when it is gone, else one line that says why not.
    """
    problem = obstacle(layer)
    if problem:
        return problem
    provider = layer.dataProvider()
    said = write_patiently(provider, lambda: provider.deleteFeatures([fid]))
    if said:
        return tr("The correction stays: {}.").format(said)
    layer.dataChanged.emit()
    layer.triggerRepaint()
    return ""


def has_correction(layer: QgsVectorLayer, fid: int) -> bool:
    """Whether a polygon is still there."""
    return layer.dataProvider().getFeatures(QgsFeatureRequest(fid)).nextFeature(QgsFeature())


def obstacle(layer: QgsVectorLayer) -> str:
    """Say why nothing can be drawn, "" when it can."""
    if layer.isEditable():
        text = tr("'{}' is being edited: save or cancel the edits (Toggle Editing), then go on drawing.")
        return text.format(layer.name())
    able = layer.dataProvider().capabilities() & QgsVectorDataProvider.Capability.AddFeatures
    if not able or layer.readOnly():
        return tr("'{}' is read-only: save a copy of the regions as a GeoPackage to draw.").format(layer.name())
    return ""


def show_corrections(
    layer: QgsVectorLayer, regions: QgsVectorLayer, choices: Sequence[ClassChoice], project: QgsProject
) -> QgsVectorLayer:
    """Have the corrections in the project, just below the regions, so that the regions' outlines stay in sight.

    Args:
        layer: The corrections.
        regions: The region layer.
        choices: The classes, for the colours.
        project: The project.

    Returns:
        The layer of the project: the one given, or an older one that reads the same table.
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
    """Draw each class in its colour, a little of the image showing through.

    Args:
        layer: The corrections.
        choices: The classes.
    """
    categories = [QgsRendererCategory(choice.value, _symbol(choice.colour), choice.name) for choice in choices]
    layer.setRenderer(QgsCategorizedSymbolRenderer(CLASS, categories))
    layer.triggerRepaint()


def _symbol(colour: QColor) -> QgsFillSymbol:
    """Fill in a class's colour, and an outline that shows on ground of that colour."""
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


def _create(path: str, crs: QgsCoordinateReferenceSystem) -> str:
    """Make the table; never over one that is there. Returns what GDAL said."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    gdal.ErrorReset()
    try:
        dataset = gdal.OpenEx(path, gdal.OF_VECTOR | gdal.OF_UPDATE) if os.path.exists(path) else None
        if dataset is None and not os.path.exists(path):
            dataset = gdal.GetDriverByName("GPKG").Create(path, 0, 0, 0, gdal.GDT_Unknown)
        if dataset is None:
            return gdal.GetLastErrorMsg()
        table = dataset.CreateLayer(CORRECTIONS, _reference(crs), ogr.wkbMultiPolygon)
        for name, kind in CORRECTION_FIELDS if table is not None else ():
            table.CreateField(ogr.FieldDefn(name, ogr.OFTInteger if kind == INTEGER else ogr.OFTString))
        table = dataset = None
        return gdal.GetLastErrorMsg()
    except RuntimeError as error:  # another plugin may have made GDAL raise
        return str(error)
    finally:
        gdal.PopErrorHandler()


def _reference(crs: QgsCoordinateReferenceSystem) -> osr.SpatialReference | None:
    """Hand a CRS to GDAL; None when there is none."""
    if not crs.isValid():
        return None
    reference = osr.SpatialReference()
    reference.ImportFromWkt(crs.toWkt(WKT))
    return reference
