"""`uhrs:uncertainregions`: parameters -> engine.regions -> polygons of the places that are worth a look."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import UhrsAlgorithm
from uhrs_qgis_plugin.algorithms.files import raster_source
from uhrs_qgis_plugin.algorithms.uncertain_regions.features import FOUND_PERCENT, delete, fill, tell
from uhrs_qgis_plugin.algorithms.uncertain_regions.job import Job, check_same_crs, read_scale
from uhrs_qgis_plugin.algorithms.uncertain_regions.parameters import OUTPUTS, definitions, help_text
from uhrs_qgis_plugin.engine.errors import CancelledError, RasterError, UhrsError


class UncertainRegionsAlgorithm(UhrsAlgorithm):
    """Outlines where a result is most uncertain; runs in a worker thread and opens files with GDAL only."""

    UNCERTAINTY = "UNCERTAINTY"
    BAND = "BAND"
    CLASSES = "CLASSES"
    TOP = "TOP"
    THRESHOLD = "THRESHOLD"
    SPREAD = "SPREAD"
    MIN_AREA = "MIN_AREA"
    MERGE = "MERGE"
    LIMIT = "LIMIT"
    OUTPUT = "OUTPUT"
    COUNT = "COUNT"
    LEAST_UNCERTAINTY = "LEAST_UNCERTAINTY"

    def __init__(self) -> None:
        """Start without a job; `prepareAlgorithm` makes it."""
        super().__init__()
        self._job: Job | None = None
        self._written: str | None = None

    def name(self) -> str:
        """Return the second half of the id, frozen."""
        return "uncertainregions"

    def displayName(self) -> str:
        """Return the name that the Toolbox shows."""
        return self.tr("Uncertain regions")

    def group(self) -> str:
        """Return the group that the Toolbox shows."""
        return self.tr("Review")

    def groupId(self) -> str:
        """Return the id of the group, frozen."""
        return "review"

    def tags(self) -> list[str]:
        """Return words by which the Toolbox finds the algorithm."""
        return self.tr(
            "uncertainty,doubt,review,quality,check,correct,active learning,hot spots,polygons,polygonize,vectorize,"
            "segmentation,classification"
        ).split(",")

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
        fine, problem = super().checkParameterValues(parameters, context)
        if not fine:
            return fine, problem
        try:
            self._read_inputs(parameters, context)
        except UhrsError as error:
            return False, str(error)
        return True, ""

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Turn layers and parameters into plain values, in the thread of the layers.

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
            self._job = self._read_inputs(parameters, context)
        except UhrsError as error:
            raise QgsProcessingException(str(error)) from error
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Find the regions and write them, in the worker thread.

        Args:
            parameters: Only the output is read; `prepareAlgorithm` has read the others.
            context: The run's context.
            feedback: Progress, messages and the cancel button.

        Returns:
            The layer that was written, and the numbers of the outputs.

        Raises:
            QgsProcessingException: Cancelled, or something cannot be read or written; nothing is left then.
        """
        from uhrs_qgis_plugin.algorithms.uncertain_regions.features import make_features
        from uhrs_qgis_plugin.engine.flow import Watch
        from uhrs_qgis_plugin.engine.regions import find_regions

        job = self._job
        if job is None:
            raise QgsProcessingException(self.tr("The algorithm was not prepared: run it through Processing."))
        try:
            found = find_regions(
                job.uncertainty,
                job.options,
                Watch(lambda share: feedback.setProgress(FOUND_PERCENT * share), feedback.isCanceled),
                "gdal",
            )
            # All is ready before the layer is created, so that whatever stops the run leaves nothing.
            features = make_features(job, found, context.transformContext(), feedback)
        except CancelledError as error:
            raise QgsProcessingException(self.tr("Cancelled: nothing was written.")) from error
        except UhrsError as error:
            raise QgsProcessingException(str(error)) from error
        tell(found, job.options, feedback)
        self._written = self._write(features, job.crs, parameters, context, feedback)
        return {self.OUTPUT: self._written, self.COUNT: len(features), self.LEAST_UNCERTAINTY: found.threshold}

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        """Name and style the layer that will be loaded; adds nothing to the results."""
        from uhrs_qgis_plugin.layers.region_styles import region_style

        in_memory = context.getMapLayer(self._written) if self._written is not None else None
        if in_memory is not None and self._job is not None:
            in_memory.setCrs(self._job.crs)  # QGIS gives those without one its default
        if self._written is not None and context.willLoadLayerOnCompletion(self._written):
            details = context.layerToLoadOnCompletionDetails(self._written)
            details.name = self.tr("Uncertain regions")
            details.setPostProcessor(region_style(None if self._job is None else self._job.uncertainty))
        return {}

    def _read_inputs(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Job:
        """Read layers and options and check that they fit each other.

        Raises:
            UhrsError: They do not.
        """
        from uhrs_qgis_plugin.engine.raster import open_raster
        from uhrs_qgis_plugin.engine.regions import RegionOptions, choose_band
        from uhrs_qgis_plugin.engine.results import check_classes, pixels_per_cell

        layer = self._raster(parameters, self.UNCERTAINTY, context)
        path, classes = raster_source(layer), None
        given = self._number(parameters, self.BAND, context)
        with open_raster(path, "gdal") as reader:
            info = reader.info
        band = choose_band(info, None if given is None else int(given))
        options = RegionOptions(
            band=band,
            top=self.parameterAsDouble(parameters, self.TOP, context),
            threshold=self._number(parameters, self.THRESHOLD, context),
            min_cells=self.parameterAsInt(parameters, self.MIN_AREA, context),
            merge=self.parameterAsInt(parameters, self.MERGE, context),
            limit=self.parameterAsInt(parameters, self.LIMIT, context),
            scale=read_scale(path, band),
            spread=self.parameterAsInt(parameters, self.SPREAD, context),
        )
        if parameters.get(self.CLASSES) not in (None, ""):
            class_layer = self._raster(parameters, self.CLASSES, context)
            classes = raster_source(class_layer)
            check_same_crs(layer, class_layer)
            with open_raster(classes, "gdal") as reader:
                check_classes(reader.info)
                pixels_per_cell(reader.info, info)
        return Job(path, classes, QgsCoordinateReferenceSystem(layer.crs()), options)

    def _raster(self, parameters: dict[str, Any], name: str, context: QgsProcessingContext) -> QgsRasterLayer:
        """Read a raster layer.

        Raises:
            RasterError: It is none.
        """
        layer = self.parameterAsRasterLayer(parameters, name, context)
        if layer is None:
            raise RasterError(f"{name}={parameters.get(name)!r} is no raster: choose a raster file.")
        return layer

    def _number(self, parameters: dict[str, Any], name: str, context: QgsProcessingContext) -> float | None:
        """Read a number that may be left empty; `qgis_process` passes numbers as texts."""
        if parameters.get(name) in (None, ""):
            return None
        return float(self.parameterAsDouble(parameters, name, context))

    def _write(
        self,
        features: list[QgsFeature],
        crs: QgsCoordinateReferenceSystem,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> str:
        """Create the layer and fill it; leave nothing when that fails or is cancelled.

        Raises:
            QgsProcessingException: It did.
        """
        from uhrs_qgis_plugin.algorithms.uncertain_regions.features import make_fields
        from uhrs_qgis_plugin.layers.qgis_versions import MULTI_POLYGON

        sink, name = self.parameterAsSink(parameters, self.OUTPUT, context, make_fields(), MULTI_POLYGON, crs)
        if sink is None:
            raise QgsProcessingException(self.invalidSinkError(parameters, self.OUTPUT))
        problem = fill(sink, name, features, feedback)
        if problem:
            del sink  # closes the file
            delete(name)
            raise QgsProcessingException(self.tr(problem))
        return str(name)
