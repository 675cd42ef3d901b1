"""Uncertain regions of a result: found, ranked, outlined."""

from uhrs_qgis_plugin.engine.regions.class_counts import count_classes, two_largest
from uhrs_qgis_plugin.engine.regions.outline import to_wkb, trace
from uhrs_qgis_plugin.engine.regions.runs import connect
from uhrs_qgis_plugin.engine.regions.search import RegionOptions, RegionSearch, choose_band, find_regions

__all__ = [
    "RegionOptions",
    "RegionSearch",
    "choose_band",
    "connect",
    "count_classes",
    "find_regions",
    "to_wkb",
    "trace",
    "two_largest",
]
