"""`uhrs:correctedclasses`: class raster, judged regions, drawn corrections -> corrected class raster."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import help_html
from uhrs_qgis_plugin.algorithms.class_areas.parameters import POLYGONS
from uhrs_qgis_plugin.algorithms.corrections.judged_raster import ClassRaster, JudgedRasterAlgorithm, date
from uhrs_qgis_plugin.algorithms.files import destination_path
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, UhrsError
from uhrs_qgis_plugin.layers.region_fields import RIGHT

if TYPE_CHECKING:
    from uhrs_qgis_plugin.algorithms.corrections.judgement_layers import Read
    from uhrs_qgis_plugin.engine.corrections import Applied


class CorrectedClassesAlgorithm(JudgedRasterAlgorithm):
    """Writes a corrected class raster; runs in a worker thread and opens rasters with GDAL only."""

    CLASSES = "CLASSES"
    REGIONS = "REGIONS"
    CORRECTIONS = "CORRECTIONS"
    OUTPUT = "OUTPUT"
    CHANGED = "CHANGED"
    JUDGED = "JUDGED"

    def __init__(self) -> None:
        """Start without inputs; `prepareAlgorithm` reads them."""
        super().__init__()
        self._classes: ClassRaster | None = None
        self._written: str | None = None

    def name(self) -> str:
        """Return the second half of the id, frozen."""
        return "correctedclasses"

    def displayName(self) -> str:
        """Return the name that the Toolbox shows."""
        return self.tr("Corrected classes")

    def tags(self) -> list[str]:
        """Return words by which the Toolbox finds the algorithm."""
        return self.tr("review,correct,edit,burn,rasterize,land cover,classification,labels,fix,post-processing").split(
            ","
        )

    def shortHelpString(self) -> str:
        """Return the help text beside the dialog: one sentence a parameter."""
        return help_text(self.tr)

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        """Declare parameters and outputs.

        Args:
            configuration: Unused; the Model Designer may pass something.
        """
        for parameter in definitions(self.tr):
            self.addParameter(parameter)
        for name, (label, _) in OUTPUTS.items():
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(label)))

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """Say before the run what would make it fail.

        Args:
            parameters: Values by parameter id.
            context: The run's context.

        Returns:
            Whether the run may start, and if not one line that says why.
        """
        path = destination_path(parameters.get(self.OUTPUT))
        if path and not path.lower().endswith((".tif", ".tiff")):
            return False, self.tr("'{}' is no GeoTIFF by its name: end the name of OUTPUT with .tif.").format(path)
        fine, problem = super().checkParameterValues(parameters, context)
        if not fine:
            return fine, problem
        try:
            self.class_raster(parameters, context)
        except UhrsError as error:
            return False, str(error)
        return True, ""

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Turn layers into plain values, in the thread of the layers.

        Args:
            parameters: Values by parameter id.
            context: The run's context.
            feedback: Where messages go.

        Returns:
            True.

        Raises:
            QgsProcessingException: A value cannot be used.
        """
        try:
            self._classes = self.class_raster(parameters, context)
        except UhrsError as error:
            raise QgsProcessingException(str(error)) from error
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Read the judgements and apply them, in the worker thread.

        Args:
            parameters: Values by parameter id.
            context: The run's context.
            feedback: Progress, messages and the cancel button.

        Returns:
            The raster that was written, and the numbers of the outputs.

        Raises:
            QgsProcessingException: Cancelled, or something cannot be read or written; nothing is left then.
        """
        if self._classes is None:
            raise QgsProcessingException(self.tr("The algorithm was not prepared: run it through Processing."))
        destination = self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        try:
            read = self.read_judgements(self._classes, parameters, context, feedback)
            if not sum(read.counts[kind] for kind in ("wrong", "corrections")):
                raise OptionsError(
                    f"Nothing is to be corrected ({read.counts[RIGHT]} regions are right): judge regions as wrong "
                    "with a new class, or draw corrections, first."
                )
            applied = self._apply(self._classes.path, read, destination, feedback)
        except CancelledError as error:
            raise QgsProcessingException(self.tr("Cancelled: nothing was written.")) from error
        except UhrsError as error:
            raise QgsProcessingException(str(error)) from error
        self._written = destination
        return {self.OUTPUT: destination, self.CHANGED: applied.pixels, self.JUDGED: applied.judged}

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        """Dress the layer that will be loaded, and save its style; adds nothing to the results."""
        from uhrs_qgis_plugin.layers.corrected_layer import present

        if self._written is not None and self._classes is not None:
            present(
                self._written, os.path.basename(self._classes.path), self.tr("Corrected classes"), context, feedback
            )
        return {}

    def _apply(self, classes: str, read: Read, destination: str, feedback: QgsProcessingFeedback) -> Applied:
        """Write the raster and tell the log what changed.

        Raises:
            UhrsError: It cannot be written, or the user cancelled.
        """
        from uhrs_qgis_plugin.algorithms.corrections.class_look import class_names, read_look
        from uhrs_qgis_plugin.engine.corrections import apply_corrections
        from uhrs_qgis_plugin.engine.flow import Watch
        from uhrs_qgis_plugin.layers.raster_styles import UNNAMED

        facts = json.dumps({**read.facts(), "date": date()}, ensure_ascii=False)
        look = read_look(classes, {"UHRS_CORRECTED_FROM": os.path.basename(classes), "UHRS_CORRECTIONS": facts})
        applied = apply_corrections(
            classes,
            read.judgements(),
            destination,
            look,
            Watch(lambda share: feedback.setProgress(100 * share), feedback.isCanceled),
        )
        names = class_names(classes)
        feedback.pushInfo(f"{applied.pixels:,} of {applied.judged:,} judged pixels have another class now:")
        for old, new, pixels in applied.moves():
            before, now = (names.get(value, UNNAMED.format(value)) for value in (old, new))
            feedback.pushInfo(f"  {before} -> {now}: {pixels:,} pixels")
        return applied


SUMMARY = (
    "Burns the judgements of a review and the corrections that were drawn into a copy of the class raster. The copy "
    "has the same grid, classes and colours; pixels without data stay so. Regions judged 'wrong' become their new "
    "class; corrections win over regions, and in each layer later features win over earlier ones."
)

# id -> (label, sentence)
PARAMETERS = {
    "CLASSES": ("Classes", "The class raster that was reviewed, as 'Segment raster' wrote it."),
    "REGIONS": (
        "Judged regions",
        "The layer of regions that was reviewed, with the fields 'status' ('right', 'wrong', ...) and 'new_class' (the "
        "number of the class that a wrong region is).",
    ),
    "CORRECTIONS": (
        "Drawn corrections",
        "The polygons that were drawn in the review, the table 'corrections' beside the regions, with the field "
        "'class' (the number of the class).",
    ),
    "OUTPUT": ("Corrected classes", "The class raster to write (GeoTIFF); the reviewed one is left as it is."),
}

OUTPUTS = {
    "CHANGED": ("Changed pixels", "How many pixels have another class now."),
    "JUDGED": ("Judged pixels", "How many pixels with data lie in judged regions and corrections."),
}


def help_text(translate: Callable[[str], str]) -> str:
    """Put the help together.

    Args:
        translate: Turns an English text into the user's language.

    Returns:
        Simple HTML.
    """
    return help_html(translate, SUMMARY, {"Parameters": PARAMETERS, "Outputs": OUTPUTS})


def definitions(translate: Callable[[str], str]) -> list[QgsProcessingParameterDefinition]:
    """Define the parameters in the order of the dialog.

    Args:
        translate: Turns an English text into the user's language.

    Returns:
        New objects; the algorithm that adds them owns them.
    """
    labels = {name: translate(label) for name, (label, _) in PARAMETERS.items()}
    parameters = [
        QgsProcessingParameterRasterLayer("CLASSES", labels["CLASSES"]),
        QgsProcessingParameterFeatureSource("REGIONS", labels["REGIONS"], [POLYGONS], None, True),
        QgsProcessingParameterFeatureSource("CORRECTIONS", labels["CORRECTIONS"], [POLYGONS], None, True),
        QgsProcessingParameterRasterDestination("OUTPUT", labels["OUTPUT"]),
    ]
    for parameter in parameters:
        parameter.setHelp(translate(PARAMETERS[parameter.name()][1]))
    return parameters
