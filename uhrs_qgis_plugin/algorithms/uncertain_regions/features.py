"""From regions of the engine to features of QGIS: geometry, area on the ground, and the fields."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from osgeo import gdal
from qgis.core import (
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsProcessingFeedback,
)

from uhrs_qgis_plugin.algorithms.uncertain_regions.job import Job
from uhrs_qgis_plugin.engine.errors import CancelledError
from uhrs_qgis_plugin.layers.ground import Ground
from uhrs_qgis_plugin.layers.qgis_versions import DOUBLE, INTEGER, TEXT
from uhrs_qgis_plugin.layers.region_fields import OPEN

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.raster import RasterInfo
    from uhrs_qgis_plugin.engine.regions import RegionSearch
if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.regions import RegionOptions, RegionSearch


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

UNNAMED = "class {}"


def make_fields() -> QgsFields:
    """Return the fields of the output."""
    fields = QgsFields()
    for name, kind in FIELDS:
        fields.append(QgsField(name, kind))
    return fields


def make_features(
    job: Job, found: RegionSearch, transforms: QgsCoordinateTransformContext, feedback: QgsProcessingFeedback
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
    from uhrs_qgis_plugin.engine.regions import to_wkb, trace
    from uhrs_qgis_plugin.engine.results import map_transform

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
    job: Job, found: RegionSearch, info: RasterInfo, feedback: QgsProcessingFeedback
) -> list[tuple[str | None, str | None]]:
    """Name the most frequent and the second class of each region; None where there is none, or nothing is known."""
    from uhrs_qgis_plugin.engine.flow import Watch
    from uhrs_qgis_plugin.engine.regions import count_classes, two_largest
    from uhrs_qgis_plugin.layers.raster_styles import read_palette

    if job.classes is None:
        return [(None, None)] * len(found.regions)

    def progress(share: float) -> None:
        feedback.setProgress(FOUND_PERCENT + (COUNTED_PERCENT - FOUND_PERCENT) * share)

    counts = count_classes(job.classes, info, found.regions, Watch(progress, feedback.isCanceled), "gdal")
    names = {value: name for value, _, name in read_palette(job.classes)}
    texts = {value: names.get(value, UNNAMED.format(value)) for value in range(counts.shape[1])}
    return [(texts.get(first), texts.get(second)) for first, second in two_largest(counts).tolist()]


FEATURES_AT_ONCE = 200


def fill(sink: QgsFeatureSink, name: str, features: list[QgsFeature], feedback: QgsProcessingFeedback) -> str:
    """Write features.

    Args:
        sink: Where to.
        name: How to call it in messages.
        features: What to write.
        feedback: The cancel button.

    Returns:
        "" when all is written, else why it is not.
    """
    waiting = iter(features)
    for some in iter(lambda: list(islice(waiting, FEATURES_AT_ONCE)), []):
        if feedback.isCanceled():
            return "Cancelled: nothing was written."
        if not sink.addFeatures(some, QgsFeatureSink.Flag.FastInsert):
            return f"The regions cannot be written to '{name}': {sink.lastError()}."
    return ""


def delete(name: str) -> None:
    """Delete a file of features with all that belongs to it.

    Args:
        name: Of a sink: of layers in memory and of tables in databases nothing is deleted.
    """
    if os.path.isfile(name):
        driver = gdal.IdentifyDriverEx(name, gdal.OF_VECTOR)
        if driver is not None:
            driver.Delete(name)


# Where the progress bar stands when the regions are found, and when their classes are counted.
FOUND_PERCENT, COUNTED_PERCENT = 70, 85


def tell(found: RegionSearch, options: RegionOptions, feedback: QgsProcessingFeedback) -> None:
    """Put what was found into the log.

    Args:
        found: The regions.
        options: What a region is.
        feedback: The log.
    """
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
