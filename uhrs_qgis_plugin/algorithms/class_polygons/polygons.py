"""`uhrs:classpolygons`: class raster (and uncertainty) -> engine.polygons -> GeoPackage or FlatGeobuf."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qgis.core import (
    QgsProcessingFeedback,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from uhrs_qgis_plugin.algorithms.base import REVIEW, Outcome, UhrsAlgorithm, watch_of
from uhrs_qgis_plugin.algorithms.class_polygons.messages import log_to
from uhrs_qgis_plugin.algorithms.measuring import gdal_wkt
from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter, ParameterValues, raster_source
from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.layers import DOUBLE_NUMBER, POLYGON_SOURCES, ResultLayer, place_on_top, style_class_polygons

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.polygons import PolygonJob, PolygonReport

# Those of the engine's PolygonOptions (a test compares them): the plugin loads without numpy.
SMOOTHING, SHIFT, UNSURE = 1.0, 3.0, 0.5
MOST_SMOOTHING = 50.0


class ClassPolygonsAlgorithm(UhrsAlgorithm):
    """Outlines classes as polygons."""

    NAME = "classpolygons"
    TITLE = "Class polygons"
    GROUP = REVIEW
    TAGS = (
        "polygonize,vectorize,vector,outline,buildings,roofs,footprints,roads,land cover,classification,generalize,"
        "simplify,smooth,sieve,geopackage,flatgeobuf"
    )
    SUMMARY = (
        "Outlines the classes of a class raster as polygons with name, area on the ground and uncertainty. Neighbours "
        "share their borders, so that there are neither gaps nor slivers; specks become part of the neighbour with the "
        "longest border, and nothing of the raster gets lost. Rasters may have any size."
    )
    PARAMETERS = {
        "CLASSES": Parameter(
            "Classes",
            "A class raster as 'Segment raster' writes it: one band of numbers from 0 to 255.",
            QgsProcessingParameterRasterLayer,
        ),
        "UNCERTAINTY": Parameter(
            "Uncertainty",
            "The uncertainty raster that was written together with the classes; left empty, the fields about it stay "
            "empty.",
            QgsProcessingParameterRasterLayer,
            {"optional": True},
        ),
        "NAMES": Parameter(
            "Classes to outline (default: all)",
            "Names or numbers of classes, separated by commas: 'building, road'; the others are left out.",
            QgsProcessingParameterString,
            {"optional": True},
        ),
        "MIN_AREA": Parameter(
            "Smallest polygon, in square metres (default: 100 pixels)",
            "Smaller ones become part of the neighbour with the longest border; 0 keeps all. Pixels where the raster "
            "has no coordinate reference system.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "optional": True, "minValue": 0},
        ),
        "MIN_HOLE": Parameter(
            "Smallest hole, in square metres (default: as the smallest polygon)",
            "Smaller holes are filled, whatever class is in them; holes without data stay.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "optional": True, "minValue": 0},
            advanced=True,
        ),
        "SMOOTHING": Parameter(
            "Smoothing, in pixels",
            "How far a smoothed border may be from where the raster has it; 0 follows the sides of pixels. Where data "
            "end, borders stay as they are.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "defaultValue": SMOOTHING, "minValue": 0, "maxValue": MOST_SMOOTHING},
        ),
        "RIGHT_ANGLES": Parameter(
            "Classes with right angles",
            "Names or numbers of classes, such as buildings, whose outlines get right angles along their main "
            "direction where that keeps them near their borders; where it does not, they are smoothed like others. Best"
            " with these classes alone: borders at which three polygons meet stay smoothed.",
            QgsProcessingParameterString,
            {"optional": True},
        ),
        "SHIFT": Parameter(
            "Largest shift for right angles, in pixels",
            "How far an outline with right angles may be from its border.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "defaultValue": SHIFT, "minValue": 0.1, "maxValue": MOST_SMOOTHING},
            advanced=True,
        ),
        "UNSURE": Parameter(
            "Unsure from this uncertainty",
            "A pixel counts as unsure when its final uncertainty, 0 (sure) to 1, reaches this number.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "defaultValue": UNSURE, "minValue": 0, "maxValue": 1},
            advanced=True,
        ),
        "OUTPUT": Parameter(
            "Class polygons",
            "The file to write, GeoPackage (.gpkg) or FlatGeobuf (.fgb), one feature a polygon: class (number), name, "
            "area_m2 (on the ground), pixels, mean_u and mean_final (uncertainty 0 to 1) and unsure_share (0 to 1).",
            QgsProcessingParameterVectorDestination,
            {"type": POLYGON_SOURCES},
        ),
        "REPORT": Parameter(
            "Report",
            "What was made, for programs: polygons and areas by class, and how far borders moved (JSON).",
            QgsProcessingParameterFileDestination,
            {"fileFilter": "JSON files (*.json)", "optional": True, "createByDefault": False},
            advanced=True,
        ),
    }
    OUTPUTS = {
        "COUNT": Output("Polygons", "How many polygons were written."),
        "SHIFT": Output("Largest shift", "How far a border of the raster is from those of the polygons, in pixels."),
    }

    def read(self, values: ParameterValues) -> PolygonJob:  # noqa: D102 (inherited)
        from uhrs_qgis_plugin.engine.polygons import PolygonOptions, check_polygons

        layer = values.raster_layer("CLASSES")
        uncertainty = None
        if values.is_given("UNCERTAINTY"):
            other = values.raster_layer("UNCERTAINTY")
            uncertainty = raster_source(other)
            if other.crs() != layer.crs():
                raise RasterError(
                    f"UNCERTAINTY is in {other.crs().authid() or 'no CRS'} but CLASSES in "
                    f"{layer.crs().authid() or 'no CRS'}: choose the uncertainty that was written with these classes."
                )
        options = PolygonOptions(
            classes=_names(values.text("NAMES")),
            min_area=values.optional_number("MIN_AREA"),
            min_hole=values.optional_number("MIN_HOLE"),
            smoothing=values.number("SMOOTHING"),
            right_angles=_names(values.text("RIGHT_ANGLES")),
            shift=values.number("SHIFT"),
            threshold=values.number("UNSURE"),
        )
        return check_polygons(raster_source(layer), uncertainty, options, gdal_wkt(layer.crs()), "gdal")

    def work(self, job: PolygonJob, values: ParameterValues, feedback: QgsProcessingFeedback) -> Outcome:  # noqa: D102
        from uhrs_qgis_plugin.engine.polygons import make_polygons

        destination, report = values.raster_destination("OUTPUT"), values.file_destination("REPORT")
        made = make_polygons(job, destination, report or None, watch_of(feedback, log_to(feedback)), "gdal")
        _log(made, feedback)
        results = {"OUTPUT": destination, "COUNT": made.polygons, "SHIFT": made.max_shift_pixels}
        describe = partial(style_class_polygons, classes=job.info.path)
        place = partial(place_on_top, source=job.info.path)
        layer = ResultLayer(destination, self.tr(self.TITLE), describe, place, has_style_file=False)
        return Outcome({**results, **({"REPORT": report} if report else {})}, [layer])


def _names(text: str) -> tuple[str, ...]:
    """Split a list of names."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _log(made: PolygonReport, feedback: QgsProcessingFeedback) -> None:
    """Log how many polygons there are, and what was changed on the way."""
    feedback.pushInfo(f"{made.polygons:,} polygons with {made.corners:,} corners; areas are {made.areas}.")
    feedback.pushInfo(
        f"{made.absorbed:,} patches became part of a neighbour: below {made.min_pixels:,} pixels, or holes below "
        f"{made.min_hole_pixels:,}. Borders are at most {made.max_shift_pixels:.2f} pixels from those of the raster."
    )
    if made.right_angles or made.no_right_angles:
        feedback.pushInfo(
            f"{made.right_angles:,} outlines got right angles, at most {made.max_right_angle_shift_pixels:.2f} pixels "
            f"from their borders; {made.no_right_angles:,} would have moved further, or are too near to others."
        )
    for item in made.by_class:
        feedback.pushInfo(f"  {item['name']}: {item['polygons']:,} polygons")
