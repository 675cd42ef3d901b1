"""The classes to choose from: numbers, names and colours of a class raster, however it stores them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from osgeo import gdal
from qgis.core import QgsPalettedRasterRenderer, QgsRasterLayer
from qgis.PyQt.QtGui import QColor, QIcon, QPainter, QPixmap

from uhrs_qgis_plugin.engine.results import NODATA
from uhrs_qgis_plugin.layers import read_palette

MOST_CLASSES = NODATA  # all smaller numbers may be classes

NUMBERED = re.compile(r"class (\d{1,3})")  # the names in regions of a raster without names

COLOURLESS = QColor(150, 150, 150)


@dataclass(frozen=True)
class ClassChoice:
    """A class.

    Attributes:
        value: Number in the class raster; None where only the name is known.
        name: Name, or the number as text.
        colour: Colour on the map.
    """

    value: int | None
    name: str
    colour: QColor


def read_choices(layer: QgsRasterLayer | None) -> list[ClassChoice]:
    """Read the classes of a class raster.

    Returns:
        Ordered by number, from the layer's renderer, else from the file's colour table or attribute table.
    """
    if layer is None or not layer.isValid():
        return []
    renderer, provider = layer.renderer(), layer.dataProvider()
    choices = []
    if isinstance(renderer, QgsPalettedRasterRenderer):
        drawn = [(int(item.value), item.label, item.color) for item in renderer.classes()]
        choices = [ClassChoice(value, name or str(value), QColor(colour)) for value, name, colour in drawn]
    if provider.name() == "gdal":
        palette = [ClassChoice(value, name, QColor(*colour)) for value, colour, name in read_palette(layer.source())]
        if not choices or _is_made_by_qgis(choices, palette):
            choices = palette or choices or _attribute_table(layer.source())
    nothing = provider.sourceNoDataValue(1) if provider.sourceHasNoDataValue(1) else None
    return _sorted(choice for choice in choices if choice.value != nothing)


def choices_of_names(names: Iterable[str | None]) -> list[ClassChoice]:
    """Make choices of the class names in regions, where there is no class raster.

    Returns:
        Ordered by name; with a number only where the name is one.
    """
    found = sorted({name for name in names if name})[:MOST_CLASSES]
    matches = [NUMBERED.fullmatch(name) for name in found]
    return [
        ClassChoice(None if match is None else int(match.group(1)), name, COLOURLESS)
        for name, match in zip(found, matches)
    ]


def _is_made_by_qgis(choices: list[ClassChoice], palette: list[ClassChoice]) -> bool:
    """Whether nobody has styled a raster that names its classes: QGIS then draws all 256 entries of its colour table.

    Some versions take the names of the file, others number all entries.
    """
    named = {choice.value: choice.name for choice in palette if not NUMBERED.fullmatch(choice.name)}
    own = [choice.name for choice in choices if choice.name not in (str(choice.value), named.get(choice.value))]
    return bool(named) and len(choices) > len(palette) and not own


def _sorted(choices: Iterable[ClassChoice]) -> list[ClassChoice]:
    """Sort by number, at most `MOST_CLASSES`."""
    return sorted(choices, key=lambda choice: choice.value or 0)[:MOST_CLASSES]


def _attribute_table(path: str) -> list[ClassChoice]:
    """Read a raster attribute table; empty where there is none with numbers and names."""
    dataset = gdal.Open(path)
    table = None if dataset is None else dataset.GetRasterBand(1).GetDefaultRAT()
    if table is None:
        return []
    columns = [table.GetColOfUsage(usage) for usage in (gdal.GFU_MinMax, gdal.GFU_Name)]
    if columns[0] < 0:
        columns[0] = table.GetColOfUsage(gdal.GFU_Min)
    if min(columns) < 0:
        return []
    colours = [table.GetColOfUsage(usage) for usage in (gdal.GFU_Red, gdal.GFU_Green, gdal.GFU_Blue)]
    choices = []
    for row in range(min(table.GetRowCount(), MOST_CLASSES)):
        parts = [table.GetValueAsInt(row, column) for column in colours] if min(colours) >= 0 else None
        value, name = table.GetValueAsInt(row, columns[0]), table.GetValueAsString(row, columns[1])
        colour = COLOURLESS if parts is None else QColor(*(max(0, min(255, part)) for part in parts))
        choices.append(ClassChoice(value, name or str(value), colour))
    return choices


SWATCH = 14  # pixels

RIM = QColor(90, 90, 90)


def swatch(colour: QColor) -> QIcon:
    """Paint a small square in a colour, with a rim that shows on any ground; selected rows do not tint it."""
    pixmap = QPixmap(SWATCH, SWATCH)
    opaque = QColor(colour)
    opaque.setAlpha(255)
    pixmap.fill(opaque)
    painter = QPainter(pixmap)
    painter.setPen(RIM)
    painter.drawRect(0, 0, SWATCH - 1, SWATCH - 1)
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
