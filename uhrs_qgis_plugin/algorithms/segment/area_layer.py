"""A layer to draw an area of interest in, with QGIS's own tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import Qgis, QgsFillSymbol, QgsProject, QgsSingleSymbolRenderer, QgsVectorLayer

from uhrs_qgis_plugin.translation import tr

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

MARK = "uhrs/area"  # custom property of layers that were made here
OUTLINE = {"color": "0,0,0,0", "outline_color": "255,0,255,255", "outline_width": "0.8"}  # shows on any image


def draw_area(iface: QgisInterface) -> QgsVectorLayer:
    """Let the user draw polygons: in the layer that was made for it before, else in a new one.

    Returns:
        The layer; it need not be saved, runs take what is drawn.
    """
    project = QgsProject.instance()
    made = [layer for layer in project.mapLayers().values() if layer.customProperty(MARK)]
    layer = made[0] if made else _make_layer(project, iface)
    iface.setActiveLayer(layer)
    layer.startEditing()
    iface.actionAddFeature().trigger()
    text = tr("click the corners, right click to end. Then choose this layer as area of interest in 'Segment raster'.")
    iface.messageBar().pushMessage(layer.name(), text, Qgis.MessageLevel.Info, 0)
    return layer


def _make_layer(project: QgsProject, iface: QgisInterface) -> QgsVectorLayer:
    """Add an empty layer in the CRS of the map."""
    layer = QgsVectorLayer("Polygon", tr("Area of interest"), "memory")
    layer.setCrs(iface.mapCanvas().mapSettings().destinationCrs())
    layer.setRenderer(QgsSingleSymbolRenderer(QgsFillSymbol.createSimple(OUTLINE)))
    layer.setCustomProperty(MARK, True)
    layer.setCustomProperty("skipMemoryLayersCheck", 1)  # QGIS need not ask to save it
    project.addMapLayer(layer)
    return layer
