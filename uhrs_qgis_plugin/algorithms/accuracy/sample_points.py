"""`uhrs:samplepoints`: class raster -> engine.sampling -> points to judge in the review panel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingFeedback,
    QgsProcessingParameterBand,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from uhrs_qgis_plugin.algorithms.base import REVIEW, Outcome, UhrsAlgorithm, watch_of
from uhrs_qgis_plugin.algorithms.measuring import gdal_wkt, is_planimetric
from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter, ParameterValues, raster_source
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, OutputError, UhrsError
from uhrs_qgis_plugin.layers import (
    BIG_INTEGER,
    DOUBLE,
    INTEGER,
    INTEGER_NUMBER,
    POINT,
    POINT_SOURCES,
    TEXT,
    ResultLayer,
    delete_features,
    describe_regions,
)

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.sampling import Sample, SampleOptions

# Those of the engine (a test compares them): the plugin loads without numpy.
STRATA = ("class", "uncertainty", "none")
ALLOCATIONS = ("proportional", "equal", "optimal")
POINTS, LEAST, SEED, MOST_POINTS = 200, 20, 1, 1_000_000
AT_ONCE = 500  # features between two looks at the cancel button

# Of the layer; names are frozen. The engine fills them.
FIELDS = (
    ("rank", INTEGER),
    ("mean_u", DOUBLE),
    ("class", TEXT),
    ("stratum", INTEGER),
    ("stratum_name", TEXT),
    ("stratum_pixels", BIG_INTEGER),
    ("stratum_m2", DOUBLE),
    ("status", TEXT),
    ("new_class", INTEGER),
    ("new_name", TEXT),
    ("reviewer", TEXT),
    ("reviewed", TEXT),
)


@dataclass(frozen=True)
class SampleJob:
    """What the main thread hands to the worker.

    Attributes:
        classes: Name of the class raster that GDAL opens.
        uncertainty: The same of the uncertainty raster, None without.
        crs: Of the class raster's layer, which the user may have set.
        options: The engine's options.
        blind: Whether points tell the class of the map.
    """

    classes: str
    uncertainty: str | None
    crs: QgsCoordinateReferenceSystem
    options: SampleOptions
    blind: bool


class SamplePointsAlgorithm(UhrsAlgorithm):
    """Draws points to judge."""

    NAME = "samplepoints"
    TITLE = "Sample points"
    GROUP = REVIEW
    TAGS = (
        "sampling,random points,stratified,validation,ground truth,accuracy assessment,reference,probability sample,"
        "allocation,quality"
    )
    SUMMARY = (
        "Draws random points from a class map: judge them one by one in the review panel, and 'Accuracy' tells how "
        "right the map is and how large the classes are in truth. Points carry their stratum and its size, so that "
        "'Accuracy' knows how they were drawn. They lie in the centres of pixels with a class, each pixel at most once."
    )
    PARAMETERS = {
        "CLASSES": Parameter(
            "Classes",
            "The class raster to judge, as 'Segment raster' writes it.",
            QgsProcessingParameterRasterLayer,
        ),
        "UNCERTAINTY": Parameter(
            "Uncertainty",
            "The uncertainty raster of the same run: for strata of uncertainty, for optimal shares, and to show at "
            "each point.",
            QgsProcessingParameterRasterLayer,
            {"optional": True},
        ),
        "BAND": Parameter(
            "Band of the uncertainty (default: 1, U)",
            "Which uncertainty counts: 1, that of the coarse view (U), or 2, the final one.",
            QgsProcessingParameterBand,
            {"defaultValue": 1, "parentLayerParameterName": "UNCERTAINTY", "optional": True},
        ),
        "POINTS": Parameter(
            "Points",
            "How many points to draw: with 200 the overall accuracy is known to about 5 per cent, with 800 to 2.5.",
            QgsProcessingParameterNumber,
            {"type": INTEGER_NUMBER, "defaultValue": POINTS, "minValue": 1, "maxValue": MOST_POINTS},
        ),
        "STRATA": Parameter(
            "Drawn from",
            "What points are drawn from one by one: each class of the map; levels of uncertainty (the surest half of "
            "the area, and ever smaller parts of the rest); or none, the whole map.",
            QgsProcessingParameterEnum,
            {"options": list(STRATA), "usesStaticStrings": True, "defaultValue": STRATA[0]},
        ),
        "ALLOCATION": Parameter(
            "Shares",
            "How the points are shared: proportional to the area, best for the overall accuracy; equal, best for the "
            "accuracy of each class; optimal, by area and expected errors.",
            QgsProcessingParameterEnum,
            {"options": list(ALLOCATIONS), "usesStaticStrings": True, "defaultValue": ALLOCATIONS[0]},
        ),
        "LEAST": Parameter(
            "Least number in each",
            "Every class or level gets at least so many points, as far as it has pixels: rare classes would get none "
            "else.",
            QgsProcessingParameterNumber,
            {"type": INTEGER_NUMBER, "defaultValue": LEAST, "minValue": 0},
        ),
        "EXPECTED": Parameter(
            "Expected accuracies, for optimal shares",
            "How right each class is thought to be, from 0 to 1, such as 'road=0.7; building=0.9'; what is left out is "
            "taken from the mean uncertainty.",
            QgsProcessingParameterString,
            {"optional": True},
            advanced=True,
        ),
        "SEED": Parameter(
            "Seed",
            "The same number draws the same points from the same raster; another one draws others.",
            QgsProcessingParameterNumber,
            {"type": INTEGER_NUMBER, "defaultValue": SEED, "minValue": 0},
            advanced=True,
        ),
        "BLIND": Parameter(
            "Do not tell the map's class",
            "Points hide the class of the map, so that it does not sway who judges them: then each is judged by the "
            "key of its class, and hide the layer of the classes too.",
            QgsProcessingParameterBoolean,
            {"defaultValue": False},
        ),
        "OUTPUT": Parameter(
            "Sample points",
            "The layer to write, one feature a point, in random order, with rank, mean_u (uncertainty, 0 to 1), class, "
            "stratum with its name, pixels and area, and status ('open'); choose a GeoPackage to keep the judgements.",
            QgsProcessingParameterFeatureSink,
            {"type": POINT_SOURCES},
        ),
    }
    OUTPUTS = {"COUNT": Output("Points", "How many points were drawn.")}

    def read(self, values: ParameterValues) -> SampleJob:  # noqa: D102 (inherited)
        import contextlib

        from uhrs_qgis_plugin.engine.raster import open_raster
        from uhrs_qgis_plugin.engine.sampling import SampleOptions, check_sample

        layer = values.raster_layer("CLASSES")
        classes, uncertainty = raster_source(layer), None
        if values.is_given("UNCERTAINTY"):
            other = values.raster_layer("UNCERTAINTY")
            uncertainty = raster_source(other)
            if other.crs() != layer.crs():
                raise OptionsError(
                    f"UNCERTAINTY is in {other.crs().authid() or 'no CRS'} but CLASSES in "
                    f"{layer.crs().authid() or 'no CRS'}: choose the uncertainty that was written with these classes."
                )
        options = SampleOptions(
            points=values.integer("POINTS"),
            strata=values.choice("STRATA"),
            allocation=values.choice("ALLOCATION"),
            least=values.integer("LEAST"),
            expected=values.text("EXPECTED"),
            seed=values.integer("SEED"),
            band=values.integer("BAND") if values.is_given("BAND") else 1,
            planimetric=is_planimetric(values.context),
            crs_wkt=gdal_wkt(layer.crs()),
            backend="gdal",
        )
        with contextlib.ExitStack() as stack:
            readers = [
                None if path is None else stack.enter_context(open_raster(path, "gdal"))
                for path in (classes, uncertainty)
            ]
            if readers[0] is not None:
                check_sample(readers[0], readers[1], options)
        crs = QgsCoordinateReferenceSystem(layer.crs())
        return SampleJob(classes, uncertainty, crs, options, values.flag("BLIND"))

    def work(self, job: SampleJob, values: ParameterValues, feedback: QgsProcessingFeedback) -> Outcome:  # noqa: D102
        from uhrs_qgis_plugin.engine.sampling import draw_sample

        sample = draw_sample(job.classes, job.uncertainty, job.options, watch_of(feedback))
        source = _write(sample, job, values, feedback)
        for stratum in sample.strata:
            feedback.pushInfo(f"  {stratum.name}: {stratum.points:,} points of {stratum.pixels:,} pixels")
        if len(sample.x) < job.options.points:
            feedback.pushWarning(f"The map has only {len(sample.x):,} pixels with a class: all were taken.")
        describe = partial(describe_regions, source=job.classes)
        layers = [ResultLayer(source, self.tr(self.TITLE), describe, has_style_file=False)]
        return Outcome({"OUTPUT": source, "COUNT": len(sample.x)}, layers)


def _write(sample: Sample, job: SampleJob, values: ParameterValues, feedback: QgsProcessingFeedback) -> str:
    """Create the layer and fill it; leave nothing when that fails or is cancelled.

    Returns:
        The file, or the id of the layer in memory.
    """
    fields = QgsFields()
    for name, kind in FIELDS:
        fields.append(QgsField(name, kind))
    sink, source = values.sink("OUTPUT", fields, POINT, job.crs)
    problem = _fill(sink, source, sample, job.blind, feedback, fields)
    if problem is not None:
        del sink  # closes the file
        delete_features(source)
        raise problem
    in_memory = values.context.getMapLayer(source)
    if in_memory is not None:
        in_memory.setCrs(job.crs)  # QGIS gives those without one its default
    return source


def _fill(
    sink: QgsFeatureSink,
    source: str,
    sample: Sample,
    blind: bool,
    feedback: QgsProcessingFeedback,
    fields: QgsFields,
) -> UhrsError | None:
    """Write the points; None when all are written, else the error: raised here, its traceback would keep the sink."""
    from uhrs_qgis_plugin.engine.sampling import columns_of

    columns = columns_of(sample, blind)
    rows = list(zip(sample.x.tolist(), sample.y.tolist(), zip(*(columns[name] for name, _ in FIELDS))))
    for start in range(0, len(rows), AT_ONCE):
        if feedback.isCanceled():
            return CancelledError()
        features = []
        for x, y, attributes in rows[start : start + AT_ONCE]:
            feature = QgsFeature(fields)
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
            feature.setAttributes(list(attributes))
            features.append(feature)
        if not sink.addFeatures(features, QgsFeatureSink.Flag.FastInsert):
            return OutputError(f"The points cannot be written to '{source}': {sink.lastError()}.")
    return None
