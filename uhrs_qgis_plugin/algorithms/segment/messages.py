"""What a run tells the person in front of it: progress, stages, and the last lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qgis.core import QgsProcessingFeedback

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.flow import Event
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


class Listener:
    """Hands the engine's progress to QGIS, and its events to the log."""

    def __init__(self, feedback: QgsProcessingFeedback, on_preview: Callable[[], None]) -> None:
        """Start before the first stage.

        Args:
            feedback: Where progress and lines go.
            on_preview: Called when the preview is there, in the thread of the run.
        """
        self._feedback = feedback
        self._on_preview = on_preview
        self._messages: set[str] = set()

    def progress(self, share: float) -> None:
        """Show the share of the run that is done, 0..1."""
        self._feedback.setProgress(100 * share)

    def notify(self, event: Event) -> None:
        """Log an event; the same message of a device only once."""
        from uhrs_qgis_plugin.engine.flow import Message
        from uhrs_qgis_plugin.engine.segmentation import PreviewReady, StageBegun

        if isinstance(event, StageBegun):
            self._feedback.pushInfo(STAGES[event.stage.value])
        elif isinstance(event, PreviewReady):
            self._feedback.pushInfo("The coarse result is there; the refinement goes on ...")
            self._on_preview()
        elif isinstance(event, Message) and event.text not in self._messages:
            self._messages.add(event.text)
            self._feedback.pushInfo(event.text)


def summary(report: Report) -> list[str]:
    """Word the last lines of a run.

    Args:
        report: What the engine did.

    Returns:
        Lines for the log: numbers of the run, and the area of each class.
    """
    seconds = report.seconds["total"]
    speed = report.pixels / 1e6 / seconds if seconds > 0 else 0.0
    lines = [
        f"{report.pixels:,} pixels in {seconds:.1f} s ({speed:.1f} million pixels/s) on {report.device}, "
        f"model {report.model}",
        f"K = {report.ratio:.2f}: {report.selected_patches:,} of {report.patches:,} patches refined",
    ]
    for item in report.classes:
        share = int(item["pixels"] or 0) / max(1, report.valid_pixels)
        area = item["area_m2"]
        size = f"{item['pixels']:,} pixels" if area is None else f"{float(area) / SQUARE_METRES_PER_HECTARE:,.2f} ha"
        lines.append(f"  {item['name']}: {size} ({share:.1%})")
    return lines
