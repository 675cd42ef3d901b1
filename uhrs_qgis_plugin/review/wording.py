"""Translated texts, and areas and numbers in the user's locale."""

from __future__ import annotations

from qgis.PyQt.QtCore import QLocale

from uhrs_qgis_plugin.translation import mark, tr

__all__ = ["area_text", "mark", "number_text", "tr"]

HECTARE, SQUARE_KM = 1e4, 1e6  # square metres


def area_text(area: float, in_metres: bool) -> str:
    """Format an area with three figures: '420 m²', '1.26 ha'.

    Args:
        area: Square metres, or square units of a map without CRS.
        in_metres: Whether `area` is in square metres.
    """
    locale = QLocale()
    if not in_metres:
        return tr("{} square units").format(locale.toString(area, "g", 3))
    for size, unit in ((SQUARE_KM, "km²"), (HECTARE, "ha")):
        if area >= size:
            return f"{locale.toString(area / size, 'f', 2)} {unit}"
    return f"{locale.toString(area, 'f', 0 if area >= 10 else 1)} m²"


def number_text(value: float | None) -> str:
    """Format an uncertainty: '0.71'; a dash for an unknown one."""
    return "–" if value is None else QLocale().toString(value, "f", 2)  # noqa: RUF001 (a dash is meant)
