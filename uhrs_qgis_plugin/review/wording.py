"""Texts for people in their language, and numbers as people write them."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication, QLocale

HECTARE, SQUARE_KM = 1e4, 1e6  # square metres


def tr(text: str) -> str:
    """Translate a text for people."""
    return QCoreApplication.translate("UhrsReview", text)


def area_text(area: float, in_metres: bool) -> str:
    """Write an area with three figures: '420 m²', '1.26 ha'.

    Args:
        area: Square metres, or square units of a map without CRS.
        in_metres: Which of both.
    """
    locale = QLocale()
    if not in_metres:
        return tr("{} square units").format(locale.toString(area, "g", 3))
    for size, unit in ((SQUARE_KM, "km²"), (HECTARE, "ha")):
        if area >= size:
            return f"{locale.toString(area / size, 'f', 2)} {unit}"
    return f"{locale.toString(area, 'f', 0 if area >= 10 else 1)} m²"


def number_text(value: float | None) -> str:
    """Write an uncertainty: '0.71'; a dash where it is not known."""
    return "–" if value is None else QLocale().toString(value, "f", 2)  # noqa: RUF001 (a dash is meant)
