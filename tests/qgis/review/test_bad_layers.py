"""Layers that are not as they should be, and were made by someone else: a clear line, and no traceback."""

from __future__ import annotations

import pytest
from osgeo import ogr
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from tests.qgis.review.cases import BOTTOM, LEFT, OURS, SIDE, make_regions, square, table
from uhrs_qgis_plugin.layers.region_fields import missing_fields
from uhrs_qgis_plugin.review.class_choices import ClassChoice

ROOF = ClassChoice(2, "roof", QColor(1, 2, 3))
FOREIGN = {"Name": (ogr.OFTString, ("a", "b", "c", "d", "e", "f"))}


def test_nothing_is_open(controller):
    assert "Choose above the regions to review" in controller.message()
    assert not controller.judge("right")
    assert not controller.undo()
    assert not controller.step(1)
    assert not controller.draw(QgsGeometry.fromWkt(square(0, 0, 1)), "roof")
    assert not controller.show_region(4)
    assert controller.progress_text() == ""
    assert not any(button.isEnabled() for button in controller.panel.buttons.values())


def test_a_layer_of_lines(controller, project):
    lines = QgsVectorLayer("LineString?crs=EPSG:32633", "roads", "memory")
    project.addMapLayer(lines)
    assert not controller.open_layer(lines)
    assert controller.message() == "'roads' has no polygons to review: choose another layer."


def test_an_empty_layer(controller, add, tmp_path):
    assert controller.open_layer(add(make_regions(tmp_path / "none.gpkg", count=0)))
    assert controller.message() == "'regions' has no regions."
    assert controller.progress_text() == "no regions"
    assert not controller.judge("right")
    assert not controller.step(1)


def test_without_crs(controller, add, tmp_path):
    """Taken to lie on the map as it is; areas have no unit."""
    path = make_regions(tmp_path / "plain.gpkg", {**OURS, "area_m2": (ogr.OFTReal, (None,))}, crs=None)
    assert controller.open_layer(add(path))
    assert not controller.session.layer.crs().isValid()
    assert controller.canvas.extent().contains(QgsRectangle(LEFT, BOTTOM, LEFT + SIDE / 2, BOTTOM + SIDE / 2))
    assert controller.region().area == pytest.approx(625)
    assert "625 square units" in controller.panel.facts.text()
    assert controller.judge("right")
    controller.panel.picker.show_choices([ROOF])
    assert controller.draw(QgsGeometry.fromWkt(square(LEFT, BOTTOM, 5)), "roof")
    corrections = QgsProject.instance().mapLayer(controller.session.corrections.id())
    assert not corrections.crs().isValid()
    drawn = next(corrections.getFeatures()).geometry().boundingBox()
    assert drawn == QgsRectangle(LEFT, BOTTOM, LEFT + 5, BOTTOM + 5)


def test_in_degrees(controller, add, tmp_path):
    """Areas are square metres all the same, and what is drawn on a map in UTM lands in degrees."""
    fields = {name: kind for name, kind in OURS.items() if name != "area_m2"}
    path = make_regions(tmp_path / "degrees.gpkg", fields, crs=4326, origin=(15.0, 45.0), step=0.002)
    assert controller.open_layer(add(path))
    # 0.001 degrees at 45 degrees north: 111.1 m from south to north, 78.8 m from west to east.
    assert controller.region().area == pytest.approx(111.1 * 78.8, rel=0.01)
    assert controller.canvas.extent().width() < 2000
    controller.panel.picker.show_choices([ROOF])
    shown = controller.canvas.extent()
    assert controller.draw(QgsGeometry.fromRect(shown), "roof")
    drawn = next(controller.session.corrections.getFeatures()).geometry().boundingBox()
    assert drawn.contains(QgsRectangle(15.0, 45.0, 15.001, 45.001))
    assert drawn.width() < 0.05
    assert controller.session.corrections.crs().authid() == "EPSG:4326"


def test_out_of_reach_of_the_map(controller, add, tmp_path):
    """The map stays, the line says why, and judging is possible."""
    shapes = ["MULTIPOLYGON(((1e20 1e20, 2e20 1e20, 2e20 2e20, 1e20 1e20)))"] * 6
    layer = add(make_regions(tmp_path / "far.gpkg", shapes=shapes))
    controller.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    before = controller.canvas.extent()
    controller.open_layer(layer)
    assert "does not reach" in controller.message()
    assert controller.canvas.extent() == before
    assert controller.judge("unsure")
    controller.panel.picker.show_choices([ROOF])
    far = QgsGeometry.fromWkt("POLYGON((1e20 1e20, 2e20 1e20, 2e20 2e20, 1e20 1e20))")
    assert not controller.draw(far, "roof")
    assert "does not reach" in controller.message()


def test_regions_without_a_polygon(controller, add, tmp_path):
    layer = add(make_regions(tmp_path / "null.gpkg", {"rank": OURS["rank"]}, shapes=[None] * 6))
    controller.open_layer(layer)
    assert controller.attempt(controller.obstacle_actions.add_fields, controller.session.layer)
    assert "has no polygon" in controller.message()
    assert controller.judge("right")
    assert controller.progress_text() == "1 of 6, 17 % of the doubtful area"  # without areas by number


def test_made_by_someone_else(controller, add, tmp_path):
    """Nothing is written before the person agrees; then the fields are there and all works."""
    path = make_regions(tmp_path / "parcels.gpkg", FOREIGN)
    layer = add(path, "parcels")
    columns = [field.name() for field in layer.fields()]
    assert controller.open_layer(layer)
    assert controller.message() == (
        "'parcels' lacks the fields that keep judgements: status, new_class, new_name, reviewer, reviewed."
    )
    assert controller.panel.message.button.text() == "Add the fields"
    assert not controller.panel.buttons["right"].isEnabled()
    assert not controller.judge("right")
    assert controller.step(1)
    assert [field.name() for field in QgsVectorLayer(path, "p", "ogr").fields()] == columns
    controller.panel.message.button.click()
    assert missing_fields(layer) == []
    assert controller.judge("right")
    assert sorted(table(path, ("Name", "status")).values())[0] in {("a", "right"), ("a", None)}
    assert [row[0] for row in table(path, ("status",)).values()].count("right") == 1
    assert layer.renderer().type() == "categorizedSymbol"
    assert [category.value() for category in layer.renderer().categories()][:2] == ["open", "right"]


def test_our_own_layer_gets_its_fields_unasked(controller, add, path):
    layer = add(path)
    assert controller.open_layer(layer)
    assert controller.message() == ""
    assert missing_fields(layer) == []
    assert layer.renderer().type() == "categorizedSymbol"


@pytest.mark.parametrize(
    ("fields", "order"),
    [
        ({"mean_u": (ogr.OFTReal, (0.1, 0.6, 0.3, 0.2, 0.5, 0.4))}, [2, 5, 6, 3, 4, 1]),
        ({"area_m2": (ogr.OFTReal, (5.0, 1.0, 9.0, 2.0, 8.0, 3.0))}, [3, 5, 1, 6, 4, 2]),
        ({"rank": (ogr.OFTInteger, (3, None, 1, 2, 6, 5)), "mean_u": OURS["mean_u"]}, [6, 5, 4, 3, 2, 1]),
        ({"RANK": (ogr.OFTInteger, (3, 4, 1, 2, 6, 5))}, [3, 4, 1, 2, 6, 5]),
        ({"rank": (ogr.OFTString, ("3", "4", "1", "2", "6", "5"))}, [3, 4, 1, 2, 6, 5]),
    ],
)
def test_order_without_ranks(open_session, tmp_path, fields, order):
    """By mean uncertainty, else by area; ranks count only where all have one, whatever the field's case and type."""
    session = open_session(make_regions(tmp_path / "r.gpkg", fields))
    assert [region.fid for region in session.regions] == order
    if "rank" not in fields and "RANK" not in fields:
        assert [region.rank for region in session.regions] == [1, 2, 3, 4, 5, 6]


def test_order_without_any_field(open_session, tmp_path):
    """The largest first."""
    sizes = (3, 9, 1, 5, 7, 2)
    shapes = [square(LEFT + 20 * place, BOTTOM, size) for place, size in enumerate(sizes)]
    session = open_session(make_regions(tmp_path / "r.gpkg", FOREIGN, shapes=shapes))
    assert [region.fid for region in session.regions] == [2, 5, 4, 1, 6, 3]
    assert session.regions[0].area == pytest.approx(81, rel=0.002)


def test_areas_are_measured_where_one_is_missing(open_session, tmp_path):
    """All of them anew: what the layer says may be of another unit."""
    fields = {"area_m2": (ogr.OFTReal, (7.0, None, 7.0, 7.0, 7.0, 7.0))}
    session = open_session(make_regions(tmp_path / "r.gpkg", fields))
    assert [region.area for region in session.regions] == pytest.approx([625] * 6, rel=0.002)


def test_words_of_someone_else_count_as_open(open_session, tmp_path):
    fields = {**OURS, "status": (ogr.OFTString, ("done", "", None, "RIGHT", "right", "open"))}
    session = open_session(make_regions(tmp_path / "r.gpkg", fields))
    assert session.progress().judged == 1
    session.judge(1, "unsure")
    assert session.undo().fid == 1
    assert table(str(tmp_path / "r.gpkg"))[1][0] == "done"


@pytest.mark.parametrize(
    ("name", "kind", "text"), [("status", ogr.OFTInteger, "text"), ("new_class", ogr.OFTString, "n")]
)
def test_fields_of_another_type(controller, add, tmp_path, name, kind, text):
    layer = add(make_regions(tmp_path / "r.gpkg", {**OURS, name: (kind, (1,))}))
    assert controller.open_layer(layer)
    assert f"The field '{name}' of 'regions' must hold {text}" in controller.message()
    assert not controller.judge("right")
    assert controller.panel.message.button.isHidden()


def test_fields_of_any_case(open_session, tmp_path):
    fields = {"Rank": OURS["rank"], "STATUS": OURS["status"], "Reviewer": (ogr.OFTString, (None,))}
    session = open_session(make_regions(tmp_path / "r.gpkg", fields))
    session.judge(1, "right")
    assert table(str(tmp_path / "r.gpkg"), ("STATUS", "Reviewer"))[1] == ("right", "Anna")
