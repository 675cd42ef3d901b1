"""`uhrs:cleanclasses`: class raster -> engine.polygons -> class raster without specks."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from qgis.core import (
    QgsProcessingFeedback,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import REVIEW, Outcome, UhrsAlgorithm, watch_of
from uhrs_qgis_plugin.algorithms.class_polygons.messages import log_to
from uhrs_qgis_plugin.algorithms.measuring import gdal_wkt
from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter, ParameterValues, raster_source
from uhrs_qgis_plugin.layers import DOUBLE_NUMBER, INTEGER_NUMBER, ResultLayer, place_on_top, style_classes

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.polygons import CleanOptions
    from uhrs_qgis_plugin.engine.raster import RasterInfo

LARGEST_SQUARE = 101


class CleanClassesAlgorithm(UhrsAlgorithm):
    """Removes specks from a class raster."""

    NAME = "cleanclasses"
    TITLE = "Clean classes"
    GROUP = REVIEW
    TAGS = "sieve,majority,mode,filter,specks,noise,salt and pepper,smooth,regularize,land cover,classification"
    SUMMARY = (
        "Removes specks from a class raster: patches that are too small become part of the neighbour with the longest "
        "border. Before, each pixel can get the most frequent class around it, which smooths ragged borders. Palette, "
        "class names and grid stay, and so do pixels without data."
    )
    PARAMETERS = {
        "CLASSES": Parameter(
            "Classes",
            "A class raster as 'Segment raster' writes it: one band of numbers from 0 to 255.",
            QgsProcessingParameterRasterLayer,
        ),
        "MIN_AREA": Parameter(
            "Smallest patch, in square metres (default: 100 pixels)",
            "Smaller ones become part of the neighbour with the longest border; 0 keeps all. Pixels where the raster "
            "has no coordinate reference system.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "optional": True, "minValue": 0},
        ),
        "MAJORITY": Parameter(
            "Square of the majority, in pixels (0: none)",
            "Side of the square around each pixel whose most frequent class it gets: an odd number from 3.",
            QgsProcessingParameterNumber,
            {"type": INTEGER_NUMBER, "defaultValue": 0, "minValue": 0, "maxValue": LARGEST_SQUARE},
        ),
        "OUTPUT": Parameter(
            "Cleaned classes",
            "The class raster to write (GeoTIFF); the one that is read is left as it is.",
            QgsProcessingParameterRasterDestination,
        ),
    }
    OUTPUTS = {
        "CHANGED": Output("Changed pixels", "How many pixels have another class now."),
        "PATCHES": Output("Patches", "How many patches of one class are left."),
    }

    def read(self, values: ParameterValues) -> tuple[RasterInfo, str, CleanOptions]:  # noqa: D102 (inherited)
        from uhrs_qgis_plugin.engine.polygons import CleanOptions, check_clean

        layer = values.raster_layer("CLASSES")
        options = CleanOptions(values.optional_number("MIN_AREA"), values.integer("MAJORITY"))
        return check_clean(raster_source(layer), "gdal"), gdal_wkt(layer.crs()), options

    def work(  # noqa: D102 (inherited)
        self, job: tuple[RasterInfo, str, CleanOptions], values: ParameterValues, feedback: QgsProcessingFeedback
    ) -> Outcome:
        from uhrs_qgis_plugin.engine.polygons import clean_classes

        info, crs_wkt, options = job
        destination = values.raster_destination("OUTPUT")
        made = clean_classes(info, destination, options, watch_of(feedback, log_to(feedback)), crs_wkt, "gdal")
        feedback.pushInfo(
            f"{made.changed:,} of {made.pixels:,} pixels have another class now; {made.after:,} of {made.before:,} "
            f"patches are left, the smallest ones of {made.min_pixels:,} pixels."
        )
        results = {"OUTPUT": destination, "CHANGED": made.changed, "PATCHES": made.after}
        name = f"{self.tr(self.TITLE)} ({os.path.basename(info.path)})"
        place = partial(place_on_top, source=info.path)
        return Outcome(results, [ResultLayer(destination, name, style_classes, place)])
