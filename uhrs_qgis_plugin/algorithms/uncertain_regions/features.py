"""From regions of the engine to features of QGIS: geometry, area on the ground, and the fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import (
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsField,
    QgsFields,
    QgsGeometry,
)

from uhrs_qgis_plugin.algorithms.uncertain_regions.job import RegionJob
from uhrs_qgis_plugin.layers import DOUBLE, INTEGER, OPEN, TEXT, UNNAMED, Ground, read_palette

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.flow import Watch
    from uhrs_qgis_plugin.engine.regions import RegionSearch

FOUND = 0.7  # share of a run that is done when the regions are found
COUNTED = 0.5  # share of making features that is done when the classes are counted

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


def make_fields() -> QgsFields:
    """Return the fields of the output."""
    fields = QgsFields()
    for name, kind in FIELDS:
        fields.append(QgsField(name, kind))
    return fields


def make_features(
    job: RegionJob, found: RegionSearch, transforms: QgsCoordinateTransformContext, watch: Watch
) -> list[QgsFeature]:
    """Make the features, rank 1 first.

    Raises:
        UhrsError: The classes cannot be read, or the run was cancelled.
    """
    from uhrs_qgis_plugin.engine.regions import to_wkb, trace
    from uhrs_qgis_plugin.engine.results import map_transform

    names = _class_names(job, found, watch.part(0, COUNTED))
    fields, ground, transform, features = make_fields(), Ground(job.crs, transforms), map_transform(job.info), []
    for index, (region, (first, second)) in enumerate(zip(found.regions, names)):
        watch.report(COUNTED + (1 - COUNTED) * index / len(found.regions))
        geometry = QgsGeometry()
        geometry.fromWkb(to_wkb(trace(region.runs), transform))
        feature = QgsFeature(fields)
        feature.setGeometry(geometry)
        numbers = [index + 1, found.mean_u(region), found.max_u(region), ground.area_m2(geometry), region.cells]
        feature.setAttributes([*numbers, first, second, OPEN])
        features.append(feature)
    return features


def _class_names(job: RegionJob, found: RegionSearch, watch: Watch) -> list[tuple[str | None, str | None]]:
    """Name the most frequent and the second class of each region; None where there is none, or nothing is known."""
    from uhrs_qgis_plugin.engine.regions import count_classes, two_largest

    if job.classes is None:
        return [(None, None)] * len(found.regions)

    counts = count_classes(job.classes, job.info, found.regions, watch, "gdal")
    names = {value: name for value, _, name in read_palette(job.classes)}
    texts = {value: names.get(value, UNNAMED.format(value)) for value in range(counts.shape[1])}
    return [(texts.get(first), texts.get(second)) for first, second in two_largest(counts).tolist()]
