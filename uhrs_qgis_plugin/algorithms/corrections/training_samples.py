"""`uhrs:trainingsamples`: image, class raster, judged regions, corrections -> engine.samples -> folder of samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qgis.core import (
    QgsProcessingFeedback,
    QgsProcessingParameterBand,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import REVIEW, Outcome, UhrsAlgorithm, watch_of
from uhrs_qgis_plugin.algorithms.corrections.class_raster import ClassRaster, read_class_raster, read_judgements
from uhrs_qgis_plugin.algorithms.corrections.parameters import JUDGEMENT_PARAMETERS, classes_parameter
from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter, ParameterValues, raster_source
from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.layers import DOUBLE_NUMBER, INTEGER_NUMBER, now

if TYPE_CHECKING:  # these load numpy, and QGIS loads this module when it starts
    from uhrs_qgis_plugin.engine.samples import SampleClass, SampleOptions, Samples

# Those of the engine's SampleOptions (a test compares them): the plugin loads without numpy.
SIDE, VALIDATION = 640, 0.2
LEAST_SIDE, MOST_SIDE = 64, 8192
MOST_VALIDATION = 0.5


@dataclass(frozen=True)
class SampleJob:
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


class TrainingSamplesAlgorithm(UhrsAlgorithm):
    """Writes training samples."""

    NAME = "trainingsamples"
    TITLE = "Training samples"
    GROUP = REVIEW
    TAGS = "review,training,labels,masks,chips,tiles,crops,patches,deep learning,fine-tune,active learning,dataset"
    SUMMARY = (
        "Cuts pieces of the image around all that was judged in a review, each with a label image that holds the right "
        "class where somebody said so and 'not judged' (255) elsewhere: the class raster's own class in regions that "
        "are 'right', the new class in 'wrong' ones, the drawn class in corrections. The folder is what "
        "training/train.py reads with training/configs/folder.yaml."
    )
    PARAMETERS = {
        "INPUT": Parameter(
            "Raster",
            "The raster that was segmented, of any number of bands, in 8 or 16 bits or any other type.",
            QgsProcessingParameterRasterLayer,
        ),
        "CLASSES": classes_parameter("The class raster that was reviewed; it lies on the pixels of the raster."),
        **JUDGEMENT_PARAMETERS,
        "BANDS": Parameter(
            "Bands in the model's order (default: all but alpha)",
            "The bands that the model sees, in its order (red, green, blue for the bundled one).",
            QgsProcessingParameterBand,
            {"parentLayerParameterName": "INPUT", "optional": True, "allowMultiple": True},
        ),
        "CROP": Parameter(
            "Side of a sample, in pixels",
            "Samples of at least the training's crop (640 in folder.yaml) are used as they are, smaller ones are "
            "magnified.",
            QgsProcessingParameterNumber,
            {"type": INTEGER_NUMBER, "defaultValue": SIDE, "minValue": LEAST_SIDE, "maxValue": MOST_SIDE},
        ),
        "VALIDATION": Parameter(
            "Share for validation",
            "The share of the samples (0 to 0.5) that training is measured on instead of learning from them: with 0.2 "
            "the second of every five.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "defaultValue": VALIDATION, "minValue": 0, "maxValue": MOST_VALIDATION},
            advanced=True,
        ),
        "APPEND": Parameter(
            "Add to the samples in the folder",
            "Adds to a folder that this algorithm has filled before, so that several rasters make one set; samples "
            "that it holds of the same raster are replaced.",
            QgsProcessingParameterBoolean,
            {"defaultValue": False},
        ),
        "OUTPUT": Parameter(
            "Folder of samples",
            "A new or empty folder, unless samples are added: classes.yaml, train/ and val/ with images/ and labels/, "
            "and samples.json, the list of what came from where.",
            QgsProcessingParameterFolderDestination,
        ),
    }
    OUTPUTS = {
        "TRAIN": Output("Training samples", "How many samples of this raster are for training."),
        "VAL": Output("Validation samples", "How many samples of this raster are for validation."),
        "JUDGED": Output("Judged pixels", "How many pixels are labelled."),
    }

    def read(self, values: ParameterValues) -> SampleJob:  # noqa: D102 (inherited)
        from uhrs_qgis_plugin.engine.grid import Window
        from uhrs_qgis_plugin.engine.raster import open_raster
        from uhrs_qgis_plugin.engine.samples import SampleOptions, bands_of_image, image_window

        layer = values.raster_layer("INPUT")
        image, classes = raster_source(layer), read_class_raster(values)
        if layer.crs() != classes.crs:
            raise RasterError(
                f"INPUT is in {layer.crs().authid() or 'no CRS'} but CLASSES in {classes.crs.authid() or 'no CRS'}: "
                "choose the classes that were made from this raster."
            )
        options = SampleOptions(
            side=values.integer("CROP"),
            validation=values.number("VALIDATION"),
            bands=values.integers("BANDS") or None,
            append=values.flag("APPEND"),
        )
        with open_raster(image, "gdal") as reader:
            bands_of_image(reader.info, options.bands)
            image_window(reader.info, classes.info, Window(0, 0, classes.info.height, classes.info.width))
        return SampleJob(image, classes, options, values.text("OUTPUT"))

    def work(self, job: SampleJob, values: ParameterValues, feedback: QgsProcessingFeedback) -> Outcome:  # noqa: D102
        from uhrs_qgis_plugin.algorithms.corrections.class_metadata import sample_classes
        from uhrs_qgis_plugin.engine.samples import SampleSources, cut_samples

        read = read_judgements(job.classes, values, feedback)
        classes = sample_classes(job.classes.path, job.classes.added)
        facts = {"class_raster": job.classes.path, **read.facts(), "date": now()}
        sources = SampleSources(job.image, job.classes.path, classes, facts)
        samples = cut_samples(sources, read.judgements(), job.folder, job.options, watch_of(feedback))
        _log(samples, classes, feedback)
        judged = int(samples.pixels.sum())
        return Outcome({"OUTPUT": job.folder, "TRAIN": samples.train, "VAL": samples.val, "JUDGED": judged})


def _log(samples: Samples, classes: tuple[SampleClass, ...], feedback: QgsProcessingFeedback) -> None:
    """Log how many samples and labelled pixels there are."""
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
