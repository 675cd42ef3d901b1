"""What `uhrs:trainingsamples` takes and gives: ids, labels, one sentence of help each, and the QGIS definitions."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import (
    QgsProcessingParameterBand,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import help_html
from uhrs_qgis_plugin.algorithms.class_areas_parameters import POLYGONS
from uhrs_qgis_plugin.algorithms.segment_raster_parameters import DOUBLE, advanced
from uhrs_qgis_plugin.algorithms.uncertain_regions_parameters import INTEGER

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
