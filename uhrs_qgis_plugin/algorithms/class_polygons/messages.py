"""What a job of the engine says, in the log of Processing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qgis.core import QgsProcessingFeedback

if TYPE_CHECKING:  # loads numpy, and QGIS loads this module when it starts
    from uhrs_qgis_plugin.engine.flow import Event


def log_to(feedback: QgsProcessingFeedback) -> Callable[[Event], None]:
    """Return what shows messages and warnings in the log."""

    def show(event: Event) -> None:
        from uhrs_qgis_plugin.engine.flow import Message

        if isinstance(event, Message):
            (feedback.pushWarning if event.is_warning else feedback.pushInfo)(event.text)

    return show
