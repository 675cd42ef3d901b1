"""The panel: its widgets, what they show, and their keys."""

from uhrs_qgis_plugin.review.panel.class_dialog import ClassDialog
from uhrs_qgis_plugin.review.panel.display import ReviewDisplay
from uhrs_qgis_plugin.review.panel.keys import ReviewKeys
from uhrs_qgis_plugin.review.panel.layers import ReviewLayers
from uhrs_qgis_plugin.review.panel.panel import ReviewPanel, scrolling

__all__ = ["ClassDialog", "ReviewDisplay", "ReviewKeys", "ReviewLayers", "ReviewPanel", "scrolling"]
