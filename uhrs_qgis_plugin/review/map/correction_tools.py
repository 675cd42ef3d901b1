"""Map tools that make a polygon of what a hand draws: corner by corner, or with a brush."""

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
ARC_SEGMENTS = 6  # of a quarter of a circle: at a brush's size nobody sees more
LEAST_MOVE_PX = 2  # a stroke gets a point when the mouse has moved so far: hundreds of points, not thousands
LEAST_BRUSH_PX, BRUSH_PX, MOST_BRUSH_PX = 2, 24, 400

Taker = Callable[[QgsGeometry], None]
Teller = Callable[[str], None]


class CorrectionTool(QgsMapTool):
    """What both tools share: a preview in the class's colour, Esc, and the polygon at the end."""

    def __init__(self, canvas: QgsMapCanvas, take: Taker, tell: Teller) -> None:
        """Prepare the preview.

        Args:
            canvas: The map.
            take: Gets a finished, valid polygon in the map's CRS.
            tell: Gets one line for the person.
        """
        super().__init__(canvas)
        self._take, self._tell = take, tell
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
        """Take keys before the map: it passes none on while a button is held, and QGIS deletes on Backspace."""
        super().activate()
        self.canvas().installEventFilter(self)

    def deactivate(self) -> None:
        """Drop what is not finished, as another tool is taken up."""
        self.canvas().removeEventFilter(self)
        self.cancel()
        super().deactivate()

    def cancel(self) -> None:
        """Drop what is not finished."""
        if not sip.isdeleted(self._band):
            self._band.reset(POLYGON)

    def remove(self) -> None:
        """Leave the map for good."""
        if self.isActive():
            self.canvas().unsetMapTool(self)
        if not sip.isdeleted(self._band):
            self.canvas().scene().removeItem(self._band)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand keys over."""
        return event.type() == QEvent.Type.KeyPress and self.take_key(event.key())

    def take_key(self, key: int) -> bool:
        """Do what a key stands for; whether it stands for something."""
        if key == Qt.Key.Key_Escape:
            self.cancel()
            return True
        return False

    def finish(self, geometry: QgsGeometry) -> None:
        """Hand over a polygon, made valid where it crosses itself."""
        self.cancel()
        mended = polygons_of(geometry)
        if mended.isEmpty():
            self._tell(tr("That is no area: click at least three corners that are not in one line."))
        else:
            self._take(mended)


class PolygonTool(CorrectionTool):
    """Left click: a corner; right click or double click: done; Backspace: one corner back; Esc: drop all."""

    def __init__(self, canvas: QgsMapCanvas, take: Taker, tell: Teller) -> None:
        """Start without corners."""
        super().__init__(canvas, take, tell)
        self._corners: list[QgsPointXY] = []
        self._ended_by_double = False

    def corners(self) -> int:
        """Return how many corners there are."""
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
        """Show what the polygon would be with a corner here."""
        if self._corners:
            self._preview(event.mapPoint())

    def take_key(self, key: int) -> bool:
        """Backspace takes the last corner back."""
        if key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            del self._corners[-1:]
            self._preview(None)
            return True
        return super().take_key(key)

    def cancel(self) -> None:
        """Drop all corners."""
        self._corners = []
        super().cancel()

    def _end(self) -> None:
        """Finish, where there is something to finish."""
        corners = self._corners
        if not corners:
            return
        if len(corners) < LEAST_CORNERS:
            self._tell(tr("A polygon needs at least three corners: click more, or press Esc."))
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

    def __init__(self, canvas: QgsMapCanvas, take: Taker, tell: Teller) -> None:
        """Start with the brush up."""
        super().__init__(canvas, take, tell)
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
        """Return what the stroke covers."""
        line = QgsGeometry.fromPolylineXY(self._stroke if len(self._stroke) > 1 else self._stroke * 2)
        radius = self.width_px / 2 * self.canvas().mapUnitsPerPixel()
        if len(self._stroke) == 1:
            return QgsGeometry.fromPointXY(self._stroke[0]).buffer(radius, ARC_SEGMENTS)
        return line.buffer(radius, ARC_SEGMENTS)

    def _preview(self) -> None:
        """Draw the stroke as wide as it is."""
        self._band.setToGeometry(self._painted(), None)


def polygons_of(geometry: QgsGeometry) -> QgsGeometry:
    """Make a drawing a valid multipolygon; what has no area falls away.

    Args:
        geometry: A polygon that may cross itself.

    Returns:
        Polygons; empty when nothing is left.
    """
    mended = geometry if geometry.isGeosValid() else geometry.makeValid()
    if mended.isNull():
        return QgsGeometry()
    mended = QgsGeometry(mended)
    mended.convertGeometryCollectionToSubclass(POLYGON)
    if mended.isEmpty() or mended.area() <= 0:
        return QgsGeometry()
    mended.convertToMultiType()
    return mended
