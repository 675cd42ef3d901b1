"""From regions of the engine to features of QGIS: geometry, area on the ground, and the fields."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsDistanceArea,
    QgsFeature,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsProcessingFeedback,
    QgsUnitTypes,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QMetaType, QVariant

from uhrs_qgis_plugin.algorithms.uncertain_regions_inputs import Job
from uhrs_qgis_plugin.algorithms.uncertain_regions_messages import COUNTED_PERCENT, FOUND_PERCENT
from uhrs_qgis_plugin.engine.errors import CancelledError

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.raster_contract import RasterInfo
    from uhrs_qgis_plugin.engine.regions import Found

# Fields take QMetaType since 3.38, and Qt 6 has nothing else; the other enums moved into Qgis in 3.30.
if Qgis.QGIS_VERSION_INT >= 33800:
    INTEGER, DOUBLE, TEXT = QMetaType.Type.Int, QMetaType.Type.Double, QMetaType.Type.QString
else:
    INTEGER, DOUBLE, TEXT = QVariant.Int, QVariant.Double, QVariant.String
MULTI_POLYGON = Qgis.WkbType.MultiPolygon if hasattr(Qgis, "WkbType") else QgsWkbTypes.MultiPolygon
METRES = Qgis.DistanceUnit.Meters if hasattr(Qgis, "DistanceUnit") else QgsUnitTypes.DistanceMeters

FIELDS = (
    ("rank", INTEGER),
    ("mean_u", DOUBLE),
    ("max_u", DOUBLE),
    ("area_m2", DOUBLE),
    ("cells", INTEGER),
    ("class", TEXT),
    ("class_2", TEXT),
    ("status", TEXT),
)
OPEN = "open"
UNNAMED = "class {}"


class Ground:
    """Measures polygons of a map on the ground."""

    def __init__(self, crs: QgsCoordinateReferenceSystem, transforms: QgsCoordinateTransformContext) -> None:
        """Choose how to measure.

        Args:
            crs: CRS of the polygons; may be invalid.
            transforms: The project's choices.
        """
        self._measure = QgsDistanceArea()
        self._measure.setSourceCrs(crs, transforms)
        # On the CRS's own ellipsoid a map projection's distortion does not count, nor does what the project measures
        # with: the same file gives the same areas everywhere.
        ellipsoid = crs.ellipsoidAcronym() if crs.isValid() else ""
        known = bool(ellipsoid) and self._measure.setEllipsoid(ellipsoid)
        self._factor: float | None = 1.0 if known else _square_metres(crs)

    def area_m2(self, geometry: QgsGeometry) -> float | None:
        """Measure a polygon.

        Args:
            geometry: In the CRS.

        Returns:
            Square metres; None where they cannot be known.
        """
        if self._factor is None:
            return None
        try:
            area = self._measure.measureArea(geometry) * self._factor
        except QgsCsException:
            return None
        return area if math.isfinite(area) and area > 0 else None


def make_fields() -> QgsFields:
    """Return the fields of the output."""
    fields = QgsFields()
    for name, kind in FIELDS:
        fields.append(QgsField(name, kind))
    return fields


def make_features(
    job: Job, found: Found, transforms: QgsCoordinateTransformContext, feedback: QgsProcessingFeedback
) -> list[QgsFeature]:
    """Make the features, rank 1 first.

    Args:
        job: What the run is about.
        found: The regions.
        transforms: The project's choices.
        feedback: Progress and the cancel button.

    Returns:
        A feature a region.

    Raises:
        UhrsError: The classes cannot be read, or the run was cancelled.
    """
    from uhrs_qgis_plugin.engine.raster import open_raster
    from uhrs_qgis_plugin.engine.regions_outline import map_transform, to_wkb, trace

    with open_raster(job.uncertainty, "gdal") as reader:
        info = reader.info
    names = _class_names(job, found, info, feedback)
    fields, ground, transform, features = make_fields(), Ground(job.crs, transforms), map_transform(info), []
    for index, (region, (first, second)) in enumerate(zip(found.regions, names)):
        if feedback.isCanceled():
            raise CancelledError("Cancelled.")
        geometry = QgsGeometry()
        geometry.fromWkb(to_wkb(trace(region.runs), transform))
        feature = QgsFeature(fields)
        feature.setGeometry(geometry)
        numbers = [index + 1, found.mean_u(region), found.max_u(region), ground.area_m2(geometry), region.cells]
        feature.setAttributes([*numbers, first, second, OPEN])
        features.append(feature)
        feedback.setProgress(COUNTED_PERCENT + (100 - COUNTED_PERCENT) * index / len(found.regions))
    return features


def _class_names(
    job: Job, found: Found, info: RasterInfo, feedback: QgsProcessingFeedback
) -> list[tuple[str | None, str | None]]:
    """Name the most frequent and the second class of each region; None where there is none, or nothing is known."""
    from uhrs_qgis_plugin.engine.regions_classes import count_classes, two_largest
    from uhrs_qgis_plugin.styling import read_palette

    if job.classes is None:
        return [(None, None)] * len(found.regions)

    def progress(share: float) -> None:
        feedback.setProgress(FOUND_PERCENT + (COUNTED_PERCENT - FOUND_PERCENT) * share)

    counts = count_classes(job.classes, info, found.regions, progress, feedback.isCanceled, "gdal")
    names = {value: name for value, _, name in read_palette(job.classes)}
    texts = {value: names.get(value, UNNAMED.format(value)) for value in range(counts.shape[1])}
    return [(texts.get(first), texts.get(second)) for first, second in two_largest(counts).tolist()]


def _square_metres(crs: QgsCoordinateReferenceSystem) -> float | None:
    """Square metres of a square unit of a map without an ellipsoid; None where the unit is no length."""
    if not crs.isValid():
        return None
    if QgsUnitTypes.unitType(crs.mapUnits()) != QgsUnitTypes.unitType(METRES):
        return None
    return float(QgsUnitTypes.fromUnitToUnitFactor(crs.mapUnits(), METRES)) ** 2
