"""The one way in which the review reports that something was not done."""

from __future__ import annotations

from uhrs_qgis_plugin.engine.errors import UhrsError


class ReviewError(UhrsError):
    """An action failed: the text is one line for the reviewer that says why and what to do next.

    Raised by the rooms of the review, shown by the controller and nowhere else.
    """
