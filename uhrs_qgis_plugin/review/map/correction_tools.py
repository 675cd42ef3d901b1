"""Map tools that draw a polygon: corner by corner, or with a brush."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QObject, QPoint, Qt
from qgis.PyQt.QtGui import QColor

from uhrs_qgis_plugin.review.wording import tr

POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry
FILL_OPACITY = 110
STROKE = QColor(20, 20, 20)
LEAST_CORNERS = 3
ARC_SEGMENTS = 6  # per quarter of a circle: more are not visible at a brush's size
LEAST_MOVE_PX = 2  # between two points of a stroke: hundreds of points, not thousands
LEAST_BRUSH_PX, BRUSH_PX, MOST_BRUSH_PX = 2, 24, 400

OnDrawn = Callable[[QgsGeometry], object]
OnRefused = Callable[[str], None]


class CorrectionTool(QgsMapTool):
    """Base of both tools: a preview in the class's colour, Esc, and the finished polygon."""

    def __init__(self, canvas: QgsMapCanvas, on_drawn: OnDrawn, on_refused: OnRefused) -> None:
        """Prepare the preview.

        Args:
            canvas: The map.
            on_drawn: Called with each finished, valid polygon, in the map's CRS.
            on_refused: Called with one line for the reviewer when there is no polygon.
        """
        super().__init__(canvas)
        self._on_drawn, self._on_refused = on_drawn, on_refused
        self._band = QgsRubberBand(canvas, POLYGON)
        self._band.setStrokeColor(STROKE)
        self._band.setWidth(1)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def set_colour(self, colour: QColor) -> None:
        """Show the colour of the class that is drawn."""
        fill = QColor(colour)
        fill.setAlpha(FILL_OPACITY)
        self._band.setFillColor(fill)

    def activate(self) -> None:
        """Filter keys ahead of the canvas: it forwards none while a button is held, and QGIS deletes on Backspace."""
        super().activate()
        self.canvas().installEventFilter(self)

    def deactivate(self) -> None:
        """Drop what is unfinished as another tool becomes active."""
        self.canvas().removeEventFilter(self)
        self.cancel()
        super().deactivate()

    def cancel(self) -> None:
        """Drop what is unfinished."""
        if not sip.isdeleted(self._band):
            self._band.reset(POLYGON)

    def remove(self) -> None:
        """Remove the tool from the canvas, on unload."""
        if self.isActive():
            self.canvas().unsetMapTool(self)
        if not sip.isdeleted(self._band):
            self.canvas().scene().removeItem(self._band)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle key presses."""
        return event.type() == QEvent.Type.KeyPress and self.handle_key(event.key())

    def handle_key(self, key: int) -> bool:
        """Handle a key; returns whether it has a meaning here."""
        if key == Qt.Key.Key_Escape:
            self.cancel()
            return True
        return False

    def finish(self, geometry: QgsGeometry) -> None:
        """Pass a polygon on, repaired where it crosses itself."""
        self.cancel()
        polygons = polygons_of(geometry)
        if polygons.isEmpty():
            self._on_refused(tr("That is no area: click at least three corners that are not in one line."))
        else:
            self._on_drawn(polygons)


class PolygonTool(CorrectionTool):
    """Left click: a corner; right click or double click: done; Backspace: one corner back; Esc: drop all."""

    def __init__(self, canvas: QgsMapCanvas, on_drawn: OnDrawn, on_refused: OnRefused) -> None:
        """Start without corners."""
        super().__init__(canvas, on_drawn, on_refused)
        self._corners: list[QgsPointXY] = []
        self._ended_by_double = False

    def corners(self) -> int:
        """Return the number of corners."""
        return len(self._corners)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Add a corner, or finish."""
        if event.button() == Qt.MouseButton.LeftButton and not self._ended_by_double:
            self._corners.append(event.mapPoint())
            self._preview(None)
        elif event.button() == Qt.MouseButton.RightButton:
            self._end()
        self._ended_by_double = False

    def canvasDoubleClickEvent(self, event: QgsMapMouseEvent) -> None:
        """Finish: the first click of the two has set the last corner."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._ended_by_double = True
            self._end()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        """Preview the polygon with a corner at the pointer."""
        if self._corners:
            self._preview(event.mapPoint())

    def handle_key(self, key: int) -> bool:
        """Backspace removes the last corner."""
        if key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            del self._corners[-1:]
            self._preview(None)
            return True
        return super().handle_key(key)

    def cancel(self) -> None:
        """Drop all corners."""
        self._corners = []
        super().cancel()

    def _end(self) -> None:
        """Finish, unless nothing has been drawn."""
        corners = self._corners
        if not corners:
            return
        if len(corners) < LEAST_CORNERS:
            self._on_refused(tr("A polygon needs at least three corners: click more, or press Esc."))
            return
        self.finish(QgsGeometry.fromPolygonXY([corners]))

    def _preview(self, pointer: QgsPointXY | None) -> None:
        """Draw the corners so far, and the pointer."""
        self._band.reset(POLYGON)
        points = self._corners if pointer is None else [*self._corners, pointer]
        for point in points:
            self._band.addPoint(point)


class BrushTool(CorrectionTool):
    """Left button held down: paint; released: done; Esc: drop the stroke. The brush is round, its size in pixels."""

    def __init__(self, canvas: QgsMapCanvas, on_drawn: OnDrawn, on_refused: OnRefused) -> None:
        """Start with the brush up."""
        super().__init__(canvas, on_drawn, on_refused)
        self.width_px = BRUSH_PX
        self._stroke: list[QgsPointXY] = []
        self._last = QPoint()

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        """Put the brush down."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._stroke = [event.mapPoint()]
            self._last = event.pos()
            self._preview()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        """Paint."""
        if self._stroke and (event.pos() - self._last).manhattanLength() >= LEAST_MOVE_PX:
            self._stroke.append(event.mapPoint())
            self._last = event.pos()
            self._preview()

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Lift the brush."""
        if event.button() == Qt.MouseButton.LeftButton and self._stroke:
            self.finish(self._painted())

    def cancel(self) -> None:
        """Drop the stroke."""
        self._stroke = []
        super().cancel()

    def _painted(self) -> QgsGeometry:
        """Return the area of the stroke."""
        line = QgsGeometry.fromPolylineXY(self._stroke if len(self._stroke) > 1 else self._stroke * 2)
        radius = self.width_px / 2 * self.canvas().mapUnitsPerPixel()
        if len(self._stroke) == 1:
            return QgsGeometry.fromPointXY(self._stroke[0]).buffer(radius, ARC_SEGMENTS)
        return line.buffer(radius, ARC_SEGMENTS)

    def _preview(self) -> None:
        """Draw the stroke in its width."""
        self._band.setToGeometry(self._painted(), None)


def polygons_of(geometry: QgsGeometry) -> QgsGeometry:
    """Convert a drawing, which may cross itself, to a valid multipolygon; empty when it has no area."""
    repaired = geometry if geometry.isGeosValid() else geometry.makeValid()
    if repaired.isNull():
        return QgsGeometry()
    repaired = QgsGeometry(repaired)
    repaired.convertGeometryCollectionToSubclass(POLYGON)
    if repaired.isEmpty() or repaired.area() <= 0:
        return QgsGeometry()
    repaired.convertToMultiType()
    return repaired
