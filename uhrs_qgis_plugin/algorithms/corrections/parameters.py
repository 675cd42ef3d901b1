"""The parameters of the algorithms that take judgements."""

from __future__ import annotations

from qgis.core import QgsProcessingParameterFeatureSource, QgsProcessingParameterRasterLayer

from uhrs_qgis_plugin.algorithms.parameters import Parameter
from uhrs_qgis_plugin.layers import POLYGON_SOURCES

CLASSES, REGIONS, CORRECTIONS = "CLASSES", "REGIONS", "CORRECTIONS"

JUDGEMENT_PARAMETERS = {
    REGIONS: Parameter(
        "Judged regions",
        "The layer of regions that was reviewed, with the fields 'status' ('right', 'wrong', ...) and 'new_class' (the "
        "number of the class that a wrong region is).",
        QgsProcessingParameterFeatureSource,
        {"types": [POLYGON_SOURCES], "optional": True},
    ),
    CORRECTIONS: Parameter(
        "Drawn corrections",
        "The polygons that were drawn in the review, the table 'corrections' beside the regions, with the field "
        "'class' (the number of the class).",
        QgsProcessingParameterFeatureSource,
        {"types": [POLYGON_SOURCES], "optional": True},
    ),
}


def classes_parameter(sentence: str) -> Parameter:
    """Make the parameter of the class raster."""
    return Parameter("Classes", sentence, QgsProcessingParameterRasterLayer)
