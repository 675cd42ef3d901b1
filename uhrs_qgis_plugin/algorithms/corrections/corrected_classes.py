"""`uhrs:correctedclasses`: class raster, judged regions, drawn corrections -> corrected class raster."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from qgis.core import (
    QgsLayerMetadata,
    QgsLayerNotesUtils,
    QgsProcessingFeedback,
    QgsProcessingParameterRasterDestination,
    QgsRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import REVIEW, Outcome, UhrsAlgorithm, watch_of
from uhrs_qgis_plugin.algorithms.corrections.class_raster import ClassRaster, read_class_raster, read_judgements
from uhrs_qgis_plugin.algorithms.corrections.parameters import JUDGEMENT_PARAMETERS, classes_parameter
from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter, ParameterValues
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.layers import RIGHT, UNNAMED, WRONG, ResultLayer, name_after, now, place_on_top, style_classes

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.corrections import Applied

MEANING = (
    "The classes of '{}' with the judgements of a review and the corrections that were drawn burnt in. Each pixel "
    "holds the number of its class; the legend names the classes."
)


class CorrectedClassesAlgorithm(UhrsAlgorithm):
    """Writes a corrected class raster."""

    NAME = "correctedclasses"
    TITLE = "Corrected classes"
    GROUP = REVIEW
    TAGS = "review,correct,edit,burn,rasterize,land cover,classification,labels,fix,post-processing"
    SUMMARY = (
        "Burns the judgements of a review and the corrections that were drawn into a copy of the class raster. The "
        "copy has the same grid, classes and colours; pixels without data stay so. Regions judged 'wrong' become their "
        "new class; corrections win over regions, and in each layer later features win over earlier ones."
    )
    PARAMETERS = {
        "CLASSES": classes_parameter("The class raster that was reviewed, as 'Segment raster' wrote it."),
        **JUDGEMENT_PARAMETERS,
        "OUTPUT": Parameter(
            "Corrected classes",
            "The class raster to write (GeoTIFF); the reviewed one is left as it is.",
            QgsProcessingParameterRasterDestination,
        ),
    }
    OUTPUTS = {
        "CHANGED": Output("Changed pixels", "How many pixels have another class now."),
        "JUDGED": Output("Judged pixels", "How many pixels with data lie in judged regions and corrections."),
    }

    def read(self, values: ParameterValues) -> ClassRaster:  # noqa: D102 (inherited)
        return read_class_raster(values)

    def work(self, job: ClassRaster, values: ParameterValues, feedback: QgsProcessingFeedback) -> Outcome:  # noqa: D102
        from uhrs_qgis_plugin.algorithms.corrections.class_metadata import class_names, read_appearance
        from uhrs_qgis_plugin.engine.corrections import apply_corrections

        classes = job.path
        read = read_judgements(job, values, feedback)
        if not read.counts[WRONG] + read.counts["corrections"]:
            raise OptionsError(
                f"Nothing is to be corrected ({read.counts[RIGHT]} regions are right): judge regions as wrong "
                "with a new class, or draw corrections, first."
            )
        destination, name = values.raster_destination("OUTPUT"), os.path.basename(classes)
        facts = json.dumps({**read.facts(), "date": now()}, ensure_ascii=False)
        appearance = read_appearance(classes, {"UHRS_CORRECTED_FROM": name, "UHRS_CORRECTIONS": facts}, job.added)
        applied = apply_corrections(classes, read.judgements(), destination, appearance, watch_of(feedback))
        _log(applied, class_names(classes, job.added), feedback)
        return Outcome(
            {"OUTPUT": destination, "CHANGED": applied.pixels, "JUDGED": applied.judged},
            [
                ResultLayer(
                    destination,
                    name_after(self.tr(self.TITLE), job.name),
                    partial(_describe, source=name),
                    partial(place_on_top, source=classes),
                )
            ],
        )


def _log(applied: Applied, names: Mapping[int, str], feedback: QgsProcessingFeedback) -> None:
    """Log what changed, most pixels first; `names` by number."""
    feedback.pushInfo(f"{applied.pixels:,} of {applied.judged:,} judged pixels have another class now:")
    for old, new, pixels in applied.moves():
        before, after = (names.get(value, UNNAMED.format(value)) for value in (old, new))
        feedback.pushInfo(f"  {before} -> {after}: {pixels:,} pixels")


def _describe(layer: QgsRasterLayer, source: str) -> None:
    """Give a layer its style, metadata and notes.

    Args:
        layer: The corrected classes.
        source: Name of the class raster that was corrected.
    """
    style_classes(layer)
    text = MEANING.format(source)
    metadata = layer.metadata()
    metadata.setType("dataset")
    metadata.setTitle(f"Corrected classes of {source}")
    metadata.setAbstract(text)
    metadata.setCrs(layer.crs())
    layer.setMetadata(QgsLayerMetadata(metadata))
    QgsLayerNotesUtils.setLayerNotes(layer, f"<p>{escape(text)}</p>")
