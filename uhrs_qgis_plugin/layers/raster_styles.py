"""How the two outputs look when they load as layers: class palette and uncertainty ramp.

Both read everything from the layer itself, so they hold for any model. `result_layers` calls them when a run is done.
"""

from __future__ import annotations

from osgeo import gdal
from qgis.core import (
    Qgis,
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

# Uncertainty -> red, green, blue, opacity. The colours are steps of "plasma": evenly spaced to the eye, told
# apart with every kind of colour blindness, and bright where attention is wanted. Below SURE nothing is drawn.
# Below this nothing is drawn. Models whose estimator was not taught the low stream's errors have a U that rests near
# 0.25 even where they are sure: a sigmoid of about one half counts for half of it.
SURE = 0.25
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
SURE_LABEL, UNSURE_LABEL = f"up to {SURE:g}: sure", "1: unsure"
UNNAMED = "class {}"

# The enum moved into Qgis in 3.38.
if hasattr(Qgis, "ShaderInterpolationMethod"):
    INTERPOLATED = Qgis.ShaderInterpolationMethod.Linear
else:
    INTERPOLATED = QgsColorRampShader.Type.Interpolated


def read_palette(path: str) -> list[tuple[int, tuple[int, int, int, int], str]]:
    """Read the classes that a class raster carries.

    Args:
        path: A raster whose band 1 has a colour table and, as a rule, category names.

    Returns:
        (value, (red, green, blue, opacity), name) per class in order of the value, without the no-data value;
        empty when the file has no colour table.
    """
    dataset = gdal.Open(path)
    if dataset is None:
        return []
    band = dataset.GetRasterBand(1)
    table = band.GetColorTable()
    if table is None:
        return []
    names = band.GetCategoryNames() or _names_inside(dataset)
    # A TIFF's table always has 256 entries: the names say how many are meant.
    values = range(len(names)) if names else range(table.GetCount())
    return [
        (value, tuple(table.GetColorEntry(value)), names[value] if names else UNNAMED.format(value))
        for value in values
        if value != band.GetNoDataValue() and (names or any(table.GetColorEntry(value)[:3]))
    ]


def _names_inside(dataset: gdal.Dataset) -> list[str]:
    """Read the names from the file itself, for a file that travelled without its .aux.xml."""
    items = dataset.GetMetadata()
    names = []
    while f"CLASS_{len(names)}" in items:
        names.append(items[f"CLASS_{len(names)}"])
    return names


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
    function.setColorRampType(INTERPOLATED)
    function.setColorRampItemList(
        [QgsColorRampShader.ColorRampItem(value, QColor(*colour), f"{value:.2f}") for value, colour in RAMP]
    )
    # The symbology panel shows this ramp, and makes the items anew from it when another band or range is chosen.
    function.setSourceColorRamp(uncertainty_ramp())
    legend = QgsColorRampLegendNodeSettings()
    legend.setMinimumLabel(SURE_LABEL)
    legend.setMaximumLabel(UNSURE_LABEL)
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
