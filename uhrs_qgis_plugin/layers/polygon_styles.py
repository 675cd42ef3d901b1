"""Style of polygons of classes: the colours of the class raster, see-through, so that the image below shows."""

from __future__ import annotations

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsRendererCategory,
    QgsSimpleFillSymbolLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from uhrs_qgis_plugin.layers.palettes import UNNAMED, read_palette
from uhrs_qgis_plugin.layers.region_styles import drop_undefined_crs

OPACITY = 90  # of 255, of the inside
OUTLINE_MM = 0.3
GREY = (128, 128, 128, 255)  # of classes that the palette lacks
DARKER = 150  # per cent, of the outline


def style_class_polygons(layer: QgsVectorLayer, classes: str) -> None:
    """Give a layer of polygons the colours and names of the classes that occur in it.

    Args:
        layer: Polygons with the fields `class` and `name`.
        classes: The class raster that they were made from; without a colour table the layer keeps its style.
    """
    drop_undefined_crs(layer)
    palette = {value: (colour, name) for value, colour, name in read_palette(classes)}
    field = layer.fields().lookupField("class")
    if field < 0 or not palette:
        return
    categories = []
    for value in sorted(int(value) for value in layer.uniqueValues(field)):
        colour, name = palette.get(value, (GREY, UNNAMED.format(value)))
        categories.append(QgsRendererCategory(value, _fill(colour), name))
    layer.setRenderer(QgsCategorizedSymbolRenderer("class", categories))
    layer.setDisplayExpression('"name"')
    layer.triggerRepaint()


def _fill(colour: tuple[int, int, int, int]) -> QgsFillSymbol:
    """Make a symbol of a colour."""
    inside, outline = QColor(*colour[:3], OPACITY), QColor(*colour[:3]).darker(DARKER)
    fill = QgsSimpleFillSymbolLayer(inside)
    fill.setStrokeColor(outline)
    fill.setStrokeWidth(OUTLINE_MM)
    symbol = QgsFillSymbol()
    symbol.deleteSymbolLayer(0)
    symbol.appendSymbolLayer(fill)
    return symbol
