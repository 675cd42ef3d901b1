"""`uhrs:compareresults`: two class rasters -> engine.comparison -> table, raster and polygons of changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from qgis.core import (
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
    QgsRasterLayer,
    QgsUnitTypes,
)

from uhrs_qgis_plugin.algorithms.accuracy.result_table import write_table
from uhrs_qgis_plugin.algorithms.base import REVIEW, Outcome, UhrsAlgorithm, watch_of
from uhrs_qgis_plugin.algorithms.measuring import area_unit, gdal_wkt, is_planimetric
from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter, ParameterValues, raster_source
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.files import together
from uhrs_qgis_plugin.layers import (
    ANY_VECTOR,
    BIG_INTEGER,
    DOUBLE,
    DOUBLE_NUMBER,
    INTEGER,
    SQUARE_METRES,
    TEXT,
    ResultLayer,
    style_classes,
)

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.comparison import Comparison, ComparisonOptions
    from uhrs_qgis_plugin.engine.flow import Event

KINDS = ("transitions", "differs")  # those of the engine (a test compares them): the plugin loads without numpy
MOST_LOGGED = 10  # transitions

# Types of the columns of the engine's table, which has the same names.
FIELDS = (
    ("before", INTEGER),
    ("before_name", TEXT),
    ("after", INTEGER),
    ("after_name", TEXT),
    ("pixels", BIG_INTEGER),
    ("area", DOUBLE),
    ("unit", TEXT),
    ("share", DOUBLE),
    ("unsure_share", DOUBLE),
    ("code", INTEGER),
)


@dataclass(frozen=True)
class ComparisonJob:
    """What the main thread hands to the worker.

    Attributes:
        maps: Names of the class rasters that GDAL opens, before and after.
        uncertainties: The same of the uncertainty rasters, None without.
        options: The engine's options.
    """

    maps: tuple[str, str]
    uncertainties: tuple[str | None, str | None]
    options: ComparisonOptions


class CompareResultsAlgorithm(UhrsAlgorithm):
    """Compares two class maps."""

    NAME = "compareresults"
    TITLE = "Compare results"
    GROUP = REVIEW
    TAGS = "change detection,difference,comparison,transition,cross tabulation,from-to,two dates,two models,land cover"
    SUMMARY = (
        "Compares two class maps of one place, such as two dates, two models or two settings, on the same or on "
        "different grids: which classes became which, how much, and where. With the uncertainties of both runs, "
        "changes that one of the maps was unsure of are set apart: most of these are no changes."
    )
    PARAMETERS = {
        "BEFORE": Parameter(
            "Classes before",
            "The first class raster; its grid counts.",
            QgsProcessingParameterRasterLayer,
        ),
        "AFTER": Parameter(
            "Classes after",
            "The second class raster, on any grid and in any coordinate system; it is read at the centre of each pixel "
            "of the first.",
            QgsProcessingParameterRasterLayer,
        ),
        "UNCERTAINTY_BEFORE": Parameter(
            "Uncertainty before",
            "The uncertainty raster that was written together with the first classes.",
            QgsProcessingParameterRasterLayer,
            {"optional": True},
        ),
        "UNCERTAINTY_AFTER": Parameter(
            "Uncertainty after",
            "The uncertainty raster that was written together with the second classes.",
            QgsProcessingParameterRasterLayer,
            {"optional": True},
        ),
        "UNSURE": Parameter(
            "Unsure from this uncertainty",
            "A change counts as unsure when the final uncertainty, 0 (sure) to 1, of one of the maps reaches this "
            "number.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "defaultValue": 0.5, "minValue": 0, "maxValue": 1},
        ),
        "MAPPING": Parameter(
            "Other names in the second map",
            "Which class of the first map a class of the second is, where the names differ: 'roof=building; shadow='. "
            "Nothing leaves the class out; classes that are not named and have no match are classes of their own.",
            QgsProcessingParameterString,
            {"optional": True},
        ),
        "KIND": Parameter(
            "The raster tells",
            "Either from which class to which (at most 253 pairs), or only where both differ.",
            QgsProcessingParameterEnum,
            {"options": list(KINDS), "usesStaticStrings": True, "defaultValue": KINDS[0]},
        ),
        "MIN_AREA": Parameter(
            "Smallest change polygon, in square metres (default: 100 pixels)",
            "Smaller polygons become part of their neighbour; in pixels where the raster has no ground.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "optional": True, "minValue": 0},
            advanced=True,
        ),
        "OUTPUT": Parameter(
            "Changes by class",
            "The table to write, one row for each pair of classes that occurs: before and after (numbers and names), "
            "pixels, area, unit, share of the whole, unsure_share (of the pair's area), and code (number in the "
            "raster).",
            QgsProcessingParameterFeatureSink,
            {"type": ANY_VECTOR},
        ),
        "CHANGES": Parameter(
            "Changes",
            "The raster to write: 0 where both have the same class, else the number of the pair, and 254 where they "
            "differ but one of the maps is unsure.",
            QgsProcessingParameterRasterDestination,
            {"optional": True},
        ),
        "POLYGONS": Parameter(
            "Change polygons",
            "What changed, as polygons with their pair of classes and area (GeoPackage or FlatGeobuf); unsure changes "
            "are left out.",
            QgsProcessingParameterVectorDestination,
            {"type": ANY_VECTOR, "optional": True, "createByDefault": False},
        ),
        "JSON": Parameter(
            "Everything, for programs",
            "All pairs, the classes, the facts and the warnings in one file (JSON).",
            QgsProcessingParameterFileDestination,
            {"fileFilter": "JSON files (*.json)", "optional": True, "createByDefault": False},
            advanced=True,
        ),
    }
    OUTPUTS = {"CHANGED": Output("Changed", "The share of the area that differs, 0 to 1.")}

    def read(self, values: ParameterValues) -> ComparisonJob:  # noqa: D102 (inherited)
        from uhrs_qgis_plugin.engine.comparison import ComparisonOptions
        from uhrs_qgis_plugin.engine.overlay import GridLink
        from uhrs_qgis_plugin.engine.raster import open_raster
        from uhrs_qgis_plugin.engine.results import check_classes

        layers = [values.raster_layer(name) for name in ("BEFORE", "AFTER")]
        before, after = (raster_source(layer) for layer in layers)
        if before == after:
            raise OptionsError("AFTER is BEFORE itself: choose another raster.")
        crs = gdal_wkt(layers[0].crs()), gdal_wkt(layers[1].crs())
        with open_raster(before, "gdal") as one, open_raster(after, "gdal") as other:
            check_classes(one.info)
            check_classes(other.info)
            GridLink(one.info, other.info, crs)
        doubts = [
            raster_source(values.raster_layer(name)) if values.is_given(name) else None
            for name in ("UNCERTAINTY_BEFORE", "UNCERTAINTY_AFTER")
        ]
        options = ComparisonOptions(
            mapping=values.text("MAPPING"),
            kind=values.choice("KIND"),
            threshold=values.number("UNSURE"),
            min_area=values.optional_number("MIN_AREA"),
            planimetric=is_planimetric(values.context),
            crs_wkts=crs,
            backend="gdal",
        )
        return ComparisonJob((before, after), (doubts[0], doubts[1]), options)

    def work(self, job: ComparisonJob, values: ParameterValues, feedback: QgsProcessingFeedback) -> Outcome:  # noqa: D102
        from uhrs_qgis_plugin.engine.comparison import ComparisonOutputs, compare, rows_of, to_json

        raster = values.raster_destination("CHANGES")
        polygons = values.raster_destination("POLYGONS")  # the path of a layer that is written
        outputs = ComparisonOutputs(raster or None, polygons or None)
        watch = watch_of(feedback, partial(_tell, feedback=feedback))
        found = compare(job.maps, job.uncertainties, outputs, job.options, watch)
        unit, factor = found.unit, 1.0
        if unit == "m2":
            wanted = area_unit(values.context)
            unit = QgsUnitTypes.toAbbreviatedString(wanted)
            factor = QgsUnitTypes.fromUnitToUnitFactor(SQUARE_METRES, wanted)
        report = values.file_destination("JSON")
        with together({report: to_json(found)} if report else {}):
            table = write_table(values, FIELDS, list(rows_of(found, factor, unit)))
        _log(found, factor, unit, feedback)
        files = {"CHANGES": raster, "JSON": report}
        if any(item.differs for item in found.transitions):
            files["POLYGONS"] = polygons
        results = {"OUTPUT": table, "CHANGED": found.changed, **{name: path for name, path in files.items() if path}}
        layers = [ResultLayer(raster, self.tr("Changes"), _describe)] if raster else []
        return Outcome(results, layers)


def _describe(layer: QgsRasterLayer) -> None:
    """Give the raster of changes the colours and names of its file."""
    style_classes(layer)


def _tell(event: Event, feedback: QgsProcessingFeedback) -> None:
    """Log a message of the engine."""
    from uhrs_qgis_plugin.engine.flow import Message

    if isinstance(event, Message):
        (feedback.pushWarning if event.is_warning else feedback.pushInfo)(event.text)


def _log(found: Comparison, factor: float, unit: str, feedback: QgsProcessingFeedback) -> None:
    """Log what differs, and what to beware of."""
    sure = found.surely_changed
    feedback.pushInfo(f"{found.changed:.1%} differs" + ("" if sure is None else f", {sure:.1%} where both are sure"))
    for _, name, before, after, _ in found.by_class():
        feedback.pushInfo(f"  {name}: {before * factor:,.2f} {unit} before, {after * factor:,.2f} {unit} after")
    for item in [item for item in found.transitions if item.differs][:MOST_LOGGED]:
        feedback.pushInfo(f"  {item.before_name} to {item.after_name}: {item.area * factor:,.2f} {unit}")
    for line in found.warnings:
        feedback.pushWarning(line)
