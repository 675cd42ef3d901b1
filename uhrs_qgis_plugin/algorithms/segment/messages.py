"""Texts: the models at hand, the stages of a run for the log, and the lines at its end."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.bundle import Bundle
    from uhrs_qgis_plugin.engine.segmentation import Report

SQUARE_METRES_PER_HECTARE = 10_000

# The engine's stages, by their names, in words for the log.
STAGES = {
    "check": "Checking raster, model and outputs ...",
    "coarse": "Looking at the whole raster at 1/4 scale ...",
    "select": "Selecting the most uncertain patches ...",
    "refine": "Looking at the selected patches at full scale ...",
    "publish": "Writing overviews and checking the outputs ...",
}
DOUBT = "The uncertainty is switched off at first: tick it in the Layers panel to see where the map is doubtful."
PREVIEW_READY = "The coarse result is there; the refinement goes on ..."


def device_line(device: str, precision: str) -> str:
    """Word where a run computes."""
    return f"Computing on {device}{' in 8 bits' if precision == 'int8' else ''} ..."


def part_text(bounds: tuple[float, float, float, float] | None, is_geographic: bool) -> str:
    """Word the part of a raster that was segmented: its size, and where its lower left corner lies; "" = all of it.

    Args:
        bounds: Left, bottom, right, top in the raster's CRS; None = all.
        is_geographic: Whether they are degrees.
    """
    if bounds is None:
        return ""
    left, bottom, right, top = bounds
    digits, unit = (5, "°") if is_geographic else (0, "")
    width, height = (f"{side:.{digits}f}" if digits else f"{side:.4g}" for side in (right - left, top - bottom))
    return f"{width} x {height}{unit} at {left:.{digits}f}, {bottom:.{digits}f}"


def summary(report: Report) -> list[str]:
    """Word the last lines of a run: its numbers, and the area of each class."""
    seconds = report.seconds["total"]
    speed = report.pixels / 1e6 / seconds if seconds > 0 else 0.0
    bits = " in 8 bits" if report.precision == "int8" else ""
    lines = [
        f"{report.pixels:,} pixels in {seconds:.1f} s ({speed:.1f} million pixels/s) on {report.device}{bits}, "
        f"model {report.model}",
        f"K = {report.ratio:.2f}: {report.selected_patches:,} of {report.patches:,} patches refined",
    ]
    if report.traffic():
        lines.append(report.traffic())
    for item in report.classes:
        share = int(item["pixels"] or 0) / max(1, report.valid_pixels)
        area = item["area_m2"]
        size = f"{item['pixels']:,} pixels" if area is None else f"{float(area) / SQUARE_METRES_PER_HECTARE:,.2f} ha"
        lines.append(f"  {item['name']}: {size} ({share:.1%})")
    return lines


def model_summary(bundle: Bundle, translate: Callable[[str], str]) -> str:
    """Word a model in one line: name, number of classes, pixel size."""
    size = translate("any pixel size") if bundle.resolution_m is None else f"{bundle.resolution_m:g} m"
    return f"{bundle.name} ({translate('{} classes').format(len(bundle.classes))}, {size})"


def model_description(bundle: Bundle, translate: Callable[[str], str]) -> str:
    """Describe a model: what it tells apart, reads and was made from; simple HTML, safe for texts of strangers."""
    unknown = translate("unknown")
    lines = {
        translate("Classes"): ", ".join(entry.name for entry in bundle.classes),
        translate("Bands"): f"{', '.join(bundle.bands)} ({bundle.data_type})",
        translate("Pixel size"): unknown if bundle.resolution_m is None else f"{bundle.resolution_m:g} m",
        translate("Made from"): bundle.training_data or unknown,
        translate("Licence"): bundle.licence or unknown,
    }
    rows = "".join(f"<br>{name}: {html.escape(text)}" for name, text in lines.items())
    return f"<b>{html.escape(bundle.name)}</b>{rows}"
