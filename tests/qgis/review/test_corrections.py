"""The layer that drawings are kept in, and how they are taken back."""

from __future__ import annotations

from qgis.core import QgsGeometry, QgsProject, QgsVectorLayer

from tests.qgis.review.cases import BOTTOM, LEFT, drop_elsewhere, square, table
from uhrs_qgis_plugin.layers.region_fields import CORRECTION_FIELDS


def drawn(controller):
    """The features that the file has, read anew."""
    layer = (
        QgsVectorLayer(controller.session.corrections.source(), "c", "ogr") if controller.session.corrections else None
    )
    return [] if layer is None else list(layer.getFeatures())


def test_undo_takes_drawings_and_judgements_back_in_turn(review, path):
    shape = QgsGeometry.fromWkt(square(LEFT, BOTTOM, 5))
    assert review.draw(shape, "roof")
    assert review.judge("right")
    assert review.draw(shape, "water")
    assert len(drawn(review)) == 2
    assert review.undo()
    assert [feature["name"] for feature in drawn(review)] == ["roof"]
    assert table(path)[6][0] == "right"
    assert review.undo()
    assert table(path)[6][0] == "open"
    assert review.undo()
    assert drawn(review) == []
    assert not review.undo()


def test_undo_of_a_drawing_that_is_gone(review, path):
    review.draw(QgsGeometry.fromWkt(square(LEFT, BOTTOM, 5)), "roof")
    drop_elsewhere(path, 1, "corrections")
    assert not review.undo()
    assert review.message() == "The drawn correction is gone already."
    assert not review.panel.buttons["undo"].isEnabled()


def test_the_layer_of_corrections(review):
    """Below the regions in the layer tree, in the colours of the classes, with the fields that were agreed on."""
    review.draw(QgsGeometry.fromWkt(square(LEFT, BOTTOM, 5)), "roof")
    layer = review.session.corrections
    assert layer.name() == "Corrections of regions"
    order = [node.name() for node in QgsProject.instance().layerTreeRoot().findLayers()]
    assert order.index("Corrections of regions") == order.index("regions") + 1
    categories = layer.renderer().categories()
    assert layer.renderer().classAttribute() == "class"
    assert [(category.value(), category.label()) for category in categories] == [
        (0, "water"),
        (1, "trees"),
        (2, "roof"),
    ]
    for category, choice in zip(categories, review.panel.picker.choices):
        assert category.symbol().color().getRgb()[:3] == choice.colour.getRgb()[:3]
        assert category.symbol().color().alpha() < 255
    assert [name for name in layer.fields().names() if name != "fid"] == [name for name, _ in CORRECTION_FIELDS]
    assert layer.crs().authid() == "EPSG:32633"


def test_corrections_are_no_regions(review):
    """The chooser does not offer them."""
    review.draw(QgsGeometry.fromWkt(square(LEFT, BOTTOM, 5)), "roof")
    corrections = review.session.corrections
    box = review.panel.regions
    offered = [box.layer(row) for row in range(box.count())]
    assert corrections not in offered
    assert review.session.layer in offered
    assert not review.open_layer(corrections)


def test_corrections_come_back_with_the_regions(review, path):
    """One layer, however often the regions are opened; new drawings go into the table that is there."""
    regions = review.session.layer
    review.draw(QgsGeometry.fromWkt(square(LEFT, BOTTOM, 5)), "roof")
    review.open_layer(None)
    assert review.open_layer(regions)
    assert review.draw(QgsGeometry.fromWkt(square(LEFT, BOTTOM, 6)), "water")
    assert len(QgsProject.instance().mapLayersByName("Corrections of regions")) == 1
    QgsProject.instance().removeMapLayer(review.session.corrections.id())
    assert review.open_layer(regions)
    assert review.session.corrections.featureCount() == 2
    assert [row[0] for row in table(path, ("name",), "corrections").values()] == ["roof", "water"]
