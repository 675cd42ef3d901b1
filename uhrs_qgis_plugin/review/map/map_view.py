"""The map canvas under review: zooms to a region, frames it, and switches layers on and off."""

from __future__ import annotations

import contextlib

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsMapLayer,
    QgsProject,
    QgsRectangle,
    QgsUnitTypes,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

from uhrs_qgis_plugin.layers import METRES
from uhrs_qgis_plugin.review.errors import ReviewError
from uhrs_qgis_plugin.review.wording import tr

ROOM = 2.5  # times the region's width and height that the map shows: the surroundings are needed to judge
LEAST_PIXELS = 160  # of the image that the map shows at least, for regions of a cell or two
FRAME = QColor(0, 255, 255)
FRAME_PX = 2
FLASHES, FLASH_MS = 2, 350
POLYGON, POINT = QgsWkbTypes.GeometryType.PolygonGeometry, QgsWkbTypes.GeometryType.PointGeometry
POINT_PIXELS = 9  # side of the frame around a point, in pixels of the image
POINT_M = 5.0  # the same in metres, where the pixels are not known


class OutOfReachError(ReviewError):
    """Coordinates cannot be transformed to another CRS: they lie outside of its area of use."""


class MapView:
    """The map canvas of one review."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        """Prepare the frame around the region."""
        self.canvas = canvas
        self._frame = QgsRubberBand(canvas, POLYGON)
        self._frame.setStrokeColor(FRAME)
        self._frame.setFillColor(QColor(0, 0, 0, 0))
        self._frame.setWidth(FRAME_PX)
        self._frame.setLineStyle(Qt.PenStyle.DashLine)

    def go_to(self, geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem, pixel: float = 0.0) -> None:
        """Zoom to a region, frame it, and flash it.

        Args:
            geometry: Its polygon; may be empty.
            crs: Its CRS; an invalid one counts as the map's.
            pixel: Side of a pixel of the image in units of that CRS; 0 = unknown.

        Raises:
            ReviewError: The map cannot show it and stays where it is.
        """
        self.clear()
        if geometry.isNull() or geometry.isEmpty():
            raise ReviewError(tr("This region has no polygon: the map stays where it is."))
        box = QgsRectangle(geometry.boundingBox())
        box.scale(ROOM)
        box.grow(max(0.0, LEAST_PIXELS * pixel - max(box.width(), box.height())) / 2)
        try:
            shown = self.to_map(geometry, crs)
            box = _transformed(QgsGeometry.fromRect(box), self._transform(crs)).boundingBox()
        except OutOfReachError as error:
            text = tr(
                "This region lies where the map's coordinate reference system does not reach: choose another one for "
                "the project."
            )
            raise OutOfReachError(text) from error
        self.canvas.setExtent(box)
        self._frame.setToGeometry(shown, None)
        self.canvas.refresh()
        self.flash(shown)

    @staticmethod
    def framed(geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem, pixel: float) -> QgsGeometry:
        """Return a square around a point, whose middle is what is judged; polygons as they are.

        Args:
            geometry: A point or a polygon.
            crs: Its CRS.
            pixel: Side of a pixel of the image in units of that CRS; 0 = unknown.
        """
        if geometry.isEmpty() or geometry.type() != POINT:
            return geometry
        side = POINT_PIXELS * pixel or POINT_M * QgsUnitTypes.fromUnitToUnitFactor(METRES, crs.mapUnits())
        box = QgsRectangle(geometry.boundingBox())
        box.grow(side / 2)
        return QgsGeometry.fromRect(box)

    def frame(self, geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> None:
        """Frame a region without moving the map, as after a change of the map's CRS; the polygon may be empty."""
        self.clear()
        with contextlib.suppress(OutOfReachError):  # outside of the map's CRS there is nothing to frame
            if not geometry.isEmpty():
                self._frame.setToGeometry(self.to_map(geometry, crs), None)

    def flash(self, geometry: QgsGeometry) -> None:
        """Flash a polygon of the map's CRS."""
        see_through = QColor(FRAME)
        see_through.setAlpha(0)
        crs = self.canvas.mapSettings().destinationCrs()
        self.canvas.flashGeometries([geometry], crs, FRAME, see_through, FLASHES, FLASH_MS)

    def to_map(self, geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> QgsGeometry:
        """Transform a polygon from `crs` to the map's CRS.

        Raises:
            OutOfReachError: It lies outside of the map's CRS.
        """
        return _transformed(geometry, self._transform(crs))

    def from_map(self, geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> QgsGeometry:
        """Transform a drawn polygon from the map's CRS to `crs`, that of the regions.

        Raises:
            OutOfReachError: It lies outside of that CRS.
        """
        map_crs = self.canvas.mapSettings().destinationCrs()
        try:
            return _transformed(geometry, QgsCoordinateTransform(map_crs, crs, QgsProject.instance()))
        except OutOfReachError as error:
            text = tr("The drawing lies where the CRS of the regions does not reach.")
            raise OutOfReachError(text) from error

    def clear(self) -> None:
        """Remove the frame."""
        if not sip.isdeleted(self._frame):
            self._frame.reset(POLYGON)

    def remove(self) -> None:
        """Remove everything from the canvas, on unload."""
        if not sip.isdeleted(self._frame):
            self.canvas.scene().removeItem(self._frame)

    def _transform(self, crs: QgsCoordinateReferenceSystem) -> QgsCoordinateTransform:
        """Return the transform to the map; the identity where either CRS is invalid."""
        return QgsCoordinateTransform(crs, self.canvas.mapSettings().destinationCrs(), QgsProject.instance())


def _transformed(geometry: QgsGeometry, transform: QgsCoordinateTransform) -> QgsGeometry:
    """Transform a copy; raises OutOfReachError where QGIS fails or yields infinite coordinates."""
    moved = QgsGeometry(geometry)
    try:
        moved.transform(transform)
    except QgsCsException as error:
        raise OutOfReachError from error
    if not moved.boundingBox().isFinite():
        raise OutOfReachError
    return moved


def is_shown(layer: QgsMapLayer | None) -> bool:
    """Whether a layer is switched on in the layer tree."""
    node = None if layer is None else QgsProject.instance().layerTreeRoot().findLayer(layer.id())
    return node is not None and node.isVisible()


def set_shown(layer: QgsMapLayer, shown: bool) -> None:
    """Switch a layer on or off in the layer tree; on also switches on the groups around it."""
    node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
    if node is None:
        return
    if shown:
        node.setItemVisibilityCheckedParentRecursive(True)
    else:
        node.setItemVisibilityChecked(False)
