"""What can be said before a run: how the raster will be read, whether it fits, how long it will take."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from uhrs_qgis_plugin.algorithms.segment.speed import Measured, duration, estimate, remember, work_of
from uhrs_qgis_plugin.translation import tr

if TYPE_CHECKING:
    from uhrs_qgis_plugin.algorithms.segment.request import SegmentationRequest
    from uhrs_qgis_plugin.engine.segmentation import Report

GB = 1e9


@dataclass(frozen=True)
class Outlook:
    """What is known of a run before it begins.

    Attributes:
        lines: For the dialog.
        warns: Whether the results may be useless.
    """

    lines: tuple[str, ...]
    warns: bool = False


def look_ahead(request: SegmentationRequest) -> Outlook:
    """Tell how a raster will be read, and what the run will take; no pixel is read for it."""
    plan, minutes = request.plan, request.options.minutes
    size, warnings = plan.pixel_size, [line for line in plan.warnings if line != plan.pixel_size.message]
    extent = tr("{} x {} pixels").format(f"{plan.window.width:,}", f"{plan.window.height:,}")
    if size.message:
        facts = f"{extent}. {size.message}"
    else:
        facts = extent if size.raster_m is None else tr("{} of {} m").format(extent, f"{size.raster_m:.3g}")
    time = _time(request) if minutes is None else tr("Takes {}, as asked for.").format(duration(60 * minutes))
    return Outlook((facts, *warnings, time), bool(plan.warnings))


def _time(request: SegmentationRequest) -> str:
    """Word the time and the memory of a run."""
    plan = request.plan
    pixels = float(plan.window.height * plan.window.width)
    read_pixels = pixels * plan.info.decoded
    ratios = (0.0, 1.0) if plan.ratio is None else (plan.ratio, plan.ratio)
    low, high = (work_of(pixels, read_pixels, ratio) for ratio in ratios)
    found = estimate(low, high, request.options.device, request.bundle.name)
    times = duration(found.low_s), duration(found.high_s)
    span = times[0] if times[0] == times[1] else tr("{} to {}").format(*times)
    memory = f"{found.memory_gb:.1f}"
    if found.device:
        text = tr("Takes about {} on {}, as measured on this computer, and {} GB of memory.")
        return text.format(span, found.device, memory)
    text = tr("Takes perhaps {} and {} GB of memory; the first run will measure this computer.")
    return text.format(span, memory)


def remember_run(request: SegmentationRequest, report: Report, before_gb: float | None) -> None:
    """Keep the speed of a run in the profile.

    Args:
        before_gb: Memory of the process before the run, None where that is not known.
    """
    pixels = float(report.valid_pixels)
    if not pixels or request.options.minutes is not None or request.options.resume:
        return  # nothing was computed, or not all of it now
    peak = report.peak_memory_bytes
    memory = 0.0 if before_gb is None or peak is None else max(0.0, peak / GB - before_gb)
    work = work_of(pixels, pixels * request.plan.info.decoded, report.ratio)
    seconds = float(report.seconds["total"])
    remember(Measured(request.options.device, report.device, report.model, work, seconds, round(memory, 2)))


def resident_gb() -> float | None:
    """Memory that this process has now; None where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / GB
    except (OSError, ValueError, IndexError, AttributeError):  # not Linux
        return None
