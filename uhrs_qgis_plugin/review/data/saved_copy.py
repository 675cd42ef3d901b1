"""A copy of a region layer as a GeoPackage: for layers in memory, and for files that cannot be written."""

from __future__ import annotations

import os

from qgis.core import QgsProject, QgsVectorFileWriter, QgsVectorLayer
from qgis.PyQt.QtXml import QDomDocument

from uhrs_qgis_plugin.layers.region_fields import GEOPACKAGE, add_fields
from uhrs_qgis_plugin.layers.region_styles import drop_undefined_crs
from uhrs_qgis_plugin.review.wording import tr


def save_copy(layer: QgsVectorLayer, path: str, project: QgsProject) -> tuple[QgsVectorLayer | None, str]:
    """Write a region layer into a new GeoPackage, add the fields for judgements, and put it in the old one's place.

    Args:
        layer: A layer of the project.
        path: Where to; '.gpkg' is added where it is missing. A file that is there is never replaced.
        project: The project. A layer in memory leaves it, any other one is switched off.

    Returns:
        The new layer and "", or None and one line that says why there is none.
    """
    if not path.lower().endswith(GEOPACKAGE):
        path += GEOPACKAGE
    if os.path.exists(path):
        return None, tr("'{}' exists already and may hold judgements: choose another name.").format(path)
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.layerName = os.path.splitext(os.path.basename(path))[0]
    options.fileEncoding = "UTF-8"
    result = QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, project.transformContext(), options)
    if result[0] != QgsVectorFileWriter.WriterError.NoError:
        return None, tr("'{}' cannot be written: {}.").format(path, " ".join(str(result[1]).split()))
    copy = QgsVectorLayer(path, layer.name(), "ogr")
    if not copy.isValid():
        return None, tr("'{}' was written, yet QGIS does not open it.").format(path)
    drop_undefined_crs(copy)
    problem = add_fields(copy)
    if problem:
        return None, problem
    _take_over_looks(layer, copy)
    _take_over_place(layer, copy, project)
    return copy, ""


def _take_over_looks(layer: QgsVectorLayer, copy: QgsVectorLayer) -> None:
    """Draw the copy like the original, and let it know of the same layers."""
    document = QDomDocument()
    layer.exportNamedStyle(document)
    copy.importNamedStyle(document)
    for key in layer.customPropertyKeys():
        if key.startswith("uhrs/"):
            copy.setCustomProperty(key, layer.customProperty(key))


def _take_over_place(layer: QgsVectorLayer, copy: QgsVectorLayer, project: QgsProject) -> None:
    """Put the copy above the original."""
    project.addMapLayer(copy, False)
    root = project.layerTreeRoot()
    node = root.findLayer(layer.id())
    group = root if node is None else node.parent()
    group.insertLayer(0 if node is None else group.children().index(node), copy)
    if layer.dataProvider().name() == "memory":
        project.removeMapLayer(layer.id())
    elif node is not None:
        node.setItemVisibilityChecked(False)
