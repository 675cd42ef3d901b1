"""The map under review: view, drawing tools, related layers, and changes of the layer."""

from uhrs_qgis_plugin.review.map.correction_tools import BRUSH_PX, LEAST_BRUSH_PX, MOST_BRUSH_PX
from uhrs_qgis_plugin.review.map.drawing import DRAW, PAINT, Drawing
from uhrs_qgis_plugin.review.map.layer_guess import (
    CLASSES,
    IMAGE,
    KINDS,
    UNCERTAINTY,
    first_region_layer,
    guess_layers,
    is_corrections_layer,
    is_region_layer,
    remember,
)
from uhrs_qgis_plugin.review.map.layer_watch import LayerWatch
from uhrs_qgis_plugin.review.map.map_view import MapView, is_shown, set_shown

__all__ = [
    "BRUSH_PX",
    "CLASSES",
    "DRAW",
    "IMAGE",
    "KINDS",
    "LEAST_BRUSH_PX",
    "MOST_BRUSH_PX",
    "PAINT",
    "UNCERTAINTY",
    "Drawing",
    "LayerWatch",
    "MapView",
    "first_region_layer",
    "guess_layers",
    "is_corrections_layer",
    "is_region_layer",
    "is_shown",
    "remember",
    "set_shown",
]
