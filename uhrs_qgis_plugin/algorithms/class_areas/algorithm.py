"""`uhrs:classareas`: class raster (and uncertainty, zones) -> engine.areas -> table and HTML report."""

from __future__ import annotations

import contextlib

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterBand,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import REVIEW, Outcome, UhrsAlgorithm
from uhrs_qgis_plugin.algorithms.class_areas.job import AreaJob, AreaResult
from uhrs_qgis_plugin.algorithms.parameters import Parameter, ParameterValues, raster_source
from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.files import replacing
from uhrs_qgis_plugin.layers import (
    ANY_VECTOR,
    BIG_INTEGER,
    DOUBLE,
    DOUBLE_NUMBER,
    INTEGER,
    NO_GEOMETRY,
    POLYGON_SOURCES,
    TEXT,
)

FINAL = 2  # the band that is used unless another is chosen

# Of the table; names are frozen.
FIELDS = (
    ("zone", TEXT),
    ("class", INTEGER),
    ("name", TEXT),
    ("pixels", BIG_INTEGER),
    ("area", DOUBLE),
    ("unit", TEXT),
    ("share", DOUBLE),
    ("unsure_share", DOUBLE),
)


class ClassAreasAlgorithm(UhrsAlgorithm):
    """Measures classes."""

    NAME = "classareas"
    TITLE = "Class areas"
    GROUP = REVIEW
    TAGS = "land cover,area,share,statistics,zonal,histogram,unique values,hectares,uncertainty,report,classification"
    SUMMARY = (
        "Measures the area and the share of each class of a class raster, over the whole and inside each polygon of an "
        "optional layer, with the part that is uncertain. Areas are those on the ground, on the ellipsoid of the "
        "raster's coordinate reference system (in the plane of the map where the project measures planimetrically), in "
        "the project's unit. The result is a table, and a report with bars for reading and printing."
    )
    PARAMETERS = {
        "CLASSES": Parameter(
            "Classes",
            "A class raster as 'Segment raster' writes it: one band of numbers from 0 to 255.",
            QgsProcessingParameterRasterLayer,
        ),
        "UNCERTAINTY": Parameter(
            "Uncertainty",
            "The uncertainty raster that was written together with the classes; left empty, nothing is said about "
            "uncertainty.",
            QgsProcessingParameterRasterLayer,
            {"optional": True},
        ),
        "BAND": Parameter(
            "Band of the uncertainty (default: 2, the final one)",
            "Which uncertainty counts: 2, the final one, after refining; or 1, that of the coarse view (U).",
            QgsProcessingParameterBand,
            {"defaultValue": FINAL, "parentLayerParameterName": "UNCERTAINTY", "optional": True},
        ),
        "UNSURE": Parameter(
            "Unsure from this uncertainty",
            "A pixel counts as unsure when its uncertainty, 0 (sure) to 1, reaches this number.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "defaultValue": 0.5, "minValue": 0, "maxValue": 1},
        ),
        "ZONES": Parameter(
            "Zones",
            "Polygons to measure apart, in any coordinate system; a pixel belongs to the polygons that hold its "
            "centre.",
            QgsProcessingParameterFeatureSource,
            {"types": [POLYGON_SOURCES], "optional": True},
        ),
        "ZONE_FIELD": Parameter(
            "Field that names the zones",
            "The field whose value names a zone in table and report; left empty, the feature's id.",
            QgsProcessingParameterField,
            {"parentLayerParameterName": "ZONES", "optional": True},
        ),
        "OUTPUT": Parameter(
            "Class areas",
            "The table to write, one row a class for the whole raster and for each zone: zone, class (number), name, "
            "pixels, area, unit, share and unsure_share (both 0 to 1).",
            QgsProcessingParameterFeatureSink,
            {"type": ANY_VECTOR},
        ),
        "HTML": Parameter(  # its filter makes it an output of type HTML
            "Report",
            "The report to write, one file that needs nothing else (HTML).",
            QgsProcessingParameterFileDestination,
            {"fileFilter": "HTML files (*.html)", "optional": True},
        ),
    }

    def read(self, values: ParameterValues) -> AreaJob:  # noqa: D102 (inherited)
        from uhrs_qgis_plugin.algorithms.class_areas.zones import check_zones
        from uhrs_qgis_plugin.engine.areas import uncertainty_cell
        from uhrs_qgis_plugin.engine.raster import open_raster
        from uhrs_qgis_plugin.engine.results import check_classes

        layer = values.raster_layer("CLASSES")
        classes = raster_source(layer)
        band = values.integer("BAND") if values.is_given("BAND") else FINAL
        with open_raster(classes, "gdal") as reader:
            info = reader.info
        check_classes(info)
        uncertainty, cell = None, 1
        if values.is_given("UNCERTAINTY"):
            other = values.raster_layer("UNCERTAINTY")
            uncertainty = raster_source(other)
            if other.crs() != layer.crs():
                raise RasterError(
                    f"UNCERTAINTY is in {other.crs().authid() or 'no CRS'} but CLASSES in "
                    f"{layer.crs().authid() or 'no CRS'}: choose the uncertainty that was written with these classes."
                )
            with open_raster(uncertainty, "gdal") as reader:
                cell = uncertainty_cell(info, reader.info, band)
        zones = values.polygons("ZONES")
        if zones is not None:
            check_zones(zones, values.text("ZONE_FIELD"), layer.crs())
        return AreaJob(classes, uncertainty, band, values.number("UNSURE"), cell, info, layer.crs())

    def work(self, job: AreaJob, values: ParameterValues, feedback: QgsProcessingFeedback) -> Outcome:  # noqa: D102
        from uhrs_qgis_plugin.algorithms.class_areas.measure import measure_classes
        from uhrs_qgis_plugin.algorithms.class_areas.zones import read_zones

        source, zones = values.polygons("ZONES"), None
        if source is not None:
            zones = read_zones(source, values.text("ZONE_FIELD"), job, values.context.transformContext(), feedback)
        result = measure_classes(job, zones, values.context, feedback)
        report = values.file_destination("HTML")
        with contextlib.ExitStack() as stack:
            if report:  # first, so that a full disk shows before the table exists
                stack.enter_context(replacing(report)).write_text(result.html, encoding="utf-8")
            table = _write_table(values, result)
        for line in result.lines:
            feedback.pushInfo(line)
        return Outcome({"OUTPUT": table, **({"HTML": report} if report else {})})


def _write_table(values: ParameterValues, result: AreaResult) -> str:
    """Write all rows, and name the table.

    Raises:
        QgsProcessingException: The table cannot be written.
    """
    fields = QgsFields()
    for name, kind in FIELDS:
        fields.append(QgsField(name, kind))
    sink, table = values.sink("OUTPUT", fields, NO_GEOMETRY, QgsCoordinateReferenceSystem())
    for row in result.rows():
        feature = QgsFeature(fields)
        feature.setAttributes(row)
        if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
            raise QgsProcessingException(values.write_error(sink, "OUTPUT"))
    del sink  # closes the file
    return table
