"""What `uhrs:correctedclasses` takes and gives: ids, labels, one sentence of help each, and the QGIS definitions."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import (
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import help_html
from uhrs_qgis_plugin.algorithms.class_areas_parameters import POLYGONS

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
