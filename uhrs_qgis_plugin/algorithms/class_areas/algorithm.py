"""`uhrs:classareas`: class raster (and uncertainty, zones) -> engine.areas -> table and HTML report."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureSink,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import UhrsAlgorithm
from uhrs_qgis_plugin.algorithms.class_areas.job import Job
from uhrs_qgis_plugin.algorithms.class_areas.parameters import FINAL, NO_GEOMETRY, definitions, help_text, table_fields
from uhrs_qgis_plugin.algorithms.files import raster_source
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, OutputError, RasterError, UhrsError
from uhrs_qgis_plugin.engine.files import replacing

if TYPE_CHECKING:
    from uhrs_qgis_plugin.algorithms.class_areas.job import Result
    from uhrs_qgis_plugin.engine.areas import PolygonZones


class ClassAreasAlgorithm(UhrsAlgorithm):
    """Measures classes; runs in a worker thread and opens rasters with GDAL only."""

    CLASSES = "CLASSES"
    UNCERTAINTY = "UNCERTAINTY"
    BAND = "BAND"
    UNSURE = "UNSURE"
    ZONES = "ZONES"
    ZONE_FIELD = "ZONE_FIELD"
    OUTPUT = "OUTPUT"
    HTML = "HTML"

    def __init__(self) -> None:
        """Start without a job; `prepareAlgorithm` makes it."""
        super().__init__()
        self._job: Job | None = None

    def name(self) -> str:
        """Return the second half of the id, frozen."""
        return "classareas"

    def displayName(self) -> str:
        """Return the name that the Toolbox shows."""
        return self.tr("Class areas")

    def group(self) -> str:
        """Return the group that the Toolbox shows."""
        return self.tr("Review")

    def groupId(self) -> str:
        """Return the id of the group, frozen."""
        return "review"

    def tags(self) -> list[str]:
        """Return words by which the Toolbox finds the algorithm."""
        return self.tr(
            "land cover,area,share,statistics,zonal,histogram,unique values,hectares,uncertainty,report,classification"
        ).split(",")

    def shortHelpString(self) -> str:
        """Return the help text beside the dialog: one sentence a parameter."""
        return help_text(self.tr)

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        """Declare parameters; the report's file filter makes it an output of type HTML.

        Args:
            configuration: Unused; the Model Designer may pass something.
        """
        for parameter in definitions(self.tr):
            self.addParameter(parameter)

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
            self._job = self._read_inputs(parameters, context)
        except UhrsError as error:
            raise QgsProcessingException(str(error)) from error
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Count, and write only when everything is counted.

        Args:
            parameters: Values by parameter id.
            context: The run's context.
            feedback: Progress, messages and the cancel button.

        Returns:
            Id of the table and path of the report.

        Raises:
            QgsProcessingException: Cancelled, or an input cannot be read or an output not be written.
        """
        from uhrs_qgis_plugin.algorithms.class_areas.measure import measure_classes

        job = self._job
        if job is None:
            raise QgsProcessingException(self.tr("The algorithm was not prepared: run it through Processing."))
        try:
            zones = self._zones(parameters, context, feedback, job)
            result = measure_classes(job, zones, context, feedback)
        except CancelledError as error:
            raise QgsProcessingException(self.tr("Cancelled: nothing was written.")) from error
        except UhrsError as error:
            raise QgsProcessingException(str(error)) from error
        path = self.parameterAsFileOutput(parameters, self.HTML, context)
        try:
            with contextlib.ExitStack() as stack:
                if path:  # first, so that a full disk shows before the table is there
                    stack.enter_context(replacing(path)).write_text(result.html, encoding="utf-8")
                table = self._write_table(parameters, context, result)
        except OutputError as error:
            raise QgsProcessingException(str(error)) from error
        for line in result.lines:
            feedback.pushInfo(line)
        return {self.OUTPUT: table, **({self.HTML: path} if path else {})}

    def _read_inputs(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Job:
        """Read layers and options and check that they fit each other.

        Raises:
            UhrsError: They do not.
        """
        from uhrs_qgis_plugin.algorithms.class_areas.zones import check_zones
        from uhrs_qgis_plugin.engine.areas import uncertainty_cell
        from uhrs_qgis_plugin.engine.raster import open_raster
        from uhrs_qgis_plugin.engine.results import check_classes

        layer = self.parameterAsRasterLayer(parameters, self.CLASSES, context)
        classes = self._file(layer, self.CLASSES, parameters)
        band = FINAL
        if parameters.get(self.BAND) not in (None, ""):
            band = self.parameterAsInt(parameters, self.BAND, context)
        with open_raster(classes, "gdal") as reader:
            info = reader.info
        check_classes(info)
        uncertainty, cell = None, 1
        if parameters.get(self.UNCERTAINTY) not in (None, ""):
            other = self.parameterAsRasterLayer(parameters, self.UNCERTAINTY, context)
            uncertainty = self._file(other, self.UNCERTAINTY, parameters)
            if other.crs() != layer.crs():
                raise RasterError(
                    f"UNCERTAINTY is in {other.crs().authid() or 'no CRS'} but CLASSES in "
                    f"{layer.crs().authid() or 'no CRS'}: choose the uncertainty that was written with these classes."
                )
            with open_raster(uncertainty, "gdal") as reader:
                cell = uncertainty_cell(info, reader.info, band)
        if parameters.get(self.ZONES) not in (None, ""):
            source = self.parameterAsSource(parameters, self.ZONES, context)
            if source is None:
                raise OptionsError(
                    f"ZONES={parameters[self.ZONES]!r} is no polygon layer: choose one, or leave it empty."
                )
            check_zones(source, self.parameterAsString(parameters, self.ZONE_FIELD, context), layer.crs())
        threshold = self.parameterAsDouble(parameters, self.UNSURE, context)
        return Job(classes, uncertainty, band, threshold, cell, info, layer.crs())

    def _file(self, layer: QgsRasterLayer | None, name: str, parameters: dict[str, Any]) -> str:
        """The file behind a raster parameter.

        Raises:
            RasterError: There is none.
        """
        if layer is None:
            raise RasterError(f"{name}={parameters.get(name)!r} is no raster: choose a raster file.")
        if layer.providerType() != "gdal":
            raise RasterError(
                f"{name} '{layer.name()}' comes from the '{layer.providerType()}' provider but must be a raster file: "
                "export the layer as a GeoTIFF first."
            )
        return raster_source(layer)

    def _zones(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback, job: Job
    ) -> PolygonZones | None:
        """Read the polygons, None when there are none to read."""
        from uhrs_qgis_plugin.algorithms.class_areas.zones import read_zones

        if parameters.get(self.ZONES) in (None, ""):
            return None
        source = self.parameterAsSource(parameters, self.ZONES, context)
        field = self.parameterAsString(parameters, self.ZONE_FIELD, context)
        return read_zones(source, field, job.info, job.crs, context.transformContext(), feedback)

    def _write_table(self, parameters: dict[str, Any], context: QgsProcessingContext, result: Result) -> str:
        """Write all rows at once.

        Raises:
            QgsProcessingException: The table cannot be written.
        """
        fields = table_fields()
        no_crs = QgsCoordinateReferenceSystem()
        sink, table = self.parameterAsSink(parameters, self.OUTPUT, context, fields, NO_GEOMETRY, no_crs)
        if sink is None:
            raise QgsProcessingException(self.invalidSinkError(parameters, self.OUTPUT))
        for values in result.rows():
            feature = QgsFeature(fields)
            feature.setAttributes(values)
            if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
                raise QgsProcessingException(self.writeFeatureError(sink, parameters, self.OUTPUT))
        del sink  # closes the file
        return str(table)
