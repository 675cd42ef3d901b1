"""The dock: a window of QGIS around the review panel and its controller."""

from __future__ import annotations

from qgis.gui import QgsDockWidget, QgsMapCanvas
from qgis.PyQt.QtWidgets import QWidget

from uhrs_qgis_plugin.review.controller import ReviewController
from uhrs_qgis_plugin.review.panel import ReviewPanel, scrolling
from uhrs_qgis_plugin.review.panel_actions import PanelActions
from uhrs_qgis_plugin.review.wording import tr


class ReviewDock(QgsDockWidget):
    """Holds the panel; `controller` does the work."""

    def __init__(self, canvas: QgsMapCanvas, parent: QWidget | None = None) -> None:
        """Build panel and controller; no layer is open yet."""
        super().__init__(tr("Review uncertain regions"), parent)
        self.setObjectName("uhrsReview")
        panel = ReviewPanel()
        self.setWidget(scrolling(panel))
        self.controller = ReviewController(panel, canvas, self)
        self.panel_actions = PanelActions(self.controller, self)
        self.installEventFilter(self.panel_actions.keys)
        self.visibilityChanged.connect(self.panel_actions.set_active)
        self.visibilityChanged.connect(self.controller.set_active)

    def remove(self) -> None:
        """Disconnect from map and project, on unload; idempotent."""
        self.removeEventFilter(self.panel_actions.keys)
        self.panel_actions.remove()
        self.controller.remove()
