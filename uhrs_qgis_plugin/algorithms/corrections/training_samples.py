"""`uhrs:trainingsamples`: image, class raster, judged regions, corrections -> engine.samples -> folder of samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBand,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import help_html
from uhrs_qgis_plugin.algorithms.class_areas.parameters import POLYGONS
from uhrs_qgis_plugin.algorithms.corrections.judged_raster import ClassRaster, JudgedRasterAlgorithm, date
from uhrs_qgis_plugin.algorithms.files import raster_source
from uhrs_qgis_plugin.algorithms.segment.parameters import DOUBLE, advanced
from uhrs_qgis_plugin.algorithms.uncertain_regions.parameters import INTEGER
from uhrs_qgis_plugin.engine.errors import CancelledError, RasterError, UhrsError

if TYPE_CHECKING:
    from uhrs_qgis_plugin.algorithms.corrections.judgement_layers import Read
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
        from uhrs_qgis_plugin.engine.samples import SampleOptions, bands_of_image, image_window

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
    from uhrs_qgis_plugin.algorithms.corrections.class_look import sample_classes
    from uhrs_qgis_plugin.engine.flow import Watch
    from uhrs_qgis_plugin.engine.samples import SampleSources, cut_samples

    classes = sample_classes(job.classes.path)
    facts = {"class_raster": job.classes.path, **read.facts(), "date": date()}
    samples = cut_samples(
        SampleSources(job.image, job.classes.path, classes, facts),
        read.judgements(),
        job.folder,
        job.options,
        Watch(lambda share: feedback.setProgress(100 * share), feedback.isCanceled),
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


# Those of the engine's SampleOptions (a test compares them): the plugin loads without numpy.
SIDE, VALIDATION = 640, 0.2

LEAST_SIDE, MOST_SIDE = 64, 8192

MOST_VALIDATION = 0.5

SUMMARY = (
    "Cuts pieces of the image around all that was judged in a review, each with a label image that holds the right "
    "class where somebody said so and 'not judged' (255) elsewhere: the class raster's own class in regions that are "
    "'right', the new class in 'wrong' ones, the drawn class in corrections. The folder is what training/train.py "
    "reads with training/configs/folder.yaml."
)

# id -> (label, sentence)
PARAMETERS = {
    "INPUT": ("Raster", "The raster that was segmented, of any number of bands, in 8 or 16 bits or any other type."),
    "CLASSES": ("Classes", "The class raster that was reviewed; it lies on the pixels of the raster."),
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
    "BANDS": (
        "Bands in the model's order (default: all but alpha)",
        "The bands that the model sees, in its order (red, green, blue for the bundled one).",
    ),
    "CROP": (
        "Side of a sample, in pixels",
        "Samples of at least the training's crop (640 in folder.yaml) are used as they are, smaller ones are "
        "magnified.",
    ),
    "VALIDATION": (
        "Share for validation",
        "The share of the samples (0 to 0.5) that training is measured on instead of learning from them: with 0.2 the "
        "second of every five.",
    ),
    "APPEND": (
        "Add to the samples in the folder",
        "Adds to a folder that this algorithm has filled before, so that several rasters make one set; samples that it "
        "holds of the same raster are replaced.",
    ),
    "OUTPUT": (
        "Folder of samples",
        "A new or empty folder, unless samples are added: classes.yaml, train/ and val/ with images/ and labels/, and "
        "samples.json, the list of what came from where.",
    ),
}

OUTPUTS = {
    "TRAIN": ("Training samples", "How many samples of this raster are for training."),
    "VAL": ("Validation samples", "How many samples of this raster are for validation."),
    "JUDGED": ("Judged pixels", "How many pixels are labelled."),
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
    side = QgsProcessingParameterNumber("CROP", labels["CROP"], INTEGER, SIDE, False, LEAST_SIDE, MOST_SIDE)
    validation = QgsProcessingParameterNumber(
        "VALIDATION", labels["VALIDATION"], DOUBLE, VALIDATION, False, 0, MOST_VALIDATION
    )
    parameters = [
        QgsProcessingParameterRasterLayer("INPUT", labels["INPUT"]),
        QgsProcessingParameterRasterLayer("CLASSES", labels["CLASSES"]),
        QgsProcessingParameterFeatureSource("REGIONS", labels["REGIONS"], [POLYGONS], None, True),
        QgsProcessingParameterFeatureSource("CORRECTIONS", labels["CORRECTIONS"], [POLYGONS], None, True),
        QgsProcessingParameterBand("BANDS", labels["BANDS"], None, "INPUT", True, True),
        side,
        advanced(validation),
        QgsProcessingParameterBoolean("APPEND", labels["APPEND"], False),
        QgsProcessingParameterFolderDestination("OUTPUT", labels["OUTPUT"]),
    ]
    for parameter in parameters:
        parameter.setHelp(translate(PARAMETERS[parameter.name()][1]))
    return parameters
