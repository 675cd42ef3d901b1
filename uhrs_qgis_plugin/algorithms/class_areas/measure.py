"""The work of `uhrs:classareas` in the worker thread: count, name the classes, word report and log."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsUnitTypes,
)

from uhrs_qgis_plugin.algorithms.base import watch_of
from uhrs_qgis_plugin.algorithms.class_areas.job import AreaJob, AreaResult
from uhrs_qgis_plugin.algorithms.class_areas.report import MEANING_UNSURE, Facts, format_area, make_report
from uhrs_qgis_plugin.algorithms.measuring import area_unit, gdal_wkt, is_planimetric
from uhrs_qgis_plugin.engine.areas import (
    AreaSources,
    ClassArea,
    PixelAreas,
    PolygonZones,
    ZoneCount,
    class_areas,
    count_areas,
    measure,
)
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.layers import SQUARE_METRES, UNNAMED, read_palette

WHOLE = "whole raster"
BAND_NAMES = {1: "resolution-biased uncertainty (U)", 2: "final uncertainty"}
MOST_NAMED = 5  # zones in a warning


def measure_classes(
    job: AreaJob, zones: PolygonZones | None, context: QgsProcessingContext, feedback: QgsProcessingFeedback
) -> AreaResult:
    """Measure the classes of the whole raster and of each zone.

    Args:
        job: What is measured.
        zones: The polygons, None for none.
        context: Has unit, ellipsoid and project.
        feedback: Progress, warnings and the cancel button.

    Returns:
        What is to be written.

    Raises:
        UhrsError: A raster cannot be read, or the user cancelled.
    """
    crs_wkt = gdal_wkt(job.crs) if job.info.has_transform else ""
    pixel_areas, how = measure(crs_wkt, job.info.transform, is_planimetric(context))
    counts = _count(job, pixel_areas, zones, feedback)
    palette = read_palette(job.classes)
    names = class_names([(value, name) for value, _, name in palette], counts[0])
    titles = [WHOLE, *(zones.names if zones is not None else ())]
    tables = [
        (title, class_areas(count, names, pixel_areas is not None, job.uncertainty is not None))
        for title, count in zip(titles, counts)
    ]
    _warn_of_empty(tables, feedback)
    unit = area_unit(context)
    facts = Facts(
        title=f"Class areas of {os.path.basename(job.classes)}",
        lines=fact_lines(job, how, len(counts) - 1),
        unit="" if pixel_areas is None else QgsUnitTypes.toAbbreviatedString(unit),
        factor=QgsUnitTypes.fromUnitToUnitFactor(SQUARE_METRES, unit),
        unsure=_meaning_of_unsure(job),
        colours={value: "#{:02x}{:02x}{:02x}".format(*colour[:3]) for value, colour, _ in palette},
    )
    return AreaResult(tables, facts, make_report(facts, tables), log_lines(tables[0][1], facts, how))


def _count(
    job: AreaJob, pixel_areas: PixelAreas | None, zones: PolygonZones | None, feedback: QgsProcessingFeedback
) -> Sequence[ZoneCount]:
    """Count the pixels of the whole raster, then of the zones.

    Raises:
        UhrsError: A raster cannot be read, or the user cancelled.
    """
    with contextlib.ExitStack() as stack:
        classes = stack.enter_context(open_raster(job.classes, "gdal"))
        uncertainty = None
        if job.uncertainty is not None:
            uncertainty = stack.enter_context(open_raster(job.uncertainty, "gdal"))
        sources = AreaSources(classes, uncertainty, job.band, job.threshold, job.cell)
        return count_areas(sources, pixel_areas, zones, watch_of(feedback))


def _meaning_of_unsure(job: AreaJob) -> str:
    """Explain "unsure" for the report; "" without uncertainty."""
    if job.uncertainty is None:
        return ""
    return MEANING_UNSURE.format(band=BAND_NAMES.get(job.band, f"band {job.band}"), threshold=job.threshold)


def class_names(named: Sequence[tuple[int, str]], whole: ZoneCount) -> list[tuple[int, str]]:
    """List the classes of the table: those that the file names, and any other that has pixels.

    Args:
        named: Number and name from the file; numbers without a name of their own are no classes.
        whole: Count of the whole raster.

    Returns:
        Number and name, in order of the number.
    """
    names = {value: name for value, name in named if name and name != UNNAMED.format(value)}
    for value in np.flatnonzero(whole.pixels).tolist():
        names.setdefault(value, UNNAMED.format(value))
    return sorted(names.items())


def _warn_of_empty(tables: Sequence[tuple[str, Sequence[ClassArea]]], feedback: QgsProcessingFeedback) -> None:
    """Warn in one line of zones without a pixel."""
    empty = [zone for zone, rows in tables[1:] if not any(row.pixels for row in rows)]
    if empty:
        some = ", ".join(f"'{zone}'" for zone in empty[:MOST_NAMED]) + (", ..." if len(empty) > MOST_NAMED else "")
        feedback.pushWarning(
            f"{len(empty)} of {len(tables) - 1} zones hold no pixel with a class and get zeros ({some}): they lie "
            "outside the raster or where it has no data, have no geometry, or are smaller than a pixel."
        )


def fact_lines(job: AreaJob, how: str, zones: int) -> list[tuple[str, str]]:
    """Word the head of the report."""
    return [
        ("Classes", f"{job.classes} ({job.info.width:,} x {job.info.height:,} pixels)"),
        ("Uncertainty", "not given" if job.uncertainty is None else f"{job.uncertainty}, band {job.band}"),
        ("Coordinate system", f"{job.crs.authid()} {job.crs.description()}".strip() if job.crs.isValid() else "none"),
        ("Areas", how),
        ("Zones", f"{zones:,}" if zones else "none: the whole raster only"),
        ("Date", datetime.now().strftime("%Y-%m-%d %H:%M")),
    ]


def log_lines(rows: Sequence[ClassArea], facts: Facts, how: str) -> list[str]:
    """Word the whole raster for the log."""
    lines = [f"Areas are {how}."]
    for row in rows:
        size = f"{row.pixels:,} pixels" if row.area_m2 is None else format_area(row.area_m2, facts)
        unsure = "" if row.unsure_share is None else f", {row.unsure_share:.1%} of it unsure"
        lines.append(f"  {row.name}: {size} ({row.share:.1%}){unsure}")
    return lines
