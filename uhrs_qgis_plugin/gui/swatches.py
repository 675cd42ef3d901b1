"""Small squares of colour in lists."""

from __future__ import annotations

from qgis.PyQt.QtGui import QColor, QIcon, QPainter, QPixmap

SWATCH = 14  # pixels
RIM = QColor(90, 90, 90)


def swatch(colour: QColor) -> QIcon:
    """Paint a small square in a colour, with a rim that shows on any ground; chosen rows do not tint it."""
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
