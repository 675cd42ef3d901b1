"""What the dialog asks for: the values of `uhrs:segmentraster`, read and checked against raster and model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeatureRequest,
    QgsGeometry,
    QgsWkbTypes,
)

from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.algorithms.parameters import ParameterValues, crs_set_by_hand, raster_source
from uhrs_qgis_plugin.algorithms.segment.messages import part_text
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.layers import SKIP_GEOMETRY_CHECKS

if TYPE_CHECKING:  # these load numpy, and QGIS loads this module when it starts
    from uhrs_qgis_plugin.algorithms.segment.listener import PreviewLoader
    from uhrs_qgis_plugin.engine.bundle import Bundle
    from uhrs_qgis_plugin.engine.segmentation import Options, SegmentationJob

AREA = "AREA"
MOST_POLYGONS = 100_000


@dataclass(frozen=True)
class SegmentationRequest:
    """What the main thread hands to the worker.

    Attributes:
        raster: Name that GDAL opens.
        bundle: The model.
        options: The engine's options.
        layer_id: Of the input layer.
        layer_name: Of the input layer.
        part: The part of it that is segmented, in words; "" = all of it.
        plan: What the engine makes of all this; without outputs.
        preview: Loads the preview, in the main thread; None when none is written.
    """

    raster: str
    bundle: Bundle
    options: Options
    layer_id: str
    layer_name: str
    part: str
    plan: SegmentationJob
    preview: PreviewLoader | None = None


def read_request(values: ParameterValues) -> SegmentationRequest:
    """Read the values, and check them against raster and model.

    Raises:
        UhrsError: A value cannot be used, or they do not fit each other.
    """
    from uhrs_qgis_plugin.engine.bundle import find_model
    from uhrs_qgis_plugin.engine.outputs import Outputs
    from uhrs_qgis_plugin.engine.raster import open_raster, with_crs
    from uhrs_qgis_plugin.engine.segmentation import Options, as_resolution, plan_job

    layer = values.raster_layer("INPUT")
    bundle = find_model(values.file("MODEL") or runtime.DEFAULT_MODEL)
    area, area_name = _read_area(values, layer.crs())
    options = Options(
        ratio=values.optional_number("RATIO"),
        threshold=values.optional_number("THRESHOLD"),
        minutes=values.optional_number("MINUTES"),
        bands=values.integers("BANDS") or None,
        alpha=values.choice("ALPHA"),
        stretch=values.text("STRETCH") or "auto",
        bounds=values.bounds("EXTENT", layer.crs()),
        area=area,
        crs=crs_set_by_hand(layer),
        device=values.choice("DEVICE"),
        precision=values.choice("PRECISION"),
        resolution=as_resolution(values.text("RESOLUTION")),
        grid=values.choice("GRID"),
        uncertainty_cell=int(values.choice("CELL")),
        unfamiliar=values.flag("UNFAMILIAR"),
        unreadable=values.choice("UNREADABLE"),
        resume=values.flag("RESUME"),
    )
    raster = raster_source(layer)
    with open_raster(raster, "gdal", alpha=options.alpha) as reader:
        plan = plan_job(with_crs(reader.info, options.crs), bundle, Outputs(""), options)
    parts = (part_text(options.bounds, layer.crs().isGeographic()), area_name)
    part = ", ".join(text for text in parts if text)
    return SegmentationRequest(raster, bundle, options, layer.id(), layer.name(), part, plan)


def _read_area(values: ParameterValues, crs: QgsCoordinateReferenceSystem) -> tuple[tuple[str, ...] | None, str]:
    """Read the area of interest: polygons in the CRS of the raster as hexadecimal WKB, and the name of their layer.

    Raises:
        OptionsError: The layer holds no polygons, too many, or they cannot be brought to the raster.
    """
    source = values.polygons(AREA)
    if source is None:
        return None, ""
    name = str(source.sourceName())
    if source.sourceCrs().isValid() != crs.isValid():
        which = "The raster" if source.sourceCrs().isValid() else f"{AREA} '{name}'"
        raise OptionsError(f"{which} has no coordinate reference system: set it, so that both can be brought together.")
    if source.featureCount() > MOST_POLYGONS:
        raise OptionsError(
            f"{AREA} '{name}' has {source.featureCount():,} features, allowed are {MOST_POLYGONS:,}: dissolve "
            "them, or select those that matter."
        )
    transform = QgsCoordinateTransform(source.sourceCrs(), crs, values.context.transformContext())
    polygons = []
    for feature in source.getFeatures(QgsFeatureRequest(), SKIP_GEOMETRY_CHECKS):
        geometry = QgsGeometry(feature.geometry())
        if geometry.isEmpty():
            continue
        try:
            geometry.transform(transform)
        except QgsCsException as error:
            raise OptionsError(
                f"{AREA} '{name}' cannot be brought to the raster's coordinate reference system {crs.authid()}: check "
                "that its coordinates fit the layer's CRS."
            ) from error
        geometry.convertToStraightSegment()
        geometry.get().dropZValue()
        geometry.get().dropMValue()
        if geometry.type() == QgsWkbTypes.GeometryType.PolygonGeometry:
            polygons.append(bytes(geometry.asWkb()).hex())
    if not polygons:
        raise OptionsError(f"{AREA} '{name}' holds no polygon: draw one, or leave it empty.")
    return tuple(polygons), name
