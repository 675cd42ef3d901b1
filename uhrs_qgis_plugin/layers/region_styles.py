"""How regions to review look: outlines that show on any image, coloured by status, with their rank as a label."""

from __future__ import annotations

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsFillSymbol,
    QgsLabelThinningSettings,
    QgsPalLayerSettings,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRendererCategory,
    QgsSimpleLineSymbolLayer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QColor

# Status -> colour, label. Told apart with every kind of colour blindness, and bright, as imagery seldom is.
STATUSES = {
    "open": ((255, 225, 25), "open"),
    "right": ((86, 180, 233), "right"),
    "wrong": ((255, 94, 0), "wrong"),
    "unsure": ((255, 255, 255), "unsure"),
}
CASING = (20, 20, 20, 190)  # a dark line below the bright one, for bright ground
LINE_MM, CASING_MM = 0.5, 1.1
LABEL_POINTS = 8
LABELLED_MM = 3.0  # smaller ones are not labelled: from afar numbers would hide the map
MADE_FROM = "uhrs/made-from"  # custom property of a region layer: source of its uncertainty raster
UNDEFINED = "Undefined "  # so begin the names of such CRSs


class RegionStyle(QgsProcessingLayerPostProcessorInterface):
    """Draws a layer of regions. One object per layer: the context deletes it."""

    def __init__(self, source: str | None = None) -> None:
        """Remember what the regions were made from.

        Args:
            source: The uncertainty raster; None when not known.
        """
        super().__init__()
        self._source = source

    def postProcessLayer(  # noqa: D102 (inherited)
        self,
        layer: QgsVectorLayer,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> None:
        drop_undefined_crs(layer)
        style_regions(layer)
        if self._source:
            layer.setCustomProperty(MADE_FROM, self._source)


# QGIS keeps a bare pointer: the Python objects must live until the context that holds it has deleted them.
_STYLES: list[RegionStyle] = []


def region_style(source: str | None = None) -> RegionStyle:
    """Make a post-processor that lives as long as its context needs it.

    Args:
        source: The uncertainty raster that the regions were made from; the review finds its layers by it.
    """
    _STYLES[:] = [style for style in _STYLES if not sip.isdeleted(style)]
    _STYLES.append(RegionStyle(source))
    return _STYLES[-1]


def style_regions(layer: QgsVectorLayer) -> None:
    """Give a layer of regions its outlines and labels.

    Args:
        layer: Polygons with the field `status`; others keep their style. Where there is no `rank` there are no labels.
    """
    names = layer.fields().names()
    if "status" not in names:
        return
    categories = [QgsRendererCategory(status, outline(colour), label) for status, (colour, label) in STATUSES.items()]
    if "mean_u" not in names:  # made by someone else: whatever else it says means that nobody has judged here
        categories.append(QgsRendererCategory(None, outline(STATUSES["open"][0]), "not judged"))
    layer.setRenderer(QgsCategorizedSymbolRenderer("status", categories))
    if "rank" not in names:
        layer.triggerRepaint()
        return
    layer.setLabeling(QgsVectorLayerSimpleLabeling(_rank_labels()))
    layer.setLabelsEnabled(True)
    layer.setDisplayExpression("'#' || \"rank\"")
    layer.triggerRepaint()


def drop_undefined_crs(layer: QgsVectorLayer) -> None:
    """Let a layer have no CRS when its file could not say so.

    A GeoPackage calls it an undefined geographic one, and QGIS would transform the regions away from their raster.

    Args:
        layer: Any layer.
    """
    if layer.crs().description().startswith(UNDEFINED):
        layer.setCrs(QgsCoordinateReferenceSystem())


def outline(colour: tuple[int, int, int]) -> QgsFillSymbol:
    """Make a bright line on a dark one, without a fill that would hide what is to be judged.

    Args:
        colour: Red, green, blue.

    Returns:
        The symbol.
    """
    symbol = QgsFillSymbol()
    symbol.deleteSymbolLayer(0)
    symbol.appendSymbolLayer(QgsSimpleLineSymbolLayer(QColor(*CASING), CASING_MM))
    symbol.appendSymbolLayer(QgsSimpleLineSymbolLayer(QColor(*colour), LINE_MM))
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
