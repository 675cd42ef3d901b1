"""The panel: what it lists and shows, where it leads, and that ten thousand regions are no more work than ten."""

from __future__ import annotations

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsProject, QgsRectangle, QgsVectorLayer

from tests.qgis.review.cases import BOTTOM, LEFT, OURS, SIDE, make_classes, make_regions, table
from uhrs_qgis_plugin.review.data.region_store import RegionStore
from uhrs_qgis_plugin.review.map import map_view
from uhrs_qgis_plugin.review.panel.region_model import RegionModel


def texts(controller):
    """What the list shows."""
    model = controller.panel.model
    return [[model.data(model.index(row, column)) for column in range(5)] for row in range(model.rowCount())]


def test_the_list(review):
    """By rank, with area and class; the first open one is shown."""
    assert texts(review)[:2] == [["1", "0.90", "400 m²", "trees", ""], ["2", "0.80", "100 m²", "trees", ""]]
    assert [row[0] for row in texts(review)] == ["1", "2", "3", "4", "5", "6"]
    assert review.region().rank == 1
    assert review.panel.list.currentIndex().row() == 0
    assert review.progress_text() == "0 of 6, 0 % of the doubtful area"
    assert review.message() == ""
    facts = review.panel.facts.text()
    for part in ("#1", "U 0.90 (up to 0.95)", "400 m²", "trees", "water"):
        assert part in facts
    assert [choice.name for choice in review.panel.picker.choices] == ["water", "trees", "roof"]


def test_judging_goes_on_to_the_next_open_one(review, path):
    assert review.judge("right")
    assert review.region().rank == 2
    assert review.panel.list.currentIndex().row() == 1
    assert review.judge("wrong", "roof")
    assert review.judge("wrong", 0)
    assert review.judge("unsure")
    assert review.region().rank == 5
    assert [row[4] for row in texts(review)] == ["right", "is roof", "is water", "unsure", "", ""]
    assert review.progress_text() == "4 of 6, 75 % of the doubtful area"
    assert review.panel.progress.value() == 750
    assert [row[:3] for row in table(path).values()] == [
        ("open", None, None),
        ("open", None, None),
        ("unsure", None, None),
        ("wrong", 0, "water"),
        ("wrong", 2, "roof"),
        ("right", None, None),
    ]


def test_counts_follow_when_the_progress_does_not(review):
    """Right becomes wrong: as many are judged as before."""
    review.panel.go_on.setChecked(False)
    review.judge("right")
    assert "right: 1, wrong: 0" in review.panel.progress.toolTip()
    review.judge("wrong", "roof")
    assert "right: 0, wrong: 1" in review.panel.progress.toolTip()


def test_staying_where_one_is(review):
    review.panel.go_on.setChecked(False)
    assert review.judge("right")
    assert review.region().rank == 1
    assert "Judged" in review.panel.facts.text()
    assert "by Anna" in review.panel.facts.text()


def test_the_last_one(review):
    """From the end the way leads back to what was left out; then there is nothing more to do."""
    for _ in range(5):
        review.step(1)
    assert not review.step(1)
    assert review.message() == "This is the end of the list."
    for _ in range(6):
        assert review.judge("right")
    assert review.message() == "All regions of this list are judged."
    assert review.progress_text() == "6 of 6, 100 % of the doubtful area"
    assert review.region() is not None


def test_back_and_forth(review):
    assert not review.step(-1)
    assert review.message() == "This is the start of the list."
    assert review.step(1)
    assert review.message() == ""
    assert review.region().rank == 2
    assert review.step(-1)
    assert review.region().rank == 1


def test_undo_goes_back_to_the_region(review, path):
    review.judge("right")
    review.judge("unsure")
    assert review.undo()
    assert review.region().rank == 2
    assert review.region().judgement.is_open
    assert review.panel.buttons["undo"].isEnabled()
    assert review.undo()
    assert review.region().rank == 1
    assert not review.panel.buttons["undo"].isEnabled()
    assert not review.undo()
    assert {row[0] for row in table(path).values()} == {"open"}


def test_opening_again_goes_on_where_one_was(review, path, add):
    layer = review.session.layer
    review.judge("right")
    review.judge("right")
    review.open_layer(None)
    assert review.region() is None
    assert review.open_layer(layer)
    assert review.region().rank == 3
    assert review.progress_text() == "2 of 6, 50 % of the doubtful area"


def test_the_map_goes_to_the_region(review, monkeypatch):
    """It is in the middle with room around, and flashes."""
    flashed = []
    monkeypatch.setattr(review.view, "flash", flashed.append)
    for rank in range(1, 7):
        review.show_region(7 - rank)
        region = QgsRectangle(LEFT + (rank - 1) * SIDE, BOTTOM, LEFT + (rank - 1) * SIDE + SIDE / 2, BOTTOM + SIDE / 2)
        extent = review.canvas.extent()
        assert extent.contains(region)
        assert extent.center().distance(region.center()) < 0.01
        assert min(extent.width(), extent.height()) == pytest.approx(map_view.LEAST_PIXELS * 2)
        assert flashed[-1].boundingBox() == region
    assert len(flashed) == 6


def test_a_tiny_region_is_not_all_there_is_to_see(controller, add, tmp_path):
    """A single cell shows with what is around it, as many pixels of the image as make sense."""
    add(make_classes(tmp_path / "classes.tif"), kind="classes")
    controller.open_layer(add(make_regions(tmp_path / "tiny.gpkg", step=0.5)))
    assert controller.layers.pixel() == 2
    assert controller.canvas.extent().height() >= map_view.LEAST_PIXELS * 2


def test_a_large_region_has_room_around(review):
    """Two and a half times its size, without an image that says how large a pixel is."""
    review.layers.follow(None)
    review.show_region(6)
    assert review.canvas.extent().height() == pytest.approx(SIDE / 2 * map_view.ROOM)


def test_the_map_in_another_crs(review):
    """The region is brought to the map, and the frame goes along when the map changes."""
    for authid in ("EPSG:4326", "EPSG:3857", "EPSG:32632"):
        crs = QgsCoordinateReferenceSystem(authid)
        review.canvas.setDestinationCrs(crs)
        assert review.show_region(6)
        transform = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:32633"), crs, QgsProject.instance())
        region = transform.transformBoundingBox(QgsRectangle(LEFT, BOTTOM, LEFT + SIDE / 2, BOTTOM + SIDE / 2))
        assert review.canvas.extent().contains(region)
        assert review.canvas.extent().width() < 20 * region.width()
    review.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32633"))
    assert review.view._frame.asGeometry().boundingBox().xMinimum() == pytest.approx(LEFT, abs=0.01)


def test_filter_and_part(review):
    """What is judged stays in its place until the filter is set again."""
    review.panel.filter.setCurrentIndex(review.panel.filter.findData("open"))
    review.judge("right")
    assert len(texts(review)) == 6
    review.fill_list()
    assert [row[0] for row in texts(review)] == ["2", "3", "4", "5", "6"]
    review.panel.parts.setValue(2)
    review.panel.part.setValue(2)
    assert [row[0] for row in texts(review)] == ["2", "4", "6"]
    assert "Part 2 of 2: 0 of 3" in review.panel.progress.toolTip()
    assert "right: 1" in review.panel.progress.toolTip()


def test_a_region_selected_on_the_map_is_shown(review):
    review.session.layer.selectByIds([3])
    assert review.region().fid == 3
    assert review.panel.list.currentIndex().row() == 3
    review.session.layer.selectByIds([2, 4])
    assert review.region().fid == 3


def test_the_name_is_kept(review, path):
    from qgis.core import QgsSettings

    review.panel.reviewer.setText("  Clara ")
    review.panel.reviewer.editingFinished.emit()
    review.judge("right")
    assert table(path)[6][3] == "Clara"
    assert QgsSettings().value("uhrs/reviewer") == "Clara"


def test_attribute_tables_and_map_hear_of_it(review):
    heard = []
    review.session.layer.dataChanged.connect(lambda: heard.append("data"))
    review.session.layer.repaintRequested.connect(lambda *_: heard.append("map"))
    review.judge("right")
    assert {"data", "map"} <= set(heard)


def many(tmp_path, count):
    fields = {**OURS, "rank": (OURS["rank"][0], tuple(range(1, count + 1)))}
    return make_regions(tmp_path / f"{count}.gpkg", fields, count=count)


def test_ten_thousand_regions_are_no_more_work(controller, add, tmp_path, monkeypatch):
    """Opening reads the table once and draws what is in sight; a step reads one row. Counted, not timed."""
    calls = []
    for owner, name in ((RegionStore, "load"), (RegionStore, "read"), (RegionStore, "judgements")):
        original = getattr(owner, name)
        monkeypatch.setattr(
            owner, name, lambda *args, original=original, name=name: calls.append(name) or original(*args)
        )
    cells = []
    data = RegionModel.data
    monkeypatch.setattr(RegionModel, "data", lambda *args: cells.append(1) or data(*args))
    counts = {}
    for count in (50, 10_000):
        calls.clear()
        cells.clear()
        assert controller.open_layer(add(many(tmp_path, count)))
        controller.panel.list.grab()
        assert calls == ["load", "read"]
        calls.clear()
        opened = len(cells)
        cells.clear()
        assert controller.step(1)
        controller.panel.list.grab()
        assert calls == ["read"]
        counts[count] = (opened, len(cells))
    assert controller.panel.model.rowCount() == 10_000
    assert max(counts[10_000]) < 2000  # cells: those in sight, and not 50,000
    calls.clear()
    assert controller.judge("right")
    # The row before, the row after, the next region to see whether it is open still, and to show it.
    assert calls == ["read"] * 4


def test_the_panel_names_layers_of_two_results(review, add, tmp_path):
    """The chooser leads from one to the other; each keeps its own judgements."""
    other = add(make_regions(tmp_path / "other.gpkg", count=3), "other regions")
    review.judge("right")
    review.panel.regions.setLayer(other)
    assert review.session.layer is other
    assert review.progress_text() == "0 of 3, 0 % of the doubtful area"
    review.judge("unsure")
    first = next(
        layer for layer in QgsProject.instance().mapLayersByName("regions") if isinstance(layer, QgsVectorLayer)
    )
    review.panel.regions.setLayer(first)
    assert review.progress_text() == "1 of 6, 40 % of the doubtful area"
