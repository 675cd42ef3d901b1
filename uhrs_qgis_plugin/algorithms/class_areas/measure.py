"""The work of `uhrs:classareas` in the worker thread: count, name the classes, word report and log."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from qgis.core import Qgis, QgsProcessingContext, QgsProcessingFeedback, QgsUnitTypes

from uhrs_qgis_plugin.algorithms.class_areas.ground import measure
from uhrs_qgis_plugin.algorithms.class_areas.job import Result
from uhrs_qgis_plugin.algorithms.class_areas.report import MEANING_UNSURE, Facts, format_area, make_report
from uhrs_qgis_plugin.engine.areas import AreaSources, ClassArea, ZoneCount, class_areas, count_areas
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.layers.raster_styles import UNNAMED, read_palette

if TYPE_CHECKING:
    from uhrs_qgis_plugin.algorithms.class_areas.job import Job
    from uhrs_qgis_plugin.engine.areas import PolygonZones


WHOLE = "whole raster"

BAND_NAMES = {1: "resolution-biased uncertainty (U)", 2: "final uncertainty"}

MOST_TOLD = 5  # zones that a warning names

# The units moved into Qgis in 3.30.
if hasattr(Qgis, "AreaUnit"):
    SQUARE_METRES = Qgis.AreaUnit.SquareMeters
    NOT_ON_THE_GROUND = (Qgis.AreaUnit.SquareDegrees, Qgis.AreaUnit.Unknown)
else:
    SQUARE_METRES = QgsUnitTypes.AreaSquareMeters
    NOT_ON_THE_GROUND = (QgsUnitTypes.AreaSquareDegrees, QgsUnitTypes.AreaUnknownUnit)


def measure_classes(
    job: Job, zones: PolygonZones | None, context: QgsProcessingContext, feedback: QgsProcessingFeedback
) -> Result:
    """Measure.

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
    transform = job.info.transform
    crs_wkt = gdal_wkt(job.crs) if job.info.has_transform else ""
    pixel_areas, how = measure(crs_wkt, transform, is_planimetric(context))
    with contextlib.ExitStack() as stack:
        classes = stack.enter_context(open_raster(job.classes, "gdal"))
        uncertainty = None
        if job.uncertainty is not None:
            uncertainty = stack.enter_context(open_raster(job.uncertainty, "gdal"))
        sources = AreaSources(classes, uncertainty, job.band, job.threshold, job.cell)
        counts = count_areas(
            sources, pixel_areas, zones, Watch(lambda share: feedback.setProgress(100 * share), feedback.isCanceled)
        )
    palette = read_palette(job.classes)
    names = class_names(palette, counts[0])
    titles = [WHOLE, *(zones.names if zones is not None else ())]
    tables = [
        (title, class_areas(count, names, pixel_areas is not None, uncertainty is not None))
        for title, count in zip(titles, counts)
    ]
    warn_of_empty(tables, feedback)
    unit = area_unit(context)
    measured = pixel_areas is not None
    facts = Facts(
        title=f"Class areas of {os.path.basename(job.classes)}",
        lines=fact_lines(job, how, len(counts) - 1),
        unit=QgsUnitTypes.toAbbreviatedString(unit) if measured else "",
        factor=QgsUnitTypes.fromUnitToUnitFactor(SQUARE_METRES, unit),
        unsure=MEANING_UNSURE.format(band=BAND_NAMES.get(job.band, f"band {job.band}"), threshold=job.threshold)
        if uncertainty is not None
        else "",
        colours={value: "#{:02x}{:02x}{:02x}".format(*colour[:3]) for value, colour, _ in palette},
    )
    return Result(tables, facts, make_report(facts, tables), log_lines(tables[0][1], facts, how))


def class_names(palette: Sequence[tuple[int, Any, str]], whole: ZoneCount) -> list[tuple[int, str]]:
    """List the classes of the table: those that the file names, and any other that is there.

    Args:
        palette: From `styling.read_palette`; a palette without names says nothing about what is meant.
        whole: Count of the whole raster.

    Returns:
        Number and name, in order of the number.
    """
    names = {value: name for value, _, name in palette if name and name != UNNAMED.format(value)}
    for value in np.flatnonzero(whole.pixels).tolist():
        names.setdefault(value, UNNAMED.format(value))
    return sorted(names.items())


def warn_of_empty(tables: Sequence[tuple[str, Sequence[ClassArea]]], feedback: QgsProcessingFeedback) -> None:
    """Say in one line which zones hold nothing."""
    empty = [zone for zone, rows in tables[1:] if not any(row.pixels for row in rows)]
    if empty:
        some = ", ".join(f"'{zone}'" for zone in empty[:MOST_TOLD]) + (", ..." if len(empty) > MOST_TOLD else "")
        feedback.pushWarning(
            f"{len(empty)} of {len(tables) - 1} zones hold no pixel with a class and get zeros ({some}): they lie "
            "outside the raster or where it has no data, have no geometry, or are smaller than a pixel."
        )


def area_unit(context: QgsProcessingContext) -> Any:  # noqa: ANN401 (an enum that moved between versions)
    """The project's area unit; square metres where there is none, or one that no ground is measured in."""
    unit = context.areaUnit()
    return SQUARE_METRES if unit in NOT_ON_THE_GROUND else unit


def is_planimetric(context: QgsProcessingContext) -> bool:
    """Whether the user wants areas in the plane of the map; a project without a CRS says so without meaning it."""
    project = context.project()
    return context.ellipsoid() == "NONE" and (project is None or project.crs().isValid())


def gdal_wkt(crs: Any) -> str:  # noqa: ANN401
    """The text that GDAL reads; "" for an invalid CRS."""
    return str(crs.toWkt(crs.WKT_PREFERRED_GDAL)) if crs.isValid() else ""


def fact_lines(job: Job, how: str, zones: int) -> list[tuple[str, str]]:
    """The head of the report."""
    lines = [
        ("Classes", f"{job.classes} ({job.info.width:,} x {job.info.height:,} pixels)"),
        ("Uncertainty", "not given" if job.uncertainty is None else f"{job.uncertainty}, band {job.band}"),
        ("Coordinate system", f"{job.crs.authid()} {job.crs.description()}".strip() if job.crs.isValid() else "none"),
        ("Areas", how),
        ("Zones", f"{zones:,}" if zones else "none: the whole raster only"),
        ("Date", datetime.now().strftime("%Y-%m-%d %H:%M")),
    ]
    return lines


def log_lines(rows: Sequence[ClassArea], facts: Facts, how: str) -> list[str]:
    """Word the whole raster for the log."""
    lines = [f"Areas are {how}."]
    for row in rows:
        size = f"{row.pixels:,} pixels" if row.area_m2 is None else format_area(row.area_m2, facts)
        unsure = "" if row.unsure_share is None else f", {row.unsure_share:.1%} of it unsure"
        lines.append(f"  {row.name}: {size} ({row.share:.1%}){unsure}")
    return lines
