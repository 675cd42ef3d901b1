"""Class areas of a result, true on the ground."""

from uhrs_qgis_plugin.engine.areas.counting import ClassArea, Count, class_areas, count_areas
from uhrs_qgis_plugin.engine.areas.sources import Sources, uncertainty_cell

__all__ = ["ClassArea", "Count", "Sources", "class_areas", "count_areas", "uncertainty_cell"]
