"""What the review does with the map: go to a region, show where it is, and switch layers on and off."""

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
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

from uhrs_qgis_plugin.review.wording import tr

ROOM = 2.5  # the map shows so many times the region's width and height: what is around it tells what it is
LEAST_PIXELS = 160  # of the image that the map shows at least, for regions of a cell or two
FRAME = QColor(0, 255, 255)
FRAME_PX = 2
FLASHES, FLASH_MS = 2, 350
POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry


class OutOfReachError(Exception):
    """A place of one coordinate reference system has no place in another one."""


class MapView:
    """The map canvas of one review."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        """Prepare the frame around the region.

        Args:
            canvas: The map.
        """
        self.canvas = canvas
        self._frame = QgsRubberBand(canvas, POLYGON)
        self._frame.setStrokeColor(FRAME)
        self._frame.setFillColor(QColor(0, 0, 0, 0))
        self._frame.setWidth(FRAME_PX)
        self._frame.setLineStyle(Qt.PenStyle.DashLine)

    def go_to(self, geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem, pixel: float = 0.0) -> str:
        """Zoom to a region, frame it, and flash it.

        Args:
            geometry: Its polygon; may be empty.
            crs: Its CRS; one that is not valid is taken for the map's.
            pixel: Side of a pixel of the image in units of that CRS; 0 = not known.

        Returns:
            "" or one line that says why the map stays where it is.
        """
        self.clear()
        if geometry.isNull() or geometry.isEmpty():
            return tr("This region has no polygon: the map stays where it is.")
        box = QgsRectangle(geometry.boundingBox())
        box.scale(ROOM)
        box.grow(max(0.0, LEAST_PIXELS * pixel - max(box.width(), box.height())) / 2)
        try:
            shown = self.to_map(geometry, crs)
            box = _moved(QgsGeometry.fromRect(box), self._transform(crs)).boundingBox()
        except OutOfReachError:
            return tr(
                "This region lies where the map's coordinate reference system does not reach: choose another one for "
                "the project."
            )
        self.canvas.setExtent(box)
        self._frame.setToGeometry(shown, None)
        self.canvas.refresh()
        self.flash(shown)
        return ""

    def frame(self, geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> None:
        """Frame a region and leave the map where it is, as after the map has changed its CRS.

        Args:
            geometry: Its polygon; may be empty.
            crs: Its CRS.
        """
        self.clear()
        with contextlib.suppress(OutOfReachError):  # out of reach of the map: there is no place for a frame
            if not geometry.isEmpty():
                self._frame.setToGeometry(self.to_map(geometry, crs), None)

    def flash(self, geometry: QgsGeometry) -> None:
        """Flash a polygon of the map's CRS."""
        see_through = QColor(FRAME)
        see_through.setAlpha(0)
        crs = self.canvas.mapSettings().destinationCrs()
        self.canvas.flashGeometries([geometry], crs, FRAME, see_through, FLASHES, FLASH_MS)

    def to_map(self, geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> QgsGeometry:
        """Bring a polygon to the map.

        Args:
            geometry: A polygon.
            crs: Its CRS.

        Raises:
            OutOfReachError: It cannot be.
        """
        return _moved(geometry, self._transform(crs))

    def from_map(self, geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> QgsGeometry:
        """Bring a drawn polygon to a layer.

        Args:
            geometry: A polygon in the map's CRS.
            crs: The layer's CRS.

        Raises:
            OutOfReachError: It cannot be.
        """
        here = self.canvas.mapSettings().destinationCrs()
        return _moved(geometry, QgsCoordinateTransform(here, crs, QgsProject.instance()))

    def clear(self) -> None:
        """Take the frame away."""
        if not sip.isdeleted(self._frame):
            self._frame.reset(POLYGON)

    def remove(self) -> None:
        """Take everything off the map for good."""
        if not sip.isdeleted(self._frame):
            self.canvas.scene().removeItem(self._frame)

    def _transform(self, crs: QgsCoordinateReferenceSystem) -> QgsCoordinateTransform:
        """From a layer to the map; does nothing where one of both has no CRS."""
        return QgsCoordinateTransform(crs, self.canvas.mapSettings().destinationCrs(), QgsProject.instance())


def _moved(geometry: QgsGeometry, transform: QgsCoordinateTransform) -> QgsGeometry:
    """Transform a copy of a polygon.

    Raises:
        OutOfReachError: QGIS fails, or comes to numbers without end.
    """
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
    """Switch a layer on or off in the layer tree; on also switches on the groups around it.

    Args:
        layer: A layer of the project.
        shown: On or off.
    """
    node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
    if node is None:
        return
    if shown:
        node.setItemVisibilityCheckedParentRecursive(True)
    else:
        node.setItemVisibilityChecked(False)
