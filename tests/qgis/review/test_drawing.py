"""Corrections drawn on the map with a mouse: what a hand does, and what the file holds afterwards."""

from __future__ import annotations

import pytest
from qgis.core import QgsGeometry, QgsPointXY, QgsRectangle, QgsVectorLayer
from qgis.gui import QgsMapToolPan
from qgis.PyQt.QtCore import QEvent, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QMouseEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication

from tests.qgis.review.cases import BOTTOM, LEFT, table
from uhrs_qgis_plugin.review.map.correction_tools import polygons_of

LEFT_BUTTON, RIGHT_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
PART = (0, 0, 1, 1)


@pytest.fixture
def drawing(review):
    """The map at one metre a pixel with the first region shown, and the tool for polygons of roof in hand."""
    review.show_region(6)
    review.canvas.setExtent(QgsRectangle(LEFT, BOTTOM, LEFT + 400, BOTTOM + 300))
    review.panel.picker.choose("roof")
    review.panel.buttons["draw"].click()
    assert review.drawing.name() == "draw"
    return review


def click(controller, x, y, button=LEFT_BUTTON):
    QTest.mouseClick(controller.canvas.viewport(), button, pos=QPoint(x, y))


def move(controller, x, y):
    """As QTest.mouseMove, which needs a window on a real screen."""
    viewport = controller.canvas.viewport()
    place = QPointF(x, y)
    where = QPointF(viewport.mapToGlobal(QPoint(x, y)))
    event = QMouseEvent(QEvent.Type.MouseMove, place, where, LEFT_BUTTON, LEFT_BUTTON, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(viewport, event)


def place(controller, x, y):
    """What lies under a pixel of the map."""
    return controller.canvas.getCoordinateTransform().toMapCoordinates(x, y)


def drawn(controller):
    """The features that the file has, read anew."""
    layer = (
        QgsVectorLayer(controller.session.corrections.source(), "c", "ogr") if controller.session.corrections else None
    )
    return [] if layer is None else list(layer.getFeatures())


def ring(controller, *pixels):
    return QgsGeometry.fromPolygonXY([[place(controller, *pixel) for pixel in pixels]])


def test_a_polygon(drawing, path):
    """Corners by left clicks, done by a right click; in the file at once, with class, region, name and time."""
    for pixel in ((50, 50), (150, 60), (140, 200)):
        click(drawing, *pixel)
    assert drawing.drawing.tools["draw"].corners() == 3
    click(drawing, 300, 10, RIGHT_BUTTON)
    [feature] = drawn(drawing)
    expected = ring(drawing, (50, 50), (150, 60), (140, 200))
    assert feature.geometry().symDifference(expected).area() < 0.01
    [row] = table(path, ("class", "name", "region", "reviewer"), "corrections").values()
    assert row == (2, "roof", None, "Anna")
    [[time]] = table(path, ("drawn",), "corrections").values()
    assert time.endswith("+00:00")
    assert drawing.message() == "Kept: this part is roof."
    assert drawing.drawing.name() == "draw"
    assert drawing.drawing.tools["draw"].corners() == 0


def test_the_region_it_belongs_to(drawing, path):
    """The one that is shown, where the drawing touches it."""
    for x, y in ((0, 0), (10, 0), (10, 10)):
        point = drawing.canvas.getCoordinateTransform().transform(QgsPointXY(LEFT + x, BOTTOM + y))
        click(drawing, round(point.x()), round(point.y()))
    click(drawing, 5, 5, RIGHT_BUTTON)
    assert table(path, ("region",), "corrections") == {1: (6,)}


def test_backspace_takes_a_corner_back(drawing):
    for pixel in ((50, 50), (150, 60), (300, 290), (140, 200)):
        click(drawing, *pixel)
        if pixel == (300, 290):
            QTest.keyClick(drawing.canvas, Qt.Key.Key_Backspace)
    click(drawing, 0, 0, RIGHT_BUTTON)
    expected = ring(drawing, (50, 50), (150, 60), (140, 200))
    assert drawn(drawing)[0].geometry().symDifference(expected).area() < 0.01


def test_backspace_without_a_corner(drawing):
    """Nothing happens; QGIS would delete the features that are selected in the layer being edited."""
    heard = []
    drawing.canvas.keyPressed.connect(heard.append)
    QTest.keyClick(drawing.canvas, Qt.Key.Key_Backspace)
    assert drawing.drawing.tools["draw"].corners() == 0
    assert heard == []


def test_escape_drops_all(drawing, path):
    for pixel in ((50, 50), (150, 60), (140, 200)):
        click(drawing, *pixel)
    QTest.keyClick(drawing.canvas, Qt.Key.Key_Escape)
    assert drawing.drawing.tools["draw"].corners() == 0
    click(drawing, 0, 0, RIGHT_BUTTON)
    assert drawn(drawing) == []
    assert drawing.drawing.name() == "draw"


def test_two_corners_are_none(drawing):
    """A line, and the corners stay, so that one may go on."""
    click(drawing, 50, 50)
    click(drawing, 150, 60)
    click(drawing, 0, 0, RIGHT_BUTTON)
    assert "at least three corners" in drawing.message()
    assert drawing.drawing.tools["draw"].corners() == 2
    click(drawing, 140, 200)
    click(drawing, 0, 0, RIGHT_BUTTON)
    assert len(drawn(drawing)) == 1


def test_corners_in_a_line(drawing):
    for pixel in ((50, 50), (100, 50), (150, 50)):
        click(drawing, *pixel)
    click(drawing, 0, 0, RIGHT_BUTTON)
    assert drawing.message().startswith("That is no area")
    assert drawn(drawing) == []


def test_a_double_click_ends(drawing):
    for pixel in ((50, 50), (150, 60), (140, 200)):
        click(drawing, *pixel)
    QTest.mouseDClick(drawing.canvas.viewport(), LEFT_BUTTON, pos=QPoint(140, 200))
    QTest.mouseRelease(drawing.canvas.viewport(), LEFT_BUTTON, pos=QPoint(140, 200))
    assert len(drawn(drawing)) == 1
    assert drawing.drawing.tools["draw"].corners() == 0


def test_a_drawing_that_crosses_itself(drawing):
    """A bow tie becomes two triangles."""
    for pixel in ((50, 50), (150, 150), (150, 50), (50, 150)):
        click(drawing, *pixel)
    click(drawing, 0, 0, RIGHT_BUTTON)
    [feature] = drawn(drawing)
    assert feature.geometry().isGeosValid()
    assert len(feature.geometry().asMultiPolygon()) == 2
    assert feature.geometry().area() == pytest.approx(100 * 100 / 2 * drawing.canvas.mapUnitsPerPixel() ** 2, rel=0.01)


@pytest.mark.parametrize(
    "wkt",
    [
        "POLYGON((0 0, 1 0, 2 0, 0 0))",
        "POLYGON((0 0, 0 0, 0 0, 0 0))",
        "POLYGON((0 0, 1 1, 0 0, 1 1, 0 0))",
        "LINESTRING(0 0, 1 1)",
        "POLYGON EMPTY",
    ],
)
def test_nothing_with_an_area(qgis_app, wkt):
    assert polygons_of(QgsGeometry.fromWkt(wkt)).isEmpty()


def test_what_hangs_off_an_area_falls_away(qgis_app):
    mended = polygons_of(QgsGeometry.fromWkt("POLYGON((0 0, 4 0, 4 4, 4 9, 4 4, 0 4, 0 0))"))
    assert mended.area() == pytest.approx(16)
    assert len(mended.asMultiPolygon()) == 1


def test_the_brush(drawing):
    """A stroke as wide as the brush, round at both ends, in the colour and class that is chosen."""
    drawing.panel.buttons["paint"].click()
    assert drawing.drawing.name() == "paint"
    drawing.panel.brush.setValue(20)
    viewport = drawing.canvas.viewport()
    QTest.mousePress(viewport, LEFT_BUTTON, pos=QPoint(60, 100))
    for x in range(60, 261, 20):
        move(drawing, x, 100)
    QTest.mouseRelease(viewport, LEFT_BUTTON, pos=QPoint(260, 100))
    [feature] = drawn(drawing)
    pixel = drawing.canvas.mapUnitsPerPixel()
    assert feature.geometry().area() == pytest.approx((200 * 20 + 3.14159 * 10**2) * pixel**2, rel=0.02)
    assert feature.geometry().contains(QgsGeometry.fromPointXY(place(drawing, 160, 108)))
    assert not feature.geometry().contains(QgsGeometry.fromPointXY(place(drawing, 160, 112)))
    assert feature["name"] == "roof"


def test_a_dab_of_the_brush(drawing):
    drawing.panel.buttons["paint"].click()
    click(drawing, 100, 100)
    [feature] = drawn(drawing)
    radius = drawing.panel.brush.value() / 2 * drawing.canvas.mapUnitsPerPixel()
    assert feature.geometry().area() == pytest.approx(3.14159 * radius**2, rel=0.03)


def test_escape_drops_the_stroke(drawing):
    drawing.panel.buttons["paint"].click()
    QTest.mousePress(drawing.canvas.viewport(), LEFT_BUTTON, pos=QPoint(60, 100))
    move(drawing, 160, 100)
    QTest.keyClick(drawing.canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(drawing.canvas.viewport(), LEFT_BUTTON, pos=QPoint(160, 100))
    assert drawn(drawing) == []


def test_digits_choose_the_class_while_drawing(drawing, path):
    """With a tool in hand they judge nothing."""
    QTest.keyClick(drawing.canvas, Qt.Key.Key_1)
    for pixel in ((50, 50), (150, 60), (140, 200)):
        click(drawing, *pixel)
    click(drawing, 0, 0, RIGHT_BUTTON)
    assert drawn(drawing)[0]["name"] == "water"
    assert {row[0] for row in table(path).values()} == {"open"}


def test_tools_are_put_down_again(review, dock):
    """The tool that was in hand before comes back; a key does what the button does."""
    pan = QgsMapToolPan(review.canvas)
    review.canvas.setMapTool(pan)
    QTest.keyClick(review.panel.list, Qt.Key.Key_D)
    assert review.panel.buttons["draw"].isChecked()
    QTest.keyClick(review.canvas, Qt.Key.Key_B)
    assert review.drawing.name() == "paint"
    assert not review.panel.buttons["draw"].isChecked()
    QTest.keyClick(review.canvas, Qt.Key.Key_B)
    assert review.canvas.mapTool() is pan
    review.panel.buttons["draw"].click()
    dock.hide()
    assert review.canvas.mapTool() is pan
    assert not review.panel.buttons["draw"].isChecked()


def test_another_tool_drops_what_is_not_finished(drawing):
    click(drawing, 50, 50)
    drawing.canvas.setMapTool(QgsMapToolPan(drawing.canvas))
    assert drawing.drawing.tools["draw"].corners() == 0
    assert not drawing.panel.buttons["draw"].isChecked()


def test_drawing_needs_a_class(review):
    review.panel.picker.choose(None)
    review.panel.buttons["draw"].click()
    assert review.message() == "Choose first which class to draw."
    assert review.drawing.name() == ""
    assert not review.panel.buttons["draw"].isChecked()


def test_the_tools_leave_the_map_with_the_plugin(drawing):
    canvas, before = drawing.canvas, len(drawing.canvas.scene().items())
    click(drawing, 50, 50)
    drawing.remove()
    assert canvas.mapTool() is None or not canvas.mapTool().isActive()
    assert len(canvas.scene().items()) == before - 3  # two previews and the frame
    QTest.keyClick(canvas, Qt.Key.Key_R)
