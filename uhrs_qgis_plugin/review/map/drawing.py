"""The two map tools of a review, and the tool that was active before them."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import QgsGeometry
from qgis.gui import QgsMapCanvas, QgsMapTool
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtGui import QColor

from uhrs_qgis_plugin.review.map.correction_tools import BrushTool, CorrectionTool, PolygonTool

DRAW, PAINT = "draw", "paint"


class Drawing(QObject):
    """Activates the map tools of a review.

    Signals:
        activated(str): The active tool: `draw`, `paint`, or "" for one of QGIS.
        refused(str): Why what was drawn is no polygon, as one line for the reviewer.
    """

    activated = pyqtSignal(str)
    refused = pyqtSignal(str)

    def __init__(self, canvas: QgsMapCanvas, on_drawn: Callable[[QgsGeometry], object], parent: QObject) -> None:
        """Prepare the tools.

        Args:
            canvas: The map.
            on_drawn: Called with each finished polygon, in the map's CRS.
            parent: Owns this object.
        """
        super().__init__(parent)
        self._canvas = canvas
        self.tools: dict[str, CorrectionTool] = {
            DRAW: PolygonTool(canvas, on_drawn, self.refused.emit),
            PAINT: BrushTool(canvas, on_drawn, self.refused.emit),
        }
        self._before: QgsMapTool | None = None
        canvas.mapToolSet.connect(self._tool_set)

    def name(self) -> str:
        """Return the active tool of the review, "" for one of QGIS."""
        current = self._canvas.mapTool()
        return next((name for name, tool in self.tools.items() if tool is current), "")

    def activate(self, name: str) -> None:
        """Activate `draw` or `paint`; "" restores the tool of QGIS that was active before."""
        current = self._canvas.mapTool()
        if name:
            if not self.name():
                self._before = current
            self._canvas.setMapTool(self.tools[name])
        elif self.name():
            before = self._before
            if before is None or sip.isdeleted(before):
                self._canvas.unsetMapTool(current)
            else:
                self._canvas.setMapTool(before)

    def set_colour(self, colour: QColor) -> None:
        """Preview in the colour of a class."""
        for tool in self.tools.values():
            tool.set_colour(colour)

    def set_brush(self, width_px: int) -> None:
        """Set the width of the brush."""
        self.tools[PAINT].width_px = width_px

    def remove(self) -> None:
        """Remove the tools from the canvas, on unload."""
        self.activate("")
        self._canvas.mapToolSet.disconnect(self._tool_set)
        for tool in self.tools.values():
            tool.remove()

    def _tool_set(self, *_: object) -> None:
        self.activated.emit(self.name())
