"""`uhrs:legend`: class and uncertainty rasters -> a picture of their legend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsRasterLayer,
)
from qgis.PyQt.QtGui import QImage

from uhrs_qgis_plugin.algorithms.base import SEGMENTATION, Outcome, UhrsAlgorithm
from uhrs_qgis_plugin.algorithms.parameters import Parameter, ParameterValues
from uhrs_qgis_plugin.engine.errors import OptionsError, OutputError
from uhrs_qgis_plugin.engine.files import replacing
from uhrs_qgis_plugin.layers import (
    INTEGER_NUMBER,
    NO_THREADING,
    RASTER_INPUTS,
    draw_legend,
    style_classes,
    style_uncertainty,
)

LEAST_DPI, DPI, MOST_DPI = 50, 300, 1200


@dataclass(frozen=True)
class LegendJob:
    """What is written.

    Attributes:
        picture: The legend.
    """

    picture: QImage


class LegendAlgorithm(UhrsAlgorithm):
    """Writes a picture of a legend."""

    NAME = "legend"
    TITLE = "Legend as a picture"
    GROUP = SEGMENTATION
    TAGS = "legend,key,print layout,map,picture,png,classes,uncertainty,colours"
    SUMMARY = (
        "Draws the legend of class and uncertainty rasters as a picture for a print layout, a report or a slide: every "
        "class with colour and name, and the ramp of the uncertainty, as the layers are styled now."
    )
    PARAMETERS = {
        "LAYERS": Parameter(
            "Rasters",
            "The layers whose legend is drawn, such as the classes and the uncertainty of a run.",
            QgsProcessingParameterMultipleLayers,
            {"layerType": RASTER_INPUTS},
        ),
        "TITLE": Parameter(
            "Title", "Written above the legend.", QgsProcessingParameterString, {"optional": True, "defaultValue": ""}
        ),
        "DPI": Parameter(
            "Dots per inch",
            "Pixels per inch of paper: 300 for print, 96 for a screen.",
            QgsProcessingParameterNumber,
            {"type": INTEGER_NUMBER, "defaultValue": DPI, "minValue": LEAST_DPI, "maxValue": MOST_DPI},
        ),
        "TRANSPARENT": Parameter(
            "Clear ground",
            "Leaves the ground transparent instead of white.",
            QgsProcessingParameterBoolean,
            {"defaultValue": False},
        ),
        "OUTPUT": Parameter(
            "Legend",
            "The picture to write (PNG).",
            QgsProcessingParameterFileDestination,
            {"fileFilter": "PNG (*.png)"},
        ),
    }

    def flags(self) -> Any:  # noqa: ANN401 (an enum that moved between versions)
        """Return that layers are drawn in their own thread."""
        return super().flags() | NO_THREADING

    def read(self, values: ParameterValues) -> LegendJob:  # noqa: D102 (inherited)
        path = values.destination("OUTPUT")
        if path and not path.lower().endswith(".png"):
            raise OptionsError(f"'{path}' is no PNG by its name: end the name of OUTPUT with .png.")
        layers = values.raster_layers("LAYERS")
        if not layers:
            raise OptionsError("LAYERS is empty: choose the classes or the uncertainty of a run, or both.")
        for layer in layers:
            if layer.project() is None:  # Processing has opened the file, without the style beside it
                _style(layer)
        return LegendJob(draw_legend(layers, values.text("TITLE"), values.integer("DPI"), values.flag("TRANSPARENT")))

    def work(self, job: LegendJob, values: ParameterValues, feedback: QgsProcessingFeedback) -> Outcome:  # noqa: D102
        path = values.file_destination("OUTPUT")
        with replacing(path) as part:
            if not job.picture.save(str(part), "PNG"):
                raise OutputError(f"'{path}' cannot be written: choose another place, or free the disk.")
        feedback.pushInfo(f"{job.picture.width():,} x {job.picture.height():,} pixels")
        return Outcome({"OUTPUT": path})


def _style(layer: QgsRasterLayer) -> None:
    """Give a layer the style beside its file, else the one that its numbers call for."""
    from uhrs_qgis_plugin.engine.results import is_uncertainty_scale  # loads numpy

    _, has_style = layer.loadDefaultStyle()
    if not has_style:
        style_classes(layer)
        if is_uncertainty_scale(layer.dataProvider().bandScale(1)):
            style_uncertainty(layer)
