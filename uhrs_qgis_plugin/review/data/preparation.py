"""What a region layer needs before a session: its CRS, fields and style, or a copy that can be written."""

from __future__ import annotations

import os

from qgis.core import QgsProject, QgsVectorFileWriter, QgsVectorLayer
from qgis.PyQt.QtXml import QDomDocument

from uhrs_qgis_plugin.layers import GEOPACKAGE, add_fields, drop_undefined_crs, style_regions
from uhrs_qgis_plugin.review.data.region_store import ADD_FIELDS, RegionStore
from uhrs_qgis_plugin.review.errors import ReviewError
from uhrs_qgis_plugin.review.wording import tr

OURS = ("rank", "mean_u", "status")  # fields by which a layer of `uhrs:uncertainregions` is recognised


def open_store(layer: QgsVectorLayer) -> RegionStore:
    """Open a region layer; one of `uhrs:uncertainregions` gets its fields and style.

    Nothing is written into layers made by someone else: there the missing fields are an obstacle.

    Args:
        layer: Polygons.

    Returns:
        The rows; `obstacle` says what still has to be done before judging.
    """
    drop_undefined_crs(layer)
    store = RegionStore(layer)
    fields = layer.dataProvider().fields()
    if all(fields.lookupField(name) >= 0 for name in OURS):
        obstacle = store.obstacle()
        if obstacle is not None and obstacle.action == ADD_FIELDS:
            add_fields(layer)  # where that fails, the obstacle stays
        if layer.renderer() is not None and layer.renderer().type() == "singleSymbol":
            style_regions(layer)  # QGIS's own style is a fill, which hides what is to be judged
    return store


def add_review_fields(layer: QgsVectorLayer) -> None:
    """Add the fields that keep judgements, and colour the regions by them.

    Raises:
        ReviewError: The file does not take them.
    """
    _add_fields(layer)
    style_regions(layer)


def save_copy(layer: QgsVectorLayer, path: str, project: QgsProject) -> QgsVectorLayer:
    """Write a region layer into a new GeoPackage with the fields for judgements, and replace it in the project.

    Args:
        layer: A layer of the project.
        path: Target; '.gpkg' is appended where it is missing. An existing file is never replaced.
        project: A layer in memory leaves it, any other one is switched off.

    Returns:
        The new layer.

    Raises:
        ReviewError: The copy exists already, or cannot be written.
    """
    if not path.lower().endswith(GEOPACKAGE):
        path += GEOPACKAGE
    if os.path.exists(path):
        raise ReviewError(tr("'{}' exists already and may hold judgements: choose another name.").format(path))
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.layerName = os.path.splitext(os.path.basename(path))[0]
    options.fileEncoding = "UTF-8"
    result = QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, project.transformContext(), options)
    if result[0] != QgsVectorFileWriter.WriterError.NoError:
        raise ReviewError(tr("'{}' cannot be written: {}.").format(path, " ".join(str(result[1]).split())))
    copy = QgsVectorLayer(path, layer.name(), "ogr")
    if not copy.isValid():
        raise ReviewError(tr("'{}' was written, yet QGIS does not open it.").format(path))
    drop_undefined_crs(copy)
    _add_fields(copy)
    _copy_style(layer, copy)
    _replace_in_project(layer, copy, project)
    return copy


def _add_fields(layer: QgsVectorLayer) -> None:
    problem = add_fields(layer)
    if problem:
        raise ReviewError(problem)


def _copy_style(layer: QgsVectorLayer, copy: QgsVectorLayer) -> None:
    """Copy the style, and the custom properties that name related layers."""
    document = QDomDocument()
    layer.exportNamedStyle(document)
    copy.importNamedStyle(document)
    for key in layer.customPropertyKeys():
        if key.startswith("uhrs/"):
            copy.setCustomProperty(key, layer.customProperty(key))


def _replace_in_project(layer: QgsVectorLayer, copy: QgsVectorLayer, project: QgsProject) -> None:
    """Insert the copy above the original; remove or switch off the original."""
    project.addMapLayer(copy, False)
    root = project.layerTreeRoot()
    node = root.findLayer(layer.id())
    group = root if node is None else node.parent()
    group.insertLayer(0 if node is None else group.children().index(node), copy)
    if layer.dataProvider().name() == "memory":
        project.removeMapLayer(layer.id())
    elif node is not None:
        node.setItemVisibilityChecked(False)
