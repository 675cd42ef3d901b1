"""`uhrs:accuracy`: class raster and reference -> engine.accuracy -> table, report, matrix, JSON."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsUnitTypes,
)

from uhrs_qgis_plugin.algorithms.accuracy.features import check_reference, read_features
from uhrs_qgis_plugin.algorithms.accuracy.result_table import write_table
from uhrs_qgis_plugin.algorithms.base import REVIEW, Outcome, UhrsAlgorithm, watch_of
from uhrs_qgis_plugin.algorithms.measuring import area_unit, gdal_wkt, is_planimetric
from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter, ParameterValues, raster_source
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.files import together
from uhrs_qgis_plugin.layers import (
    ANY_VECTOR,
    DOUBLE,
    INTEGER,
    INTEGER_NUMBER,
    POINT_SOURCES,
    POLYGON_SOURCES,
    SQUARE_METRES,
    TEXT,
)

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.accuracy import AccuracyOptions, AccuracyReport

# Types of the columns of the engine's table, which has the same names.
FIELDS = (
    ("figure", TEXT),
    ("class", INTEGER),
    ("name", TEXT),
    ("value", DOUBLE),
    ("error", DOUBLE),
    ("low", DOUBLE),
    ("high", DOUBLE),
    ("unit", TEXT),
)


@dataclass(frozen=True)
class AccuracyJob:
    """What the main thread hands to the worker.

    Attributes:
        classes: Name of the class raster that GDAL opens.
        raster: The same of a reference raster, "" for a layer of features.
        crs: Of the class raster's layer, which the user may have set.
        crs_wkt: The same as GDAL reads it.
        options: The engine's options.
    """

    classes: str
    raster: str
    crs: QgsCoordinateReferenceSystem
    crs_wkt: str
    options: AccuracyOptions


class AccuracyAlgorithm(UhrsAlgorithm):
    """Compares a class map with a reference."""

    NAME = "accuracy"
    TITLE = "Accuracy"
    GROUP = REVIEW
    TAGS = (
        "accuracy assessment,confusion matrix,error matrix,validation,kappa,f1,iou,user's accuracy,producer's accuracy,"
        "area estimation,olofsson,ground truth,reference,quality,report"
    )
    SUMMARY = (
        "Compares a class map with a reference and tells how right it is: confusion matrix; overall, user's and "
        "producer's accuracy, F1 and IoU with 95 % intervals; and the area of each class corrected for the map's "
        "errors. The reference is a layer of points or polygons, or another class raster. Points of 'Sample points' "
        "carry their strata, which the estimates use; judge them in the review panel first."
    )
    PARAMETERS = {
        "CLASSES": Parameter(
            "Classes",
            "The class raster to judge: one band of numbers from 0 to 255.",
            QgsProcessingParameterRasterLayer,
        ),
        "REFERENCE": Parameter(
            "Reference points or polygons",
            "Places whose class is known, in any coordinate system: points of 'Sample points' that were judged, or any "
            "points or polygons with a field for the class. Either this or a reference raster.",
            QgsProcessingParameterFeatureSource,
            {"types": [POINT_SOURCES, POLYGON_SOURCES], "optional": True},
        ),
        "FIELD": Parameter(
            "Field of the class",
            "The field that names the class of a place, by name or by number; left empty, the judgements of the review "
            "panel count: 'right' is the class that was shown, 'wrong' the class that was chosen.",
            QgsProcessingParameterField,
            {"parentLayerParameterName": "REFERENCE", "optional": True},
        ),
        "REFERENCE_RASTER": Parameter(
            "Reference raster, instead",
            "A class raster that counts as true, on any grid and in any coordinate system; it is read at the centre of "
            "each pixel of the classes.",
            QgsProcessingParameterRasterLayer,
            {"optional": True},
        ),
        "MAPPING": Parameter(
            "Other names in the reference",
            "Which class of the map a class of the reference is, where the names differ: 'roof=building; pool=*; "
            "shadow='. A star keeps a class of its own that the map never has, nothing leaves the class out.",
            QgsProcessingParameterString,
            {"optional": True},
        ),
        "BLOCK": Parameter(
            "Block of the bootstrap, in pixels (default: by the size of the raster)",
            "With a reference raster, intervals come from drawing square blocks of this side with replacement, for "
            "neighbouring pixels resemble each other; choose it larger than the largest things in the map.",
            QgsProcessingParameterNumber,
            {"type": INTEGER_NUMBER, "optional": True, "minValue": 1},
            advanced=True,
        ),
        "OUTPUT": Parameter(
            "Accuracy",
            "The table to write, one row a figure: figure, class (number), name, value, error (standard error), low "
            "and high (ends of the 95 % interval), unit.",
            QgsProcessingParameterFeatureSink,
            {"type": ANY_VECTOR},
        ),
        "HTML": Parameter(
            "Report",
            "The report to write, with matrix and bars, one file that needs nothing else (HTML).",
            QgsProcessingParameterFileDestination,
            {"fileFilter": "HTML files (*.html)", "optional": True},
        ),
        "MATRIX": Parameter(
            "Confusion matrix",
            "The confusion matrix to write: a row for each class of the map, a column for each of the reference (CSV).",
            QgsProcessingParameterFileDestination,
            {"fileFilter": "CSV files (*.csv)", "optional": True, "createByDefault": False},
            advanced=True,
        ),
        "JSON": Parameter(
            "Everything, for programs",
            "All figures, the matrix, the facts and the warnings in one file (JSON).",
            QgsProcessingParameterFileDestination,
            {"fileFilter": "JSON files (*.json)", "optional": True, "createByDefault": False},
            advanced=True,
        ),
    }
    OUTPUTS = {
        "OVERALL": Output("Overall accuracy", "The share of the area that is right, 0 to 1."),
        "KAPPA": Output("Kappa", "Cohen's kappa, for those who ask for it."),
    }

    def read(self, values: ParameterValues) -> AccuracyJob:  # noqa: D102 (inherited)
        from uhrs_qgis_plugin.engine.accuracy import AccuracyOptions
        from uhrs_qgis_plugin.engine.raster import open_raster
        from uhrs_qgis_plugin.engine.results import check_classes

        layer = values.raster_layer("CLASSES")
        classes, raster, theirs = raster_source(layer), "", None
        with open_raster(classes, "gdal") as reader:
            check_classes(reader.info)
        given = [name for name in ("REFERENCE", "REFERENCE_RASTER") if values.is_given(name)]
        if len(given) != 1:
            raise OptionsError(
                f"{'Both REFERENCE and REFERENCE_RASTER' if given else 'No reference'} given: choose either a layer of "
                "points or polygons, or a raster."
            )
        if given == ["REFERENCE_RASTER"]:
            other = values.raster_layer("REFERENCE_RASTER")
            raster, theirs = raster_source(other), gdal_wkt(other.crs())
            if raster == classes:
                raise OptionsError("REFERENCE_RASTER is CLASSES itself: choose another raster.")
        source = values.features("REFERENCE")
        if source is not None:
            check_reference(source, values.text("FIELD"), layer.crs())
        options = AccuracyOptions(
            mapping=values.text("MAPPING"),
            block=values.integer("BLOCK") if values.is_given("BLOCK") else None,
            planimetric=is_planimetric(values.context),
            crs_wkt=gdal_wkt(layer.crs()),
            reference_crs_wkt=theirs,
            backend="gdal",
        )
        return AccuracyJob(classes, raster, QgsCoordinateReferenceSystem(layer.crs()), options.crs_wkt or "", options)

    def work(self, job: AccuracyJob, values: ParameterValues, feedback: QgsProcessingFeedback) -> Outcome:  # noqa: D102
        from uhrs_qgis_plugin.engine.accuracy import (
            assess,
            make_report,
            matrix_csv,
            reference_of_features,
            rows_of,
            to_json,
        )

        source = values.features("REFERENCE")
        if source is None:
            report = assess(job.classes, job.raster, job.options, watch_of(feedback))
        else:
            transforms = values.context.transformContext()
            features = read_features(source, job.crs, job.crs_wkt, transforms, feedback)
            reference = reference_of_features(features, values.text("FIELD"), job.crs_wkt)
            report = assess(job.classes, reference, job.options, watch_of(feedback))
        unit, factor = "", 1.0
        if report.unit == "m2":
            wanted = area_unit(values.context)
            unit = QgsUnitTypes.toAbbreviatedString(wanted)
            factor = QgsUnitTypes.fromUnitToUnitFactor(SQUARE_METRES, wanted)
        title = self.tr("Accuracy of {}").format(os.path.basename(job.classes))
        makers = {
            "HTML": lambda: make_report(report, title, factor, unit or None),
            "MATRIX": lambda: matrix_csv(report),
            "JSON": lambda: to_json(report),
        }
        files = {name: values.file_destination(name) for name in makers}
        files = {name: path for name, path in files.items() if path}
        # First, so that a full disk shows before the table exists.
        with together({path: makers[name]() for name, path in files.items()}):
            table = write_table(values, FIELDS, list(rows_of(report, factor, unit or report.unit)))
        _log(report, feedback)
        results = {"OUTPUT": table, "OVERALL": report.overall.value, "KAPPA": report.kappa, **files}
        return Outcome(results)


def _log(report: AccuracyReport, feedback: QgsProcessingFeedback) -> None:
    """Log the figures in a few lines, and what to beware of."""
    overall = report.overall
    if overall.value is not None:
        ends = "" if overall.low is None or overall.high is None else f" ({overall.low:.1%} to {overall.high:.1%})"
        feedback.pushInfo(f"Overall accuracy {overall.value:.1%}{ends}")
    for item in report.classes:
        users, producers, iou = (
            "-" if part.value is None else f"{part.value:.1%}" for part in (item.users, item.producers, item.iou)
        )
        feedback.pushInfo(f"  {item.name}: user's {users}, producer's {producers}, IoU {iou}")
    for line in report.warnings:
        feedback.pushWarning(line)
