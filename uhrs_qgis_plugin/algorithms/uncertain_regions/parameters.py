"""What `uhrs:uncertainregions` takes and gives: ids, labels, one sentence of help each, and the QGIS definitions."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import (
    Qgis,
    QgsProcessing,
    QgsProcessingParameterBand,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import help_html
from uhrs_qgis_plugin.algorithms.segment.parameters import DOUBLE, advanced

# Both enums moved into Qgis in 3.36.
if hasattr(Qgis, "ProcessingNumberParameterType"):
    INTEGER = Qgis.ProcessingNumberParameterType.Integer
else:
    INTEGER = QgsProcessingParameterNumber.Type.Integer
if hasattr(Qgis, "ProcessingSourceType"):
    POLYGONS = Qgis.ProcessingSourceType.VectorPolygon
else:
    POLYGONS = QgsProcessing.TypeVectorPolygon

# Those of the engine's RegionOptions (a test compares them): the plugin loads without numpy.
TOP, MIN_CELLS, MERGE, LIMIT, SPREAD = 2.0, 4, 1, 1000, 0
LEAST_TOP = 0.0001  # per cent
MOST_MERGE = 64
MOST_REGIONS = 50_000

SUMMARY = (
    "Outlines the places of a segmented raster that are worth a look: where the uncertainty is highest. They are "
    "ranked by what looking at them brings, which is their area times their mean uncertainty: rank 1 comes first."
)

# id -> (label, sentence)
PARAMETERS = {
    "UNCERTAINTY": ("Uncertainty", "The uncertainty raster that 'Segment raster' wrote."),
    "BAND": (
        "Band (default: the final uncertainty)",
        "Band 2 is the final uncertainty, the doubt that is left in the result, and the default where the raster has "
        "it; band 1 (U) tells where the coarse view was unsure, much of which has been refined since.",
    ),
    "CLASSES": (
        "Classes",
        "The class raster of the same run; with it each region tells its most frequent class and the one after it.",
    ),
    "TOP": (
        "Share of the area, per cent",
        "The most uncertain part of the area, in per cent, that regions are made of.",
    ),
    "THRESHOLD": (
        "Uncertainty threshold, instead of a share",
        "Instead of a share of the area, all cells whose uncertainty (0 to 1) reaches this number.",
    ),
    "SPREAD": (
        "Spread over the raster: side of a square in cells (0: the raster as a whole)",
        "Each square of so many cells (16 or more) gives the share of its own area, and the ranks go round: first the "
        "most important region of every square, then the second of each. So the first regions lie all over the raster "
        "when the doubts sit in one corner or are all alike; it does nothing with a threshold.",
    ),
    "MIN_AREA": (
        "Smallest region, in cells",
        "Regions of fewer cells of the uncertainty raster are left out; a cell is 8 x 8 pixels of the image unless "
        "the run was told otherwise.",
    ),
    "MERGE": (
        "Merge across, in cells",
        "Uncertain cells become one region when at most this many cells lie between them; at 0 they must touch, if "
        "only at a corner.",
    ),
    "LIMIT": ("Most regions", "Only so many regions are written, the most important ones."),
    "OUTPUT": (
        "Uncertain regions",
        "The layer to write, one feature a region, with rank, mean_u and max_u (uncertainty 0 to 1), area_m2 (on the "
        "ellipsoid; empty without a coordinate reference system), cells, class and class_2 (most frequent and second "
        "class), and status ('open'); choose a GeoPackage to keep it.",
    ),
}

OUTPUTS = {
    "COUNT": ("Regions", "How many regions were written."),
    "LEAST_UNCERTAINTY": ("Least uncertainty", "The uncertainty, 0 to 1, from which cells were taken."),
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

    def count(name: str, value: int, least: int, most: int | None = None) -> QgsProcessingParameterNumber:
        parameter = QgsProcessingParameterNumber(name, labels[name], INTEGER, value, False, least)
        if most is not None:
            parameter.setMaximum(most)
        return parameter

    parameters = [
        QgsProcessingParameterRasterLayer("UNCERTAINTY", labels["UNCERTAINTY"]),
        QgsProcessingParameterBand("BAND", labels["BAND"], None, "UNCERTAINTY", True),
        QgsProcessingParameterRasterLayer("CLASSES", labels["CLASSES"], None, True),
        QgsProcessingParameterNumber("TOP", labels["TOP"], DOUBLE, TOP, False, LEAST_TOP, 100),
        QgsProcessingParameterNumber("THRESHOLD", labels["THRESHOLD"], DOUBLE, None, True, 0, 1),
        advanced(count("SPREAD", SPREAD, 0)),
        count("MIN_AREA", MIN_CELLS, 1),
        advanced(count("MERGE", MERGE, 0, MOST_MERGE)),
        advanced(count("LIMIT", LIMIT, 1, MOST_REGIONS)),
        QgsProcessingParameterFeatureSink("OUTPUT", labels["OUTPUT"], POLYGONS),
    ]
    for parameter in parameters:
        parameter.setHelp(translate(PARAMETERS[parameter.name()][1]))
    return parameters
