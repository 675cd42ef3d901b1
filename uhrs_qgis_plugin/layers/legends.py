"""Pictures of legends, drawn by QGIS as print layouts draw theirs."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import (
    QgsLayerTree,
    QgsLayerTreeModel,
    QgsLegendRenderer,
    QgsLegendSettings,
    QgsLegendStyle,
    QgsMapLayerLegendUtils,
    QgsMultiBandColorRenderer,
    QgsRasterLayer,
    QgsRenderContext,
)
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QImage, QPainter

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.translation import tr

INCH_MM = 25.4
ROWS = 24  # entries of a column
MOST_PIXELS = 30_000  # along a side
TITLE_POINTS, LAYER_POINTS, CLASS_POINTS = 14, 11, 10


class LegendError(RasterError):
    """No legend can be drawn."""


def draw_legend(layers: Sequence[QgsRasterLayer], title: str, dpi: int, transparent: bool = False) -> QImage:
    """Draw the legend of styled rasters: every class with colour and name, the ramp of an uncertainty.

    In the thread of the layers, which need not be in a project.

    Args:
        layers: From top to bottom.
        title: Above them; "" = none.
        dpi: Pixels an inch.
        transparent: Whether the ground stays clear, instead of white.

    Returns:
        The picture, which knows its size on paper.

    Raises:
        LegendError: A layer has nothing that a legend could show, or the picture would be too large.
    """
    root = QgsLayerTree()
    model = QgsLayerTreeModel(root)
    entries = 0
    for layer in layers:
        node = root.addLayer(layer)
        nodes = layer.renderer().createLegendNodes(node)
        # The first one is the name of the band, which the name of the layer tells better.
        shown = [index for index, item in enumerate(nodes) if index or not _is_band_name(item.data(_DISPLAY), layer)]
        if not shown or isinstance(layer.renderer(), QgsMultiBandColorRenderer):
            text = tr("Layer '{}' has no legend: give it classes or a colour ramp.")
            raise LegendError(text.format(layer.name()))
        QgsMapLayerLegendUtils.setLegendNodeOrder(node, shown)
        model.refreshLayerLegend(node)
        entries += len(shown) + 1
    settings = _settings(title, -(-entries // ROWS))
    renderer = QgsLegendRenderer(model, settings)
    size = renderer.minimumSize()
    pixels = QSize(*(max(1, round(side / INCH_MM * dpi)) for side in (size.width(), size.height())))
    if max(pixels.width(), pixels.height()) > MOST_PIXELS:
        text = tr("The legend would have {} x {} pixels: choose fewer dots per inch.")
        raise LegendError(text.format(pixels.width(), pixels.height()))
    image = QImage(pixels, QImage.Format.Format_ARGB32)
    image.setDotsPerMeterX(round(dpi / INCH_MM * 1000))
    image.setDotsPerMeterY(round(dpi / INCH_MM * 1000))
    image.fill(Qt.GlobalColor.transparent if transparent else Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    context = QgsRenderContext.fromQPainter(painter)
    context.setScaleFactor(dpi / INCH_MM)
    painter.scale(dpi / INCH_MM, dpi / INCH_MM)  # legends are drawn in millimetres
    renderer.setLegendSize(size)
    renderer.drawLegend(context)
    painter.end()
    return image


_DISPLAY = Qt.ItemDataRole.DisplayRole


def _is_band_name(text: object, layer: QgsRasterLayer) -> bool:
    """Whether an entry only names the band."""
    return bool(text) and any(layer.bandName(band) in str(text) for band in range(1, layer.bandCount() + 1))


def _settings(title: str, columns: int) -> QgsLegendSettings:
    settings = QgsLegendSettings()
    settings.setTitle(title)
    settings.setColumnCount(columns)
    settings.setSplitLayer(True)
    for style, points in (
        (QgsLegendStyle.Style.Title, TITLE_POINTS),
        (QgsLegendStyle.Style.Subgroup, LAYER_POINTS),
        (QgsLegendStyle.Style.SymbolLabel, CLASS_POINTS),
    ):
        changed = settings.style(style)
        font = changed.font()
        font.setPointSizeF(points)
        changed.setFont(font)
        settings.setStyle(style, changed)
    return settings
