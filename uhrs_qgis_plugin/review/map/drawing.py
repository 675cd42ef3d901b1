"""Drawing corrections on the map: which tool is in hand, and the tool that was there before."""

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
    """The two map tools of a review.

    Signals:
        changed(str): The tool in hand: `draw`, `paint`, or "" for another one.
        told(str): One line for the person.
    """

    changed = pyqtSignal(str)
    told = pyqtSignal(str)

    def __init__(self, canvas: QgsMapCanvas, take: Callable[[QgsGeometry], object], parent: QObject) -> None:
        """Prepare the tools.

        Args:
            canvas: The map.
            take: Gets each finished polygon, in the map's CRS.
            parent: Owns this object.
        """
        super().__init__(parent)
        self._canvas = canvas
        self.tools: dict[str, CorrectionTool] = {
            DRAW: PolygonTool(canvas, take, self.told.emit),
            PAINT: BrushTool(canvas, take, self.told.emit),
        }
        self._before: QgsMapTool | None = None
        canvas.mapToolSet.connect(self._tool_set)

    def name(self) -> str:
        """Return which tool is in hand, "" for another one."""
        current = self._canvas.mapTool()
        return next((name for name, tool in self.tools.items() if tool is current), "")

    def take_up(self, name: str) -> None:
        """Take a tool up; "" puts it down and goes back to the one before.

        Args:
            name: `draw`, `paint` or "".
        """
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
        """Draw in the colour of a class."""
        for tool in self.tools.values():
            tool.set_colour(colour)

    def set_brush(self, width_px: int) -> None:
        """Set the width of the brush."""
        self.tools[PAINT].width_px = width_px

    def remove(self) -> None:
        """Leave the map for good."""
        self.take_up("")
        self._canvas.mapToolSet.disconnect(self._tool_set)
        for tool in self.tools.values():
            tool.remove()

    def _tool_set(self, *_: object) -> None:
        self.changed.emit(self.name())
