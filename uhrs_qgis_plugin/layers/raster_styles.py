"""Styles of class and uncertainty rasters: palette and colour ramp.

Both read everything from the layer itself, so they suit the output of any model.
"""

from __future__ import annotations

from qgis.core import (
    QgsBilinearRasterResampler,
    QgsColorRampLegendNodeSettings,
    QgsColorRampShader,
    QgsGradientColorRamp,
    QgsGradientStop,
    QgsPalettedRasterRenderer,
    QgsRasterLayer,
    QgsRasterShader,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtGui import QColor

from uhrs_qgis_plugin.layers.palettes import read_palette
from uhrs_qgis_plugin.layers.qgis_versions import LINEAR_INTERPOLATION
from uhrs_qgis_plugin.translation import tr

# Nothing is drawn up to here. The U of models whose estimator was not trained on the low stream's errors stays near
# 0.25 even where they are sure: U is the mean of two terms, and the second is a sigmoid that rests at about one half.
SURE = 0.25

# Uncertainty -> red, green, blue, opacity. The colours are steps of "plasma": perceptually uniform, distinguishable
# with every kind of colour blindness, and bright where attention is wanted.
RAMP = (
    (SURE, (13, 8, 135, 0)),
    (0.32, (65, 4, 157, 60)),
    (0.40, (126, 3, 168, 110)),
    (0.50, (180, 46, 141, 160)),
    (0.60, (216, 87, 107, 200)),
    (0.70, (244, 136, 73, 225)),
    (0.85, (252, 190, 43, 240)),
    (1.00, (240, 249, 33, 250)),
)


def style_classes(layer: QgsRasterLayer) -> None:
    """Give a layer the palette of its file.

    Args:
        layer: A class raster; one without a colour table keeps its style.
    """
    classes = [
        QgsPalettedRasterRenderer.Class(value, QColor(*colour), name)
        for value, colour, name in read_palette(layer.source())
    ]
    if not classes:
        return
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
    layer.triggerRepaint()


def uncertainty_ramp() -> QgsGradientColorRamp:
    """Return the ramp from `SURE` to 1, with its steps where `RAMP` has them."""
    colours = [(QColor(*colour), (value - SURE) / (1 - SURE)) for value, colour in RAMP]
    stops = [QgsGradientStop(offset, colour) for colour, offset in colours[1:-1]]
    return QgsGradientColorRamp(colours[0][0], colours[-1][0], False, stops)


def style_uncertainty(layer: QgsRasterLayer) -> None:
    """Give a layer the uncertainty ramp on band 1 (U), smooth when zoomed in.

    Args:
        layer: An uncertainty raster with numbers in 0..1 after the file's own scale.
    """
    function = QgsColorRampShader(SURE, 1.0)
    function.setColorRampType(LINEAR_INTERPOLATION)
    function.setColorRampItemList(
        [QgsColorRampShader.ColorRampItem(value, QColor(*colour), f"{value:.2f}") for value, colour in RAMP]
    )
    # The symbology panel shows this ramp, and makes the items anew from it when another band or range is chosen.
    function.setSourceColorRamp(uncertainty_ramp())
    legend = QgsColorRampLegendNodeSettings()
    legend.setMinimumLabel(tr("up to {}: sure").format(f"{SURE:g}"))
    legend.setMaximumLabel(tr("1: unsure"))
    function.setLegendSettings(legend)
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(function)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
    renderer.setClassificationMin(SURE)
    renderer.setClassificationMax(1.0)
    layer.setRenderer(renderer)
    resampling = layer.resampleFilter()
    if resampling is not None:
        resampling.setZoomedInResampler(QgsBilinearRasterResampler())
        resampling.setZoomedOutResampler(QgsBilinearRasterResampler())
    layer.triggerRepaint()
