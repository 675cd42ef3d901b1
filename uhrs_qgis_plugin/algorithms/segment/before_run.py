"""What can be said before a run: how the raster will be read, whether it fits, how long it will take."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from uhrs_qgis_plugin.algorithms.segment.speed import Measured, duration, estimate, remember, work_of
from uhrs_qgis_plugin.translation import tr

if TYPE_CHECKING:
    from uhrs_qgis_plugin.algorithms.segment.request import SegmentationRequest
    from uhrs_qgis_plugin.engine.segmentation import Report, SegmentationJob

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
    return Outlook((facts, *warnings, *_traffic(request), time), bool(plan.warnings))


def _traffic(request: SegmentationRequest) -> list[str]:
    """Word what a raster on a server sends; nothing for others."""
    from uhrs_qgis_plugin.engine.raster import is_remote

    if not is_remote(request.raster):
        return []
    size = size_of(request.raster)
    if size is None:
        return [tr("The raster lies on a server: what is read of it comes over the network.")]
    ratios = (0.0, 1.0) if request.plan.ratio is None else (request.plan.ratio, request.plan.ratio)
    low, high = (read_bytes(request.plan, size, ratio) for ratio in ratios)
    span = f"{low / 1e6:.3g}" if round(low / 1e6) == round(high / 1e6) else f"{low / 1e6:.3g} - {high / 1e6:.3g}"
    return [tr("The raster lies on a server: about {} of its {} MB are read.").format(span, f"{size / 1e6:,.0f}")]


def read_bytes(plan: SegmentationJob, size: int, ratio: float) -> float:
    """Guess how much of a file a run reads, from the shares of its pixels.

    Args:
        plan: The run.
        size: Of the file.
        ratio: K.
    """
    raster, part = plan.raster, plan.on_raster.window
    share = part.height * part.width / (raster.height * raster.width)
    side = math.sqrt(plan.info.decoded)  # pixels of the file along a pixel that is read at full scale
    coarse, fine = (max([1, *(step for step in raster.overviews if step <= most)]) for most in (4 * side, side))
    return size * min(1.0, share * (1 / coarse**2 + ratio / fine**2))


def size_of(source: str) -> int | None:
    """Bytes of a file that GDAL opens; None where its server does not tell."""
    from osgeo import gdal

    from uhrs_qgis_plugin.engine.raster.gdal_backend.calls import attempt
    from uhrs_qgis_plugin.engine.raster.servers import gdal_name

    status, _ = attempt(gdal.VSIStatL, gdal_name(source))
    return int(status.size) if status is not None and status.size > 0 else None


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
