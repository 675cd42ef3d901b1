"""What a run shows while it goes on: stages, messages and the preview."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qgis.core import QgsProcessingFeedback, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from uhrs_qgis_plugin.algorithms.base import watch_of
from uhrs_qgis_plugin.algorithms.segment.messages import PREVIEW_READY, STAGES, device_line
from uhrs_qgis_plugin.algorithms.segment.progress_text import RemainingTime
from uhrs_qgis_plugin.layers import style_classes

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.flow import Event, Watch


class PreviewLoader(QObject):
    """Loads the preview of a run into the project. Lives in the main thread; a worker calls `load_later`.

    Without a desktop (`qgis_process`, scripts) nothing happens.
    """

    _ready = pyqtSignal(str)

    def __init__(self, name: str) -> None:
        """Prepare for a layer of this name."""
        super().__init__()
        self._name = name
        self._ready.connect(self._load)  # queued, because the signal comes from another thread

    def load_later(self, path: str) -> None:
        """Have the main thread load the class raster of the preview; safe in any thread."""
        from qgis.utils import iface

        if iface is not None:
            self._ready.emit(path)

    def _load(self, path: str) -> None:
        """Add the layer with its palette."""
        layer = QgsRasterLayer(path, self._name)
        if layer.isValid():
            style_classes(layer)
            QgsProject.instance().addMapLayer(layer)


class Listener:
    """Hands the engine's events to the log, and the preview to its loader."""

    def __init__(
        self, feedback: QgsProcessingFeedback, preview: PreviewLoader | None, preview_path: str | None
    ) -> None:
        """Start before the first stage.

        Args:
            feedback: The log.
            preview: Loads the preview, None without one.
            preview_path: The class raster of the preview, None without one.
        """
        self._feedback, self._preview, self._preview_path = feedback, preview, preview_path
        self._messages: set[str] = set()

    def watch(self) -> Watch:
        """Return what the engine reports to: progress bar, log, remaining time, and the cancel button."""
        watch = watch_of(self._feedback, self.notify)
        remaining = RemainingTime(self._feedback.setProgressText)

        def progress(share: float) -> None:
            watch.progress(share)
            remaining.report(share)

        return replace(watch, progress=progress)

    def notify(self, event: Event) -> None:
        """Log an event; the same message of a device only once."""
        from uhrs_qgis_plugin.engine.flow import Message
        from uhrs_qgis_plugin.engine.segmentation import DeviceChosen, PreviewReady, StageBegun

        if isinstance(event, StageBegun):
            self._feedback.pushInfo(STAGES[event.stage.value])
        elif isinstance(event, DeviceChosen):
            self._feedback.pushInfo(device_line(event.device, event.precision))
        elif isinstance(event, PreviewReady):
            self._feedback.pushInfo(PREVIEW_READY)
            if self._preview is not None and self._preview_path is not None:
                self._preview.load_later(self._preview_path)
        elif isinstance(event, Message) and event.text not in self._messages:
            self._messages.add(event.text)
            show = self._feedback.pushWarning if event.is_warning else self._feedback.pushInfo
            show(event.text)
