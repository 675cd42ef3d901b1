"""Style of regions to review: outlines that show on any image, coloured by status, with the rank as a label."""

from __future__ import annotations

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsFillSymbol,
    QgsLabelThinningSettings,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsRendererCategory,
    QgsSimpleLineSymbolLayer,
    QgsSimpleMarkerSymbolLayer,
    QgsSimpleMarkerSymbolLayerBase,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from uhrs_qgis_plugin.layers.region_fields import is_point_layer
from uhrs_qgis_plugin.translation import mark, tr

# Status -> colour, label. Distinguishable with every kind of colour blindness, and bright, as imagery seldom is.
STATUSES = {
    "open": ((255, 225, 25), mark("open")),
    "right": ((86, 180, 233), mark("right")),
    "wrong": ((255, 94, 0), mark("wrong")),
    "unsure": ((255, 255, 255), mark("unsure")),
}
CASING = (20, 20, 20, 190)  # a dark line below the bright one, for bright ground
LINE_MM, CASING_MM = 0.5, 1.1
CROSS, CROSS_MM = QgsSimpleMarkerSymbolLayerBase.Shape.Cross, 4.0
LABEL_POINTS = 8
LABELLED_MM = 3.0  # smaller ones are not labelled: from afar numbers would hide the map
MADE_FROM = "uhrs/made-from"  # custom property of a region layer: source of its uncertainty raster
UNDEFINED = "Undefined "  # prefix of the names of such CRSs


def describe_regions(layer: QgsVectorLayer, source: str | None = None) -> None:
    """Style a layer of regions that was just loaded, and note what it was made from.

    Args:
        layer: The layer.
        source: The uncertainty raster, by which the review finds its layers; None when not known.
    """
    drop_undefined_crs(layer)
    style_regions(layer)
    if source:
        layer.setCustomProperty(MADE_FROM, source)


def style_regions(layer: QgsVectorLayer) -> None:
    """Give a layer of regions its outlines and labels.

    Args:
        layer: Polygons or points with the field `status`; others keep their style. Where there is no `rank` there are
            no labels.
    """
    names = layer.fields().names()
    if "status" not in names:
        return
    symbol = cross if is_point_layer(layer) else outline
    categories = [
        QgsRendererCategory(status, symbol(colour), tr(label)) for status, (colour, label) in STATUSES.items()
    ]
    if "mean_u" not in names:  # made elsewhere: any other status means that nobody has judged the region
        categories.append(QgsRendererCategory(None, symbol(STATUSES["open"][0]), tr("not judged")))
    layer.setRenderer(QgsCategorizedSymbolRenderer("status", categories))
    if "rank" not in names:
        layer.triggerRepaint()
        return
    layer.setLabeling(QgsVectorLayerSimpleLabeling(_rank_labels()))
    layer.setLabelsEnabled(True)
    layer.setDisplayExpression("'#' || \"rank\"")
    layer.triggerRepaint()


def drop_undefined_crs(layer: QgsVectorLayer) -> None:
    """Give a layer no CRS when its file could not store that.

    A GeoPackage stores an undefined geographic one, and QGIS would transform the regions away from their raster.
    """
    if layer.crs().description().startswith(UNDEFINED):
        layer.setCrs(QgsCoordinateReferenceSystem())


def outline(colour: tuple[int, int, int]) -> QgsFillSymbol:
    """Make a bright line (red, green, blue) on a dark one, without a fill that would hide what is to be judged."""
    symbol = QgsFillSymbol()
    symbol.deleteSymbolLayer(0)
    symbol.appendSymbolLayer(QgsSimpleLineSymbolLayer(QColor(*CASING), CASING_MM))
    symbol.appendSymbolLayer(QgsSimpleLineSymbolLayer(QColor(*colour), LINE_MM))
    return symbol


def cross(colour: tuple[int, int, int]) -> QgsMarkerSymbol:
    """Make a bright cross (red, green, blue) on a dark one: the place in its middle stays free to be judged."""
    symbol = QgsMarkerSymbol()
    symbol.deleteSymbolLayer(0)
    for shade, width in ((QColor(*CASING), CASING_MM), (QColor(*colour), LINE_MM)):
        marker = QgsSimpleMarkerSymbolLayer(CROSS, CROSS_MM)
        marker.setStrokeColor(shade)
        marker.setStrokeWidth(width)
        symbol.appendSymbolLayer(marker)
    return symbol


def _rank_labels() -> QgsPalLayerSettings:
    """Label regions with their rank where they are large enough on the screen and there is room."""
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.7)
    halo.setColor(QColor(*CASING))
    text = QgsTextFormat()
    text.setSize(LABEL_POINTS)
    text.setColor(QColor(255, 255, 255))
    text.setBuffer(halo)
    settings = QgsPalLayerSettings()
    settings.fieldName = "rank"
    settings.setFormat(text)
    thinning = QgsLabelThinningSettings()
    thinning.setMinimumFeatureSize(LABELLED_MM)
    settings.setThinningSettings(thinning)
    return settings
