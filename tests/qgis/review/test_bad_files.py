"""Files that cannot be written, are edited, deleted or replaced while open: no traceback, no judgement lost."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

from osgeo import ogr
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from tests.qgis.review.cases import BOTTOM, LEFT, make_classes, make_regions, square, table
from uhrs_qgis_plugin.layers.region_fields import corrections_path, source_file
from uhrs_qgis_plugin.review.class_choices import ClassChoice

ROOF = ClassChoice(2, "roof", QColor(1, 2, 3))
FOREIGN = {"Name": (ogr.OFTString, ("a", "b", "c", "d", "e", "f"))}


def press(review, action, *arguments):
    """Resolve an obstacle as its button does; arguments stand in for the file dialog's answer."""
    return review.attempt(getattr(review.obstacle_actions, action), review.session.layer, *map(str, arguments))


def test_in_memory(controller, add, path, tmp_path):
    """Saved as a GeoPackage at the press of a button, and reviewed there."""
    memory = QgsVectorLayer("MultiPolygon?crs=EPSG:32633", "found", "memory")
    source = QgsVectorLayer(path, "s", "ogr")
    memory.dataProvider().addAttributes([field for field in source.fields() if field.name() != "fid"])
    memory.updateFields()
    for feature in source.getFeatures():
        copy = QgsFeature(memory.fields())
        copy.setGeometry(feature.geometry())
        copy.setAttributes(feature.attributes()[1:])
        memory.dataProvider().addFeature(copy)
    QgsProject.instance().addMapLayer(memory)
    assert controller.open_layer(memory)
    assert "lives in memory only" in controller.message()
    assert controller.panel.message.button.text() == "Save as..."
    assert not controller.judge("right")
    target = tmp_path / "saved.gpkg"
    del memory
    assert press(controller, "save_copy", str(target)[:-5])
    assert controller.message() == ""
    assert [layer.name() for layer in QgsProject.instance().mapLayers().values()] == ["found"]
    assert controller.judge("right")
    assert table(str(target), name="saved")[6][0] == "right"
    assert not press(controller, "save_copy", path)
    assert "exists already" in controller.message()
    assert controller.session.layer.name() == "found"


def test_save_where_one_may_not(controller, add, path, tmp_path):
    layer = add(path)
    layer.setReadOnly(True)
    controller.open_layer(layer)
    assert not press(controller, "save_copy", tmp_path / "no" / "such" / "r.gpkg")
    assert "cannot be written" in controller.message()
    assert controller.session.layer is layer


def test_read_only_geopackage(controller, add, path, tmp_path):
    """One inside an archive nobody can write, not even root."""
    with zipfile.ZipFile(tmp_path / "regions.zip", "w") as archive:
        archive.write(path, "regions.gpkg")
    layer = add(f"/vsizip/{tmp_path}/regions.zip/regions.gpkg")
    assert controller.open_layer(layer)
    assert "is read-only" in controller.message()
    assert controller.panel.message.button.text() == "Save as..."
    assert not controller.judge("right")
    assert not controller.draw(QgsGeometry.fromWkt(square(LEFT, BOTTOM, 5)), "roof")
    assert controller.step(1)
    assert press(controller, "save_copy", tmp_path / "mine.gpkg")
    assert controller.judge("right")
    assert table(str(tmp_path / "mine.gpkg"), name="mine")[6][0] == "right"
    tree = QgsProject.instance().layerTreeRoot()
    assert not tree.findLayer(layer.id()).isVisible()


def test_read_only_by_the_project(review, path):
    review.session.layer.setReadOnly(True)
    assert "is read-only" in review.message()
    assert not review.judge("right")
    review.session.layer.setReadOnly(False)
    assert review.message() == ""
    assert review.judge("right")


def test_being_edited(review, path):
    """No judgement while the layer is edited: QGIS would take it away with "Cancel edits"; what was said stays."""
    layer = review.session.layer
    assert review.judge("right")
    assert layer.startEditing()
    assert "is being edited" in review.message()
    assert not review.panel.buttons["right"].isEnabled()
    assert not review.judge("right")
    assert not review.undo()
    assert table(path)[6][0] == "right"
    assert review.step(1)
    layer.changeAttributeValue(1, layer.fields().lookupField("status"), "wrong")
    layer.deleteFeature(2)
    assert layer.rollBack()
    assert review.message() == ""
    assert [row[0] for row in table(path).values()] == ["open"] * 5 + ["right"]
    assert review.judge("unsure")


def test_edits_that_are_saved(review, path):
    """A region deleted by hand leaves the list; a status set by hand shows."""
    layer = review.session.layer
    layer.startEditing()
    layer.deleteFeature(6)
    layer.changeAttributeValue(5, layer.fields().lookupField("status"), "unsure")
    assert layer.commitChanges()
    assert review.panel.model.rowCount() == 5
    assert review.progress_text() == "1 of 5, 17 % of the doubtful area"
    assert review.region().fid == 4
    assert review.judge("right")


def test_deleted_while_open(review, path):
    """The layer leaves the project: the panel is empty, and all that was said is in the file."""
    review.judge("right")
    QgsProject.instance().removeMapLayer(review.session.layer.id())
    assert review.session is None
    assert review.message() == "'regions' is closed. All judgements are saved in its file."
    assert not review.judge("right")
    assert not review.undo()
    assert review.panel.model.rowCount() == 0
    review.timer.timeout.emit()
    assert table(path)[6][0] == "right"


def test_deleted_without_the_chooser(controller, path):
    """A layer that is in no project, and so not in the chooser either."""
    layer = QgsVectorLayer(path, "loose", "ogr")
    assert controller.open_layer(layer)
    controller.judge("right")
    layer.willBeDeleted.emit()
    assert controller.session is None
    assert controller.message() == "'loose' is closed. All judgements are saved in its file."


def test_another_project(review):
    review.judge("right")
    QgsProject.instance().clear()
    assert review.session is None
    assert review.panel.layers["classes"].layer() is None
    assert review.panel.picker.choices == []


def test_the_corrections_leave_the_project(review, path):
    """They are opened again when something is drawn, or undone."""
    shape = QgsGeometry.fromWkt(square(LEFT, BOTTOM, 5))
    assert review.draw(shape, "roof")
    QgsProject.instance().removeMapLayer(review.session.corrections.id())
    assert review.session.corrections is None
    assert review.draw(shape, "roof")
    assert len(table(path, ("class",), "corrections")) == 2
    QgsProject.instance().removeMapLayer(review.session.corrections.id())
    assert review.undo()
    assert review.undo()
    assert table(path, ("class",), "corrections") == {}


def test_the_file_is_deleted(review, path):
    """On Linux one could go on writing into a file that nobody will ever see."""
    review.judge("right")
    os.remove(path)
    assert not review.judge("right")
    assert "deleted or replaced" in review.message()
    assert review.progress_text().startswith("1 of 6")
    assert not press(review, "reopen")
    assert review.message() == "The regions of 'regions' are gone. Choose another layer."
    assert review.session is None


def test_the_file_is_replaced_by_a_text(review, path):
    review.judge("right")
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.remove(path + suffix)
    Path(path).write_text("no database")
    assert not review.judge("right")
    assert not press(review, "reopen")
    assert review.message() == "The regions of 'regions' are gone. Choose another layer."


def test_the_file_is_replaced(review, path, tmp_path):
    """As by running 'Uncertain regions' again: the new one is read after a click, and gets the judgements."""
    review.judge("right")
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.remove(path + suffix)
    shutil.copy(make_regions(tmp_path / "new.gpkg", count=4), path)
    assert not review.judge("right")
    assert review.panel.message.button.text() == "Reopen"
    review.panel.message.button.click()
    assert review.progress_text() == "0 of 4, 0 % of the doubtful area"
    assert review.judge("unsure")
    assert [row[0] for row in table(path).values()].count("unsure") == 1


def test_a_shapefile(controller, add, tmp_path):
    """Judgements in its own table, corrections in a GeoPackage beside it."""
    path = make_regions(tmp_path / "regions.shp")
    layer = add(path)
    assert controller.open_layer(layer)
    controller.panel.picker.show_choices([ROOF])
    assert controller.judge("wrong", "roof")
    assert controller.undo()
    assert controller.judge("wrong", "roof")
    assert controller.draw(QgsGeometry.fromWkt(square(LEFT, BOTTOM, 5)), "roof")
    controller.open_layer(None)
    again = QgsVectorLayer(path, "again", "ogr")
    [row] = [row.attributeMap() for row in again.getFeatures() if row["status"] == "wrong"]
    assert (row["new_class"], row["new_name"], row["reviewer"], row["rank"]) == (2, "roof", "Anna", 1)
    beside = tmp_path / "regions_corrections.gpkg"
    assert corrections_path(layer) == str(beside)
    assert list(table(str(beside), ("class", "name"), "corrections").values()) == [(2, "roof")]


def test_no_class_raster(controller, add, path):
    """The names that the regions tell are enough to judge, and not to draw."""
    controller.open_layer(add(path))
    assert [(choice.name, choice.value) for choice in controller.panel.picker.choices] == [
        ("roof", None),
        ("trees", None),
        ("water", None),
    ]
    assert controller.judge("wrong", "roof")
    assert table(path)[6][:3] == ("wrong", None, "roof")
    assert not controller.draw(QgsGeometry.fromWkt(square(LEFT, BOTTOM, 5)), "roof")
    assert "The number of class 'roof' is not known" in controller.message()


def test_a_table_of_corrections_that_is_not_ours(review, path):
    from osgeo import gdal

    dataset = gdal.OpenEx(path, gdal.OF_UPDATE | gdal.OF_VECTOR)
    dataset.CreateLayer("corrections", None, ogr.wkbPoint)
    dataset = None
    assert not review.draw(QgsGeometry.fromWkt(square(LEFT, BOTTOM, 5)), "roof")
    assert "holds no polygons and is not ours: rename it" in review.message()


def test_corrections_that_lack_a_field(review, path):
    from osgeo import gdal

    dataset = gdal.OpenEx(path, gdal.OF_UPDATE | gdal.OF_VECTOR)
    dataset.CreateLayer("corrections", None, ogr.wkbMultiPolygon).CreateField(ogr.FieldDefn("class", ogr.OFTInteger))
    dataset = None
    assert not review.draw(QgsGeometry.fromWkt(square(LEFT, BOTTOM, 5)), "roof")
    assert "lacks name, region, reviewer, drawn and is not ours" in review.message()


def test_corrections_being_edited(review, path):
    shape = QgsGeometry.fromWkt(square(LEFT, BOTTOM, 5))
    assert review.draw(shape, "roof")
    review.session.corrections.startEditing()
    assert not review.draw(shape, "roof")
    assert "is being edited" in review.message()
    assert not review.undo()
    assert "is being edited" in review.message()
    review.session.corrections.rollBack()
    assert review.undo()
    assert table(path, ("class",), "corrections") == {}


def test_a_layer_that_arrives_later(controller, add, path, tmp_path):
    """Regions first, the class raster after: its classes are there at once."""
    controller.open_layer(add(path))
    assert controller.panel.picker.choices[0].value is None
    add(make_classes(tmp_path / "classes.tif"), kind="classes")
    assert [choice.value for choice in controller.panel.picker.choices] == [0, 1, 2]


def test_a_source_that_is_no_file(qgis_app):
    memory = QgsVectorLayer("Polygon", "m", "memory")
    assert source_file(memory) is None
    assert corrections_path(memory) is None
