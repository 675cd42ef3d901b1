"""`uhrs:basemapraster`: a part of an XYZ, WMS or WMTS layer -> a GeoTIFF that can be segmented."""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from qgis.core import (
    QgsDataSourceUri,
    QgsProcessingFeedback,
    QgsProcessingParameterExtent,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsRasterDataProvider,
    QgsRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import SEGMENTATION, Outcome, UhrsAlgorithm, watch_of
from uhrs_qgis_plugin.algorithms.basemap.plan import BasemapGrid, check_basemap, check_tiles, plan_grid
from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter, ParameterValues
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.layers import DOUBLE_NUMBER, GDAL_WKT, INTEGER_NUMBER

MOST_TILES = 2000  # 131 million pixels
FAR = 1.5  # times: levels are twice the size of the next, so the nearest is 1.42 times off at most


@dataclass(frozen=True)
class BasemapJob:
    """What is read.

    Attributes:
        provider: A clone of the layer's, for the thread that reads.
        grid: Its pixels.
        asked_m: Side of a pixel that was asked for, on the ground.
        crs_wkt: Its coordinate reference system.
        metadata: Items of the file: source, attribution, date.
        attribution: Of the service; "" = the layer names none.
    """

    provider: QgsRasterDataProvider
    grid: BasemapGrid
    asked_m: float
    crs_wkt: str
    metadata: dict[str, str]
    attribution: str


class BasemapRasterAlgorithm(UhrsAlgorithm):
    """Reads a part of a basemap into a file."""

    NAME = "basemapraster"
    TITLE = "Raster from a basemap"
    GROUP = SEGMENTATION
    TAGS = "basemap,xyz,tiles,wms,wmts,web map,imagery,download,satellite,aerial"
    SUMMARY = (
        "Reads a part of a basemap (XYZ tiles, WMS, WMTS) at a chosen pixel size into a GeoTIFF, which can then be "
        "segmented. Whether the imagery may be stored and analysed is decided by the terms of its service: look them "
        "up first. The attribution of the layer is written into the file."
    )
    PARAMETERS = {
        "INPUT": Parameter(
            "Basemap",
            "A layer that a service draws: XYZ tiles, WMS or WMTS.",
            QgsProcessingParameterRasterLayer,
        ),
        "EXTENT": Parameter(
            "Extent",
            "The part to read; an extent in another coordinate system is transformed.",
            QgsProcessingParameterExtent,
        ),
        "PIXEL_SIZE": Parameter(
            "Pixel size in metres",
            "The side of a pixel on the ground. Where the service has zoom levels, the pixels of the nearest one are "
            "taken as they are.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "defaultValue": 1.0, "minValue": 0.001},
        ),
        "MAX_TILES": Parameter(
            "Most tiles",
            "The run does not begin where it would ask the service for more tiles than this.",
            QgsProcessingParameterNumber,
            {"type": INTEGER_NUMBER, "defaultValue": MOST_TILES, "minValue": 1},
            advanced=True,
        ),
        "OUTPUT": Parameter(
            "Raster",
            "The raster to write: red, green, blue, and alpha, which is 0 where no tile came (GeoTIFF).",
            QgsProcessingParameterRasterDestination,
        ),
    }
    OUTPUTS = {
        "TILES": Output("Tiles", "Tiles that were read."),
        "MISSING_TILES": Output("Missing tiles", "Tiles that did not come, or are empty: they are no data."),
        "PIXEL_SIZE_M": Output("Pixel size", "The side of a pixel on the ground in metres, as it was read."),
    }

    def read(self, values: ParameterValues) -> BasemapJob:  # noqa: D102 (inherited)
        layer = values.any_raster_layer("INPUT")
        check_basemap(layer)
        bounds = values.bounds("EXTENT", layer.crs())
        if bounds is None:
            raise OptionsError("EXTENT is empty: choose the part of the basemap to read.")
        asked_m = values.number("PIXEL_SIZE")
        grid = plan_grid(layer, bounds, asked_m, values.context.transformContext())
        check_tiles(grid, values.integer("MAX_TILES"))
        attribution = attribution_of(layer)
        facts = {
            "TIFFTAG_COPYRIGHT": attribution,
            "TIFFTAG_IMAGEDESCRIPTION": layer.name(),
            "TIFFTAG_DATETIME": time.strftime("%Y:%m:%d %H:%M:%S"),
            "UHRS_SERVICE": host_of(layer),
        }
        return BasemapJob(
            provider=layer.dataProvider().clone(),
            grid=grid,
            asked_m=asked_m,
            crs_wkt=str(layer.crs().toWkt(GDAL_WKT)),
            metadata={name: text for name, text in facts.items() if text},
            attribution=attribution,
        )

    def work(  # noqa: D102 (inherited)
        self, job: BasemapJob, values: ParameterValues, feedback: QgsProcessingFeedback
    ) -> Outcome:
        from uhrs_qgis_plugin.algorithms.basemap.reading import read_basemap

        grid = job.grid
        feedback.pushInfo(
            self.tr("{} x {} pixels of {} m: {} tiles are asked for.").format(
                f"{grid.width:,}", f"{grid.height:,}", f"{grid.ground_m:.3g}", f"{grid.tiles:,}"
            )
        )
        if max(grid.ground_m / job.asked_m, job.asked_m / grid.ground_m) > FAR:
            feedback.pushWarning(
                self.tr("The service has no zoom level near {} m: pixels of {} m are read.").format(
                    f"{job.asked_m:.3g}", f"{grid.ground_m:.3g}"
                )
            )
        if job.attribution:
            feedback.pushInfo(self.tr("Attribution: {}").format(job.attribution))
        else:
            feedback.pushWarning(
                self.tr("The layer names no attribution: look up the terms of its service before you use the imagery.")
            )
        path = values.raster_destination("OUTPUT")
        check = watch_of(feedback).check
        traffic = read_basemap(job.provider, grid, path, job.crs_wkt, job.metadata, feedback, check)
        if traffic.empty_tiles:
            text = self.tr("{} of {} tiles did not come or are empty, and are no data. {}")
            feedback.pushWarning(
                text.format(f"{traffic.empty_tiles:,}", f"{traffic.tiles:,}", traffic.reasons()).strip()
            )
        return Outcome(
            {
                "OUTPUT": path,
                "TILES": traffic.tiles,
                "MISSING_TILES": traffic.empty_tiles,
                "PIXEL_SIZE_M": grid.ground_m,
            }
        )


def attribution_of(layer: QgsRasterLayer) -> str:
    """Name whom the imagery of a layer belongs to, as its properties say; "" where they do not."""
    properties = layer.serverProperties()
    # It moved there from the layer in QGIS 3.22 or later.
    owner = properties if hasattr(properties, "attribution") else layer
    metadata = layer.metadata()
    texts = [owner.attribution(), *metadata.rights(), *metadata.licenses()]
    return "; ".join(dict.fromkeys(" ".join(text.split()) for text in texts if text and text.strip()))


def host_of(layer: QgsRasterLayer) -> str:
    """Name the server of a layer: not the whole address, which may hold a key."""
    uri = QgsDataSourceUri()
    uri.setEncodedUri(layer.source())
    return urlsplit(uri.param("url")).hostname or ""
