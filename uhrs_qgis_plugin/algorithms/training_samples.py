"""`uhrs:trainingsamples`: image, class raster, judged regions, corrections -> engine.samples -> folder of samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
)

from uhrs_qgis_plugin.algorithms.files import raster_source
from uhrs_qgis_plugin.algorithms.judged_raster import ClassRaster, JudgedRasterAlgorithm, date
from uhrs_qgis_plugin.algorithms.training_samples_parameters import OUTPUTS, definitions, help_text
from uhrs_qgis_plugin.engine.errors import CancelledError, RasterError, UhrsError

if TYPE_CHECKING:
    from uhrs_qgis_plugin.algorithms.judgement_layers import Read
    from uhrs_qgis_plugin.engine.samples import SampleOptions, Samples


@dataclass(frozen=True)
class Job:
    """What the main thread hands to the worker: plain values.

    Attributes:
        image: Name that GDAL opens.
        classes: The class raster.
        options: The engine's options.
        folder: Where the samples go.
    """

    image: str
    classes: ClassRaster
    options: SampleOptions
    folder: str


class TrainingSamplesAlgorithm(JudgedRasterAlgorithm):
    """Writes training samples; runs in a worker thread and opens rasters with GDAL only."""

    INPUT = "INPUT"
    CLASSES = "CLASSES"
    REGIONS = "REGIONS"
    CORRECTIONS = "CORRECTIONS"
    BANDS = "BANDS"
    CROP = "CROP"
    VALIDATION = "VALIDATION"
    APPEND = "APPEND"
    OUTPUT = "OUTPUT"

    def __init__(self) -> None:
        """Start without a job; `prepareAlgorithm` makes it."""
        super().__init__()
        self._job: Job | None = None

    def name(self) -> str:
        """Return the second half of the id, frozen."""
        return "trainingsamples"

    def displayName(self) -> str:
        """Return the name that the Toolbox shows."""
        return self.tr("Training samples")

    def tags(self) -> list[str]:
        """Return words by which the Toolbox finds the algorithm."""
        return self.tr(
            "review,training,labels,masks,chips,tiles,crops,patches,deep learning,fine-tune,active learning,dataset"
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
            image, classes, options = self._read_inputs(parameters, context)
        except UhrsError as error:
            raise QgsProcessingException(str(error)) from error
        self._job = Job(image, classes, options, self.parameterAsString(parameters, self.OUTPUT, context))
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Read the judgements and cut the samples, in the worker thread.

        Args:
            parameters: Values by parameter id.
            context: The run's context.
            feedback: Progress, messages and the cancel button.

        Returns:
            The folder, and the numbers of the outputs.

        Raises:
            QgsProcessingException: Cancelled, or something cannot be read or written; nothing is left then.
        """
        job = self._job
        if job is None:
            raise QgsProcessingException(self.tr("The algorithm was not prepared: run it through Processing."))
        try:
            read = self.read_judgements(job.classes, parameters, context, feedback)
            samples = _cut(job, read, feedback)
        except CancelledError as error:
            raise QgsProcessingException(self.tr("Cancelled: nothing was written.")) from error
        except UhrsError as error:
            raise QgsProcessingException(str(error)) from error
        return {
            self.OUTPUT: job.folder,
            "TRAIN": samples.train,
            "VAL": samples.val,
            "JUDGED": int(samples.pixels.sum()),
        }

    def _read_inputs(
        self, parameters: dict[str, Any], context: QgsProcessingContext
    ) -> tuple[str, ClassRaster, SampleOptions]:
        """Read layers and options and check that they fit each other.

        Raises:
            UhrsError: They do not.
        """
        from uhrs_qgis_plugin.engine.grid import Window
        from uhrs_qgis_plugin.engine.raster import open_raster
        from uhrs_qgis_plugin.engine.sample_source import bands_of_image, image_window
        from uhrs_qgis_plugin.engine.samples import SampleOptions

        layer = self.raster_layer(parameters, self.INPUT, context)
        image, classes = raster_source(layer), self.class_raster(parameters, context)
        if layer.crs() != classes.crs:
            raise RasterError(
                f"INPUT is in {layer.crs().authid() or 'no CRS'} but CLASSES in {classes.crs.authid() or 'no CRS'}: "
                "choose the classes that were made from this raster."
            )
        options = SampleOptions(
            side=self.parameterAsInt(parameters, self.CROP, context),
            validation=self.parameterAsDouble(parameters, self.VALIDATION, context),
            bands=tuple(self.parameterAsInts(parameters, self.BANDS, context)) or None,
            append=self.parameterAsBool(parameters, self.APPEND, context),
        )
        with open_raster(image, "gdal") as one, open_raster(classes.path, "gdal") as other:
            bands_of_image(one.info, options.bands)
            image_window(one.info, other.info, Window(0, 0, other.info.height, other.info.width))
        return image, classes, options


def _cut(job: Job, read: Read, feedback: QgsProcessingFeedback) -> Samples:
    """Write the samples and tell the log about them.

    Raises:
        UhrsError: They cannot be written, or the user cancelled.
    """
    from uhrs_qgis_plugin.algorithms.class_look import sample_classes
    from uhrs_qgis_plugin.engine.samples import Sources, cut_samples

    classes = sample_classes(job.classes.path)
    facts = {"class_raster": job.classes.path, **read.facts(), "date": date()}
    samples = cut_samples(
        Sources(job.image, job.classes.path, classes, facts),
        read.judgements(),
        job.folder,
        job.options,
        lambda share: feedback.setProgress(100 * share),
        feedback.isCanceled,
    )
    judged = int(samples.pixels.sum())
    feedback.pushInfo(
        f"{samples.train:,} samples for training and {samples.val:,} for validation, {judged:,} labelled pixels "
        f"({judged / max(1, samples.valid_pixels):.2%} of the raster); {samples.in_set:,} samples in the folder:"
    )
    for entry in classes:
        feedback.pushInfo(f"  {entry.name}: {int(samples.pixels[entry.value]):,} pixels")
    if samples.in_set < 2:
        feedback.pushWarning(
            "One sample is not enough, training needs one more for validation: judge places further apart, or choose a "
            "smaller CROP."
        )
    return samples
