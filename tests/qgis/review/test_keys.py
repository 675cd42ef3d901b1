"""What keys, buttons and ticks do, in the panel and on the map."""

from __future__ import annotations

import pytest
from qgis.core import QgsProject, QgsRectangle
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from tests.qgis.review.cases import LEFT, SIDE, table
from uhrs_qgis_plugin.review.map.map_view import is_shown


def press(controller, key, widget=None):
    QTest.keyClick(controller.panel.list if widget is None else widget, key)


def test_keys_judge(review, path):
    """In the list."""
    press(review, Qt.Key.Key_R)
    press(review, Qt.Key.Key_S)
    press(review, Qt.Key.Key_1)
    press(review, Qt.Key.Key_W)
    press(review, Qt.Key.Key_W)
    assert [row[:3] for row in table(path).values()][2:] == [
        ("wrong", 2, "roof"),  # the runner-up is what W takes
        ("wrong", 0, "water"),
        ("unsure", None, None),
        ("right", None, None),
    ]
    press(review, Qt.Key.Key_Z)
    assert table(path)[3][0] == "open"
    assert review.region().fid == 3


def test_keys_lead_through_the_list(review):
    press(review, Qt.Key.Key_N)
    press(review, Qt.Key.Key_N)
    press(review, Qt.Key.Key_P)
    assert review.region().rank == 2
    press(review, Qt.Key.Key_Down)
    assert review.region().rank == 3
    review.canvas.setExtent(QgsRectangle(0, 0, 1, 1))
    press(review, Qt.Key.Key_F)
    assert review.canvas.extent().center().x() == pytest.approx(LEFT + 2 * SIDE + SIDE / 4)


def test_keys_on_the_map(review):
    press(review, Qt.Key.Key_N, review.canvas)
    assert review.region().rank == 2
    press(review, Qt.Key.Key_R, review.canvas)
    assert review.session.region(5).judgement.status == "right"


def test_keys_with_a_modifier_are_not_ours(review):
    """Ctrl+Z is QGIS's own undo."""
    QTest.keyClick(review.panel.list, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(review.canvas, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    assert review.progress_text().startswith("0 of 6")


def test_a_digit_alone_judges_nothing(review, path):
    """Who wants to draw a part of that class presses D next: the region must still be there, and not be judged."""
    region = review.region().fid
    press(review, Qt.Key.Key_3)
    assert (review.panel.picker.choice().name, review.region().fid) == ("roof", region)
    assert {row[0] for row in table(path).values()} == {"open"}
    assert review.message() == "roof is chosen: W if all of the region is it, D or B to draw a part."
    press(review, Qt.Key.Key_D)
    assert review.drawing.name() == "draw"
    press(review, Qt.Key.Key_2)
    assert review.panel.picker.choice().name == "trees"
    assert {row[0] for row in table(path).values()} == {"open"}


def test_digits_without_a_class(review):
    press(review, Qt.Key.Key_9)
    assert review.progress_text().startswith("0 of 6")


def test_wrong_needs_a_class(review):
    review.panel.picker.choose(None)
    press(review, Qt.Key.Key_W)
    assert "Choose below which class it is" in review.message()
    assert not review.judge("wrong", "marsh")
    assert review.message() == "There is no class 'marsh': choose one of the list."
    assert review.progress_text().startswith("0 of 6")


def test_keys_rest_while_the_panel_is_hidden(review, dock):
    dock.hide()
    press(review, Qt.Key.Key_R, review.canvas)
    assert review.progress_text().startswith("0 of 6")
    assert not review.timer.isActive()
    dock.show()
    press(review, Qt.Key.Key_R, review.canvas)
    assert review.progress_text().startswith("1 of 6")
    assert review.timer.isActive()


def test_buttons(review, path):
    for name in ("right", "next", "unsure", "previous", "wrong", "undo"):
        QTest.mouseClick(review.panel.buttons[name], Qt.MouseButton.LeftButton)
    # right: 1; next: from 2 to 3; unsure: 3; previous: from 4 to 3; wrong: 3 is roof; undo.
    assert [row[0] for row in table(path).values()] == ["open", "open", "open", "unsure", "open", "right"]
    for button in review.panel.buttons.values():
        assert "(" in button.text()
        assert button.toolTip()


def test_double_click_on_a_class_judges(review, path):
    picker = review.panel.picker
    picker.itemDoubleClicked.emit(picker.item(2))
    assert table(path)[6][0] == "wrong"


def test_layers_are_switched_on_and_off(review):
    """By key and by tick; the panel follows the layer tree."""
    layers = {kind: row.layer() for kind, row in review.panel.layers.items()}
    assert {kind: layer.name() for kind, layer in layers.items()} == {kind: kind for kind in layers}
    for kind, key in (("image", Qt.Key.Key_I), ("classes", Qt.Key.Key_C), ("uncertainty", Qt.Key.Key_U)):
        tick = review.panel.layers[kind].tick
        assert is_shown(layers[kind])
        press(review, key)
        assert not is_shown(layers[kind])
        assert not tick.isChecked()
        tick.click()
        assert is_shown(layers[kind])
    node = QgsProject.instance().layerTreeRoot().findLayer(layers["image"].id())
    node.setItemVisibilityChecked(False)
    assert not review.panel.layers["image"].tick.isChecked()
