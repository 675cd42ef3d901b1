"""`uhrs:segmentraster`: parameters -> engine.pipeline.segment -> class and uncertainty rasters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsRasterLayer,
)

from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.algorithms.base import UhrsAlgorithm
from uhrs_qgis_plugin.algorithms.files import destination_path, raster_source
from uhrs_qgis_plugin.algorithms.segment.messages import Listener, summary
from uhrs_qgis_plugin.algorithms.segment.parameters import OUTPUTS, definitions, help_text
from uhrs_qgis_plugin.algorithms.segment.preview_loader import PreviewLoader
from uhrs_qgis_plugin.engine.errors import CancelledError, RasterError, UhrsError

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.bundle import Bundle
    from uhrs_qgis_plugin.engine.outputs import Outputs
    from uhrs_qgis_plugin.engine.segmentation import Options, Report

PLUGIN_FOLDER = Path(__file__).resolve().parents[2]
DEFAULT_MODEL = str(PLUGIN_FOLDER / "models" / "default.uhrs")


@dataclass(frozen=True)
class Job:
    """What the main thread hands to the worker: plain values, no QGIS objects.

    Attributes:
        raster: Name that GDAL opens.
        bundle: The model.
        options: The engine's options.
    """

    raster: str
    bundle: Bundle
    options: Options


class SegmentRasterAlgorithm(UhrsAlgorithm):
    """Segments a raster; runs in a worker thread and opens files with GDAL only."""

    INPUT = "INPUT"
    MODEL = "MODEL"
    BANDS = "BANDS"
    EXTENT = "EXTENT"
    RATIO = "RATIO"
    THRESHOLD = "THRESHOLD"
    DEVICE = "DEVICE"
    CELL = "CELL"
    MINUTES = "MINUTES"
    RESUME = "RESUME"
    UNREADABLE = "UNREADABLE"
    CLASSES = "CLASSES"
    UNCERTAINTY = "UNCERTAINTY"
    PREVIEW = "PREVIEW"
    REPORT = "REPORT"
    REFINED_RATIO = "REFINED_RATIO"
    PIXELS = "PIXELS"
    SECONDS = "SECONDS"

    def __init__(self) -> None:
        """Start without a job; `prepareAlgorithm` makes it."""
        super().__init__()
        self._job: Job | None = None
        self._outputs: Outputs | None = None
        self._report: Report | None = None
        self._source = ("", "")  # id and name of the input layer
        self._preview: PreviewLoader | None = None

    def name(self) -> str:
        """Return the second half of the id, frozen."""
        return "segmentraster"

    def displayName(self) -> str:
        """Return the name that the Toolbox shows."""
        return self.tr("Segment raster")

    def group(self) -> str:
        """Return the group that the Toolbox shows."""
        return self.tr("Segmentation")

    def groupId(self) -> str:
        """Return the id of the group, frozen."""
        return "segmentation"

    def tags(self) -> list[str]:
        """Return words by which the Toolbox finds the algorithm."""
        return self.tr(
            "land cover,classification,semantic segmentation,deep learning,neural network,onnx,uncertainty,"
            "orthophoto,aerial,satellite,ultra-high resolution"
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

    def canExecute(self) -> tuple[bool, str]:
        """Say whether onnxruntime is there, and if not how to install it."""
        installed = runtime.is_installed()
        return installed, "" if installed else runtime.install_advice()

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """Say before the run what would make it fail.

        Args:
            parameters: Values by parameter id.
            context: The run's context.

        Returns:
            Whether the run may start, and if not one line that says why.
        """
        for name in (self.CLASSES, self.UNCERTAINTY, self.PREVIEW):
            path = destination_path(parameters.get(name))
            if path and not path.lower().endswith((".tif", ".tiff")):
                problem = self.tr("'{}' is no GeoTIFF by its name: end the name of {} with .tif or .tiff.")
                return False, problem.format(path, name)
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
            QgsProcessingException: onnxruntime is missing, or a value cannot be used.
        """
        if not runtime.is_installed():
            raise QgsProcessingException(runtime.install_advice())
        try:
            raster, bundle, options = self._read_inputs(parameters, context)
        except UhrsError as error:
            raise QgsProcessingException(str(error)) from error
        if parameters.get(self.PREVIEW) not in (None, ""):
            self._preview = PreviewLoader(self.tr("Preview: classes"))
        self._job = Job(raster, bundle, options)
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Run the engine in the worker thread.

        Args:
            parameters: Only outputs are read here; `prepareAlgorithm` has read the others.
            context: The context of this thread.
            feedback: Progress, messages and the cancel button.

        Returns:
            Paths of what was written, and the numbers of the outputs.

        Raises:
            QgsProcessingException: Cancelled, or the engine reports an error; nothing is written then.
        """
        from uhrs_qgis_plugin.engine.flow import Watch
        from uhrs_qgis_plugin.engine.segmentation import segment

        job = self._job
        if job is None:
            raise QgsProcessingException(self.tr("The algorithm was not prepared: run it through Processing."))
        outputs = self._outputs = self._read_outputs(parameters, context)
        listener = Listener(feedback, self._show_preview)
        try:
            watch = Watch(listener.progress, feedback.isCanceled, listener.notify)
            report = segment(job.raster, job.bundle, outputs, job.options, watch)
        except CancelledError as error:
            told = self.tr("Cancelled: nothing was written.")
            if job.options.resume:
                told = self.tr("Cancelled: run it again as it was to go on from here.")
            raise QgsProcessingException(told) from error
        except UhrsError as error:
            raise QgsProcessingException(str(error)) from error
        self._report = report
        for line in summary(report):
            feedback.pushInfo(line)
        return {
            self.CLASSES: outputs.classes,
            self.UNCERTAINTY: outputs.uncertainty,
            self.PREVIEW: outputs.preview,
            self.REPORT: outputs.report,
            self.REFINED_RATIO: report.ratio,
            self.PIXELS: report.pixels,
            self.SECONDS: report.seconds["total"],
        }

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        """Dress and group the layers that will be loaded, and save their styles; adds nothing to the results."""
        from uhrs_qgis_plugin.layers.result_layers import Result, present

        if self._outputs is not None and self._report is not None:
            present(Result(self._report, self._outputs, *self._source), context, feedback)
        return {}

    def _read_outputs(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Outputs:
        """Name the files to write. Called in the thread of the run: QGIS loads what the run's own context asks for."""
        from uhrs_qgis_plugin.engine.outputs import Outputs

        return Outputs(
            self.parameterAsOutputLayer(parameters, self.CLASSES, context),
            self.parameterAsOutputLayer(parameters, self.UNCERTAINTY, context) or None,
            self.parameterAsFileOutput(parameters, self.REPORT, context) or None,
            self.parameterAsOutputLayer(parameters, self.PREVIEW, context) or None,
        )

    def _show_preview(self) -> None:
        """Show the preview while the run goes on."""
        if self._preview is not None and self._outputs is not None and self._outputs.preview is not None:
            self._preview.load_later(self._outputs.preview)

    def _read_inputs(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[str, Bundle, Options]:
        """Read layer, model and options and check that they fit each other.

        Raises:
            UhrsError: They do not.
        """
        from uhrs_qgis_plugin.engine.bundle import read_bundle
        from uhrs_qgis_plugin.engine.raster import open_raster, window_from_bounds
        from uhrs_qgis_plugin.engine.segmentation import Options, choose_bands

        layer = self.parameterAsRasterLayer(parameters, self.INPUT, context)
        if layer is None:
            raise RasterError(f"INPUT={parameters.get(self.INPUT)!r} is no raster: choose a raster file.")
        raster, self._source = raster_source(layer), (layer.id(), layer.name())
        bundle = read_bundle(self.parameterAsFile(parameters, self.MODEL, context) or DEFAULT_MODEL)
        options = Options(
            ratio=self._number(parameters, self.RATIO, context),
            threshold=self._number(parameters, self.THRESHOLD, context),
            minutes=self._number(parameters, self.MINUTES, context),
            bands=tuple(self.parameterAsInts(parameters, self.BANDS, context)) or None,
            bounds=self._bounds(parameters, layer, context),
            device=self.parameterAsEnumString(parameters, self.DEVICE, context),
            uncertainty_cell=int(self.parameterAsEnumString(parameters, self.CELL, context)),
            unreadable=self.parameterAsEnumString(parameters, self.UNREADABLE, context),
            resume=self.parameterAsBool(parameters, self.RESUME, context),
        )
        with open_raster(raster, "gdal") as reader:
            choose_bands(reader.info, bundle, options.bands)
            if options.bounds is not None:
                window_from_bounds(reader.info, options.bounds)
        return raster, bundle, options

    def _number(self, parameters: dict[str, Any], name: str, context: QgsProcessingContext) -> float | None:
        """Read a number that may be left empty; `qgis_process` passes numbers as texts."""
        if parameters.get(name) in (None, ""):
            return None
        return float(self.parameterAsDouble(parameters, name, context))

    def _bounds(
        self, parameters: dict[str, Any], layer: QgsRasterLayer, context: QgsProcessingContext
    ) -> tuple[float, float, float, float] | None:
        """Read the extent in the raster's CRS as (left, bottom, right, top); None when left empty."""
        if parameters.get(self.EXTENT) in (None, ""):
            return None
        box = self.parameterAsExtent(parameters, self.EXTENT, context, layer.crs())
        return box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()
