"""`uhrs:uncertainregions`: parameters -> engine.regions -> polygons of the places that are worth a look."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingFeedback,
    QgsProcessingParameterBand,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import REVIEW, Outcome, UhrsAlgorithm, watch_of
from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter, ParameterValues, raster_source
from uhrs_qgis_plugin.algorithms.uncertain_regions.features import FOUND, make_features
from uhrs_qgis_plugin.algorithms.uncertain_regions.job import RegionJob, check_same_crs, read_scale
from uhrs_qgis_plugin.algorithms.uncertain_regions.output import write_features
from uhrs_qgis_plugin.layers import (
    DOUBLE_NUMBER,
    INTEGER_NUMBER,
    POLYGON_SOURCES,
    ResultLayer,
    describe_regions,
    name_after,
    place_on_top,
)

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.regions import RegionOptions, RegionSearch

# Those of the engine's RegionOptions (a test compares them): the plugin loads without numpy.
TOP, MIN_CELLS, MERGE, LIMIT, SPREAD = 2.0, 4, 1, 1000, 0
LEAST_TOP = 0.0001  # per cent
MOST_MERGE = 64
MOST_REGIONS = 50_000


class UncertainRegionsAlgorithm(UhrsAlgorithm):
    """Outlines where a result is most uncertain."""

    NAME = "uncertainregions"
    TITLE = "Uncertain regions"
    GROUP = REVIEW
    TAGS = (
        "uncertainty,doubt,review,quality,check,correct,active learning,hot spots,polygons,polygonize,vectorize,"
        "segmentation,classification"
    )
    SUMMARY = (
        "Outlines the places of a segmented raster that are worth a look: where the uncertainty is highest. They are "
        "ranked by what looking at them brings, which is their area times their mean uncertainty: rank 1 comes first."
    )
    PARAMETERS = {
        "UNCERTAINTY": Parameter(
            "Uncertainty",
            "The uncertainty raster that 'Segment raster' wrote.",
            QgsProcessingParameterRasterLayer,
        ),
        "BAND": Parameter(
            "Band (default: the final uncertainty)",
            "Band 2 is the final uncertainty, the doubt that is left in the result, and the default where the raster "
            "has it; band 1 (U) tells where the coarse view was unsure, much of which has been refined since.",
            QgsProcessingParameterBand,
            {"parentLayerParameterName": "UNCERTAINTY", "optional": True},
        ),
        "CLASSES": Parameter(
            "Classes",
            "The class raster of the same run; with it each region tells its most frequent class and the one after it.",
            QgsProcessingParameterRasterLayer,
            {"optional": True},
        ),
        "TOP": Parameter(
            "Share of the area, per cent",
            "The most uncertain part of the area, in per cent, that regions are made of.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "defaultValue": TOP, "minValue": LEAST_TOP, "maxValue": 100},
        ),
        "THRESHOLD": Parameter(
            "Uncertainty threshold, instead of a share",
            "Instead of a share of the area, all cells whose uncertainty (0 to 1) reaches this number.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "optional": True, "minValue": 0, "maxValue": 1},
        ),
        "SPREAD": Parameter(
            "Spread over squares of so many cells (0: no)",
            "Each square of so many cells (16 or more) gives the share of its own area, and the ranks go round: first "
            "the most important region of every square, then the second of each. So the first regions lie all over the "
            "raster when the doubts sit in one corner or are all alike; it does nothing with a threshold.",
            QgsProcessingParameterNumber,
            {"type": INTEGER_NUMBER, "defaultValue": SPREAD, "minValue": 0},
            advanced=True,
        ),
        "MIN_AREA": Parameter(
            "Smallest region, in cells of 8 x 8 pixels",
            "Regions of fewer cells of the uncertainty raster are left out; a cell is 8 x 8 pixels of the image unless "
            "the run was told otherwise.",
            QgsProcessingParameterNumber,
            {"type": INTEGER_NUMBER, "defaultValue": MIN_CELLS, "minValue": 1},
        ),
        "MERGE": Parameter(
            "Merge across, in cells",
            "Uncertain cells become one region when at most this many cells lie between them; at 0 they must touch, if "
            "only at a corner.",
            QgsProcessingParameterNumber,
            {"type": INTEGER_NUMBER, "defaultValue": MERGE, "minValue": 0, "maxValue": MOST_MERGE},
            advanced=True,
        ),
        "LIMIT": Parameter(
            "Most regions",
            "Only so many regions are written, the most important ones.",
            QgsProcessingParameterNumber,
            {"type": INTEGER_NUMBER, "defaultValue": LIMIT, "minValue": 1, "maxValue": MOST_REGIONS},
            advanced=True,
        ),
        "OUTPUT": Parameter(
            "Uncertain regions",
            "The layer to write, one feature a region, with rank, mean_u and max_u (uncertainty 0 to 1), area_m2 (on "
            "the ellipsoid; empty without a coordinate reference system), cells, class and class_2 (most frequent and "
            "second class), and status ('open'); choose a GeoPackage to keep it.",
            QgsProcessingParameterFeatureSink,
            {"type": POLYGON_SOURCES},
        ),
    }
    OUTPUTS = {
        "COUNT": Output("Regions", "How many regions were written."),
        "LEAST_UNCERTAINTY": Output("Least uncertainty", "The uncertainty, 0 to 1, from which cells were taken."),
    }

    def read(self, values: ParameterValues) -> RegionJob:  # noqa: D102 (inherited)
        from uhrs_qgis_plugin.engine.raster import open_raster
        from uhrs_qgis_plugin.engine.regions import RegionOptions, choose_band
        from uhrs_qgis_plugin.engine.results import check_classes, pixels_per_cell

        layer = values.raster_layer("UNCERTAINTY")
        path, classes = raster_source(layer), None
        with open_raster(path, "gdal") as reader:
            info = reader.info
        band = choose_band(info, values.integer("BAND") if values.is_given("BAND") else None)
        options = RegionOptions(
            band=band,
            top=values.number("TOP"),
            threshold=values.optional_number("THRESHOLD"),
            min_cells=values.integer("MIN_AREA"),
            merge=values.integer("MERGE"),
            limit=values.integer("LIMIT"),
            scale=read_scale(path, band),
            spread=values.integer("SPREAD"),
        )
        if values.is_given("CLASSES"):
            class_layer = values.raster_layer("CLASSES")
            classes = raster_source(class_layer)
            check_same_crs(layer, class_layer)
            with open_raster(classes, "gdal") as reader:
                check_classes(reader.info)
                pixels_per_cell(reader.info, info)
        return RegionJob(path, info, classes, QgsCoordinateReferenceSystem(layer.crs()), options, layer.name())

    def work(self, job: RegionJob, values: ParameterValues, feedback: QgsProcessingFeedback) -> Outcome:  # noqa: D102
        from uhrs_qgis_plugin.engine.regions import find_regions

        watch = watch_of(feedback)
        found = find_regions(job.uncertainty, job.options, watch.part(0, FOUND), "gdal")
        # All is ready before the layer is created, so that whatever stops the run leaves nothing.
        features = make_features(job, found, values.context.transformContext(), watch.part(FOUND, 1))
        _log_search(found, job.options, feedback)
        source = write_features(features, job.crs, values, feedback)
        describe = partial(describe_regions, source=job.uncertainty)
        results = {"OUTPUT": source, "COUNT": len(features), "LEAST_UNCERTAINTY": found.threshold}
        place = partial(place_on_top, source=job.uncertainty)
        name = name_after(self.tr(self.TITLE), job.name)
        return Outcome(results, [ResultLayer(source, name, describe, place, has_style_file=False)])


def _log_search(found: RegionSearch, options: RegionOptions, feedback: QgsProcessingFeedback) -> None:
    """Log how many regions there are, and why others are not among them."""
    if not found.cells:
        feedback.pushWarning("No cell reaches the threshold, or none has data: the layer is empty.")
        return
    share = found.cells / found.valid_cells
    held = sum(region.cells for region in found.regions) / found.cells
    beyond = found.found - found.small - len(found.regions)
    squares = f" in the surest of the squares of {options.spread} cells" if options.in_turns else ""
    feedback.pushInfo(
        f"Band {found.band}, uncertainty from {found.threshold:.2f}{squares}: {found.cells:,} cells, {share:.1%} of "
        "the area"
    )
    feedback.pushInfo(
        f"{len(found.regions):,} of {found.found:,} regions, with {held:.0%} of these cells; {found.small:,} are "
        f"smaller than MIN_AREA, {beyond:,} are beyond LIMIT"
    )
    if not found.regions:
        feedback.pushWarning("All regions are smaller than MIN_AREA: the layer is empty. Choose a smaller MIN_AREA.")
