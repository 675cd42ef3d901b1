"""What `uhrs:classareas` takes and gives: ids, labels, one sentence of help each, and the QGIS definitions."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import (
    Qgis,
    QgsField,
    QgsFields,
    QgsProcessing,
    QgsProcessingParameterBand,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsWkbTypes,
)

from uhrs_qgis_plugin.algorithms.base import help_html
from uhrs_qgis_plugin.algorithms.segment.parameters import DOUBLE

# Both enums moved, in 3.36 and in 3.38.
if hasattr(Qgis, "ProcessingSourceType"):
    POLYGONS, TABLE = Qgis.ProcessingSourceType.VectorPolygon, Qgis.ProcessingSourceType.Vector
else:
    POLYGONS, TABLE = QgsProcessing.TypeVectorPolygon, QgsProcessing.TypeVector
if Qgis.QGIS_VERSION_INT >= 33800:
    from qgis.PyQt.QtCore import QMetaType

    KINDS = QMetaType.Type
    TEXT, INTEGER, BIG, REAL = KINDS.QString, KINDS.Int, KINDS.LongLong, KINDS.Double
else:
    from qgis.PyQt.QtCore import QVariant

    TEXT, INTEGER, BIG, REAL = QVariant.String, QVariant.Int, QVariant.LongLong, QVariant.Double

NO_GEOMETRY = Qgis.WkbType.NoGeometry if Qgis.QGIS_VERSION_INT >= 33000 else QgsWkbTypes.NoGeometry
FINAL = 2  # the band that counts unless another is chosen

SUMMARY = (
    "Measures the area and the share of each class of a class raster, over the whole and inside each polygon of an "
    "optional layer, with the part that is uncertain. Areas are those on the ground, on the ellipsoid of the raster's "
    "coordinate reference system (in the plane of the map where the project measures planimetrically), in the "
    "project's unit. The result is a table, and a report with bars for reading and printing."
)

# id -> (label, sentence)
PARAMETERS = {
    "CLASSES": ("Classes", "A class raster as 'Segment raster' writes it: one band of numbers from 0 to 255."),
    "UNCERTAINTY": (
        "Uncertainty",
        "The uncertainty raster that was written together with the classes; left empty, nothing is said about "
        "uncertainty.",
    ),
    "BAND": (
        "Band of the uncertainty (default: 2, the final one)",
        "Which uncertainty counts: 2, the final one, after refining; or 1, that of the coarse view (U).",
    ),
    "UNSURE": (
        "Unsure from this uncertainty",
        "A pixel counts as unsure when its uncertainty, 0 (sure) to 1, reaches this number.",
    ),
    "ZONES": (
        "Zones",
        "Polygons to measure apart, in any coordinate system; a pixel belongs to the polygons that hold its centre.",
    ),
    "ZONE_FIELD": (
        "Field that names the zones",
        "The field whose value names a zone in table and report; left empty, the feature's id.",
    ),
    "OUTPUT": (
        "Class areas",
        "The table to write, one row a class for the whole raster and for each zone: zone, class (number), name, "
        "pixels, area, unit, share and unsure_share (both 0 to 1).",
    ),
    "HTML": ("Report", "The report to write, one file that needs nothing else (HTML)."),
}


def table_fields() -> QgsFields:
    """Return the fields of the table; their names are frozen."""
    fields = QgsFields()
    for name, kind in (
        ("zone", TEXT),
        ("class", INTEGER),
        ("name", TEXT),
        ("pixels", BIG),
        ("area", REAL),
        ("unit", TEXT),
        ("share", REAL),
        ("unsure_share", REAL),
    ):
        fields.append(QgsField(name, kind))
    return fields


def help_text(translate: Callable[[str], str]) -> str:
    """Put the help together.

    Args:
        translate: Turns an English text into the user's language.

    Returns:
        Simple HTML.
    """
    return help_html(translate, SUMMARY, {"Parameters": PARAMETERS})


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
        QgsProcessingParameterRasterLayer("UNCERTAINTY", labels["UNCERTAINTY"], None, True),
        QgsProcessingParameterBand("BAND", labels["BAND"], FINAL, "UNCERTAINTY", True),
        QgsProcessingParameterNumber("UNSURE", labels["UNSURE"], DOUBLE, 0.5, False, 0, 1),
        QgsProcessingParameterFeatureSource("ZONES", labels["ZONES"], [POLYGONS], None, True),
        QgsProcessingParameterField("ZONE_FIELD", labels["ZONE_FIELD"], None, "ZONES", optional=True),
        QgsProcessingParameterFeatureSink("OUTPUT", labels["OUTPUT"], TABLE),
        QgsProcessingParameterFileDestination("HTML", labels["HTML"], translate("HTML files (*.html)"), None, True),
    ]
    for parameter in parameters:
        parameter.setHelp(translate(PARAMETERS[parameter.name()][1]))
    return parameters
