"""Classes that the model does not know, from the panel into the file and out of it."""

from __future__ import annotations

import sqlite3

import pytest
from qgis.core import QgsGeometry, QgsVectorLayer
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QApplication, QDialog

from tests.qgis.review.cases import square, table
from uhrs_qgis_plugin.layers import AddedClass, read_added_classes, write_added_class
from uhrs_qgis_plugin.review.class_choices import ClassChoice
from uhrs_qgis_plugin.review.errors import ReviewError
from uhrs_qgis_plugin.review.panel import ClassDialog
from uhrs_qgis_plugin.review.panel.class_dialog import free_colour

POOL = QColor("#56b4e9")
KNOWN = [ClassChoice(number, name, QColor(0, 0, 0)) for number, name in enumerate(("water", "trees", "roof"))]


def names(review):
    return [choice.name for choice in review.panel.picker.choices]


def test_added_class_is_kept_and_used(review, controller, path):
    """Number, name and colour: in the file, in the list, in judgements, in drawings and their style."""
    assert review.add_class("  swimming  pool ", POOL)
    assert review.message() == "'swimming pool' is class 3 of this review from now on."
    assert names(review) == ["water", "trees", "roof", "swimming pool"]
    assert read_added_classes(path) == [AddedClass(3, "swimming pool", (86, 180, 233, 255))]
    assert review.panel.picker.choice().name == "swimming pool"
    fid = review.region().fid
    assert review.judge("wrong", 3)
    assert table(path)[fid][:3] == ("wrong", 3, "swimming pool")
    assert review.draw(QgsGeometry.fromWkt(square(500000, 5000000, 10)), "swimming pool")
    assert list(table(path, ("class", "name"), "corrections").values()) == [(3, "swimming pool")]
    drawn = {item.label(): item.symbol().color() for item in review.session.corrections.renderer().categories()}
    assert drawn["swimming pool"].name() == POOL.name()
    # And in the next session.
    layer = review.session.layer
    controller.open_layer(None)
    controller.open_layer(layer)
    assert names(review)[-1] == "swimming pool"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("", "A class needs a name of 1 to 60 characters."),
        ("x" * 61, "A class needs a name of 1 to 60 characters."),
        ("Roof", "There is a class 'Roof' already: choose it in the list."),
    ],
)
def test_names_that_cannot_be_used(review, path, name, text):
    assert not review.add_class(name, POOL)
    assert review.message() == text
    assert read_added_classes(path) == []


def test_without_a_review(controller):
    assert not controller.add_class("pool", POOL)
    assert controller.message() == "Open a layer of regions first, then add classes."


def test_two_people_add_at_once(open_session, path):
    """Neither knows of the other's class: the numbers differ all the same."""
    anna, ben = open_session(path, "Anna"), open_session(path, "Ben")
    assert anna.add_class("pool", POOL, KNOWN).value == 3
    assert ben.add_class("court", POOL, KNOWN).value == 4
    assert write_added_class(path, AddedClass(3, "tent", (1, 2, 3, 255))) == "taken"
    with pytest.raises(ReviewError, match="There is a class 'POOL' already"):
        ben.add_class("POOL", POOL, KNOWN)
    assert [(choice.value, choice.name) for choice in anna.added_classes()] == [(3, "pool"), (4, "court")]


def test_no_number_is_left(open_session, path):
    full = [ClassChoice(number, f"c{number}", POOL) for number in range(255)]
    with pytest.raises(ReviewError, match="No number is left for another class: 254 is the largest one"):
        open_session(path).add_class("pool", POOL, full)


def test_locked_file(open_session, path):
    """Another program writes: one line, nothing added, and it works afterwards."""
    session = open_session(path)
    session.add_class("tent", POOL, KNOWN)
    other = sqlite3.connect(path)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ReviewError, match=r"NOT added: .*locked"):
        session.add_class("pool", POOL, KNOWN)
    other.rollback()
    other.close()
    assert session.add_class("pool", POOL, KNOWN).value == 4


def test_names_without_numbers(controller, add, path):
    """No class raster: numbers cannot be given."""
    assert controller.open_layer(add(path))
    assert not controller.add_class("pool", POOL)
    assert "choose the class raster below" in controller.message()


def test_offer_opens_a_dialog(review, path):
    """A click on the last entry, a name, OK."""
    picker = review.panel.picker
    offer = picker.item(picker.count() - 1)
    assert offer.text() == "New class..."

    def fill_in():
        [dialog] = [widget for widget in QApplication.topLevelWidgets() if widget.objectName() == "uhrsNewClass"]
        assert not dialog.buttons.button(dialog.buttons.StandardButton.Ok).isEnabled()
        dialog.name.setText("pool")
        dialog.colour.setColor(POOL)
        dialog.buttons.button(dialog.buttons.StandardButton.Ok).click()

    QTimer.singleShot(0, fill_in)
    picker.setCurrentItem(offer)
    picker.itemClicked.emit(offer)
    assert [item.name for item in read_added_classes(path)] == ["pool"]


def test_dialog_suggests_a_colour_of_its_own(qgis_app):
    dialog = ClassDialog([ClassChoice(0, "water", QColor("#56b4e9"))])
    assert isinstance(dialog, QDialog)
    assert dialog.colour.color().name() == "#e69f00"
    assert free_colour([QColor(0, 0, 0)]).name() == "#56b4e9"


def test_stored_count_of_two_people(open_session, path):
    """Both draw in turns, with the file open all the while: whoever counts later counts right."""
    anna, ben = open_session(path, "Anna"), open_session(path, "Ben")
    shape, roof = anna.reread(1), KNOWN[2]
    for person in (anna, ben, anna, ben, ben):
        person.draw(shape, roof, 1)
    assert QgsVectorLayer(f"{path}|layername=corrections", "c", "ogr").featureCount() == 5
    connection = sqlite3.connect(path)
    stored = connection.execute(
        "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = 'corrections'"
    ).fetchall()
    connection.close()
    assert stored in ([], [(None,)], [(5,)])
