"""Which layers belong to regions, and which classes a raster offers."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsPalettedRasterRenderer, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtGui import QColor

from tests.qgis.conftest import write_raster
from tests.qgis.review.cases import LEFT, make_classes, make_image, make_regions, make_uncertainty
from uhrs_qgis_plugin.layers.region_styles import MADE_FROM, describe_regions
from uhrs_qgis_plugin.layers.segmentation_layers import GROUP_OF
from uhrs_qgis_plugin.review.class_choices import choices_of_names, read_choices
from uhrs_qgis_plugin.review.map.layer_guess import first_region_layer, guess_layers, kind_of, remember


def names(guess):
    return [None if layer is None else layer.name() for layer in (guess.image, guess.classes, guess.uncertainty)]


@pytest.fixture
def result(project, tmp_path, add):
    """Add a result as a run does: a group above its image, with uncertainty and classes."""

    def add_result(image, token, left=LEFT, regions=False):
        name = image.name()
        group = project.layerTreeRoot().insertGroup(0, f"{name}, K = {token}")
        group.setCustomProperty(GROUP_OF, token)
        made = []
        for kind, make in (("uncertainty", make_uncertainty), ("classes", make_classes)):
            path = make(tmp_path / f"{kind}{token}.tif", left=left)
            layer = QgsRasterLayer(path, f"{kind} {token}")
            project.addMapLayer(layer, False)
            group.addLayer(layer)
            made.append(layer)
        made[1].setRenderer(
            QgsPalettedRasterRenderer(made[1].dataProvider(), 1, [QgsPalettedRasterRenderer.Class(1, QColor(1, 2, 3))])
        )
        return group, *made

    return add_result


def test_two_results_of_one_image(result, add, path, tmp_path):
    """Regions belong to the run they were made from; nothing told, to the upper one."""
    image = add(make_image(tmp_path / "image.tif"), "image", "image")
    project = QgsProject.instance()
    result(image, "A")
    _, uncertainty, _ = result(image, "B")
    regions = add(path)
    assert names(guess_layers(regions, project)) == ["image", "classes B", "uncertainty B"]
    other = QgsVectorLayer(path, "r", "ogr")
    describe_regions(other, str(tmp_path / "uncertaintyA.tif"))
    project.addMapLayer(other)
    assert other.customProperty(MADE_FROM).endswith("uncertaintyA.tif")
    assert names(guess_layers(other, project)) == ["image", "classes A", "uncertainty A"]
    assert uncertainty.isValid()


def test_rasters_outside_groups(add, path, tmp_path):
    """Opened from files, without groups: still the raster that the regions were made from."""
    add(make_uncertainty(tmp_path / "mine.tif"), "mine", "uncertainty")
    add(make_uncertainty(tmp_path / "upper.tif"), "upper", "uncertainty")
    regions = add(path)
    upper = QgsProject.instance().layerTreeRoot().findLayers()[1]
    assert names(guess_layers(regions, QgsProject.instance()))[2] == upper.name()
    other = "mine" if upper.name() == "upper" else "upper"
    regions.setCustomProperty(MADE_FROM, str(tmp_path / f"{other}.tif"))
    assert names(guess_layers(regions, QgsProject.instance()))[2] == other


def test_regions_inside_a_group(result, add, path, tmp_path):
    image = add(make_image(tmp_path / "image.tif"), "image", "image")
    group, *_ = result(image, "A")
    result(image, "B")
    regions = QgsVectorLayer(path, "r", "ogr")
    QgsProject.instance().addMapLayer(regions, False)
    group.insertLayer(0, regions)
    assert names(guess_layers(regions, QgsProject.instance())) == ["image", "classes A", "uncertainty A"]


def test_results_of_two_places(result, add, path, tmp_path):
    """What does not lie where the regions lie is not taken, however near it stands in the tree."""
    here = add(make_image(tmp_path / "here.tif"), "here", "image")
    there = add(make_image(tmp_path / "there.tif", left=LEFT + 9000), "there", "image")
    result(here, "A")
    result(there, "B", LEFT + 9000)
    regions = add(path)
    assert names(guess_layers(regions, QgsProject.instance())) == ["here", "classes A", "uncertainty A"]


def test_the_image_of_the_result(result, add, path, tmp_path):
    """Of two images of the place, the one that the result is named after."""
    mine = add(make_image(tmp_path / "mine.tif"), "mine", "image")
    result(mine, "A")
    add(make_image(tmp_path / "base.tif"), "base map", "image")
    regions = add(path)
    describe_regions(regions, str(tmp_path / "uncertaintyA.tif"))
    assert names(guess_layers(regions, QgsProject.instance())) == ["mine", "classes A", "uncertainty A"]


def test_what_a_person_has_chosen_stays(review, add, tmp_path):
    """Also no layer at all; and it is kept with the project."""
    regions = review.session.layer
    other = add(make_classes(tmp_path / "other.tif", ("sand", "rock")), "other", "classes")
    review.panel.layers["classes"].box.setLayer(other)
    assert [choice.name for choice in review.panel.picker.choices] == ["sand", "rock"]
    review.panel.layers["image"].box.setLayer(None)
    assert review.open_layer(regions)
    assert names(guess_layers(regions, QgsProject.instance())) == [None, "other", "uncertainty"]
    assert review.panel.layers["image"].layer() is None
    assert [choice.name for choice in review.panel.picker.choices] == ["sand", "rock"]
    QgsProject.instance().removeMapLayer(other.id())
    assert names(guess_layers(regions, QgsProject.instance()))[1] == "classes"
    remember(regions, "image", None)


def test_nothing_but_regions(add, path):
    assert names(guess_layers(add(path), QgsProject.instance())) == [None, None, None]


def test_kinds(add, tmp_path):
    """By scale, palette, or neither; without a style of ours too."""
    assert kind_of(QgsRasterLayer(make_image(tmp_path / "i.tif"), "i")) == "image"
    assert kind_of(QgsRasterLayer(make_uncertainty(tmp_path / "u.tif"), "u")) == "uncertainty"
    assert kind_of(QgsRasterLayer(make_classes(tmp_path / "c.tif"), "c")) == "classes"
    plain = QgsRasterLayer(write_raster(tmp_path / "g.tif", np.zeros((1, 9, 9), np.uint8)), "grey")
    assert kind_of(plain) == "image"


def test_which_regions_to_begin_with(add, tmp_path, project):
    """The active layer, else one with ranks, else any with polygons."""
    assert first_region_layer(project, None) is None
    parcels = add(make_regions(tmp_path / "p.gpkg", {}), "parcels")
    assert first_region_layer(project, None) is parcels
    ranked = add(make_regions(tmp_path / "r.gpkg"), "ranked")
    project.layerTreeRoot().insertLayer(0, parcels)
    assert first_region_layer(project, None) is ranked
    assert first_region_layer(project, parcels) is parcels
    image = add(make_image(tmp_path / "i.tif"), kind="image")
    assert first_region_layer(project, image) is ranked


def test_choices_as_the_layer_is_drawn(add, tmp_path):
    """A class that the person has renamed or recoloured is offered so; no data is none."""
    layer = add(make_classes(tmp_path / "c.tif"), kind="classes")
    classes = [
        QgsPalettedRasterRenderer.Class(255, QColor(0, 0, 0), "no data"),
        QgsPalettedRasterRenderer.Class(7, QColor(9, 8, 7), "swamp"),
        QgsPalettedRasterRenderer.Class(1, QColor(1, 1, 1), ""),
    ]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
    assert [(choice.value, choice.name) for choice in read_choices(layer)] == [(1, "1"), (7, "swamp")]
    assert read_choices(layer)[1].colour.getRgb()[:3] == (9, 8, 7)


@pytest.mark.parametrize("named", [True, False])
def test_choices_of_a_raster_that_nobody_has_styled(add, tmp_path, named):
    """QGIS draws all 256 entries of a TIFF's colour table, with or without the names of the file; three are classes."""
    layer = add(make_classes(tmp_path / "c.tif"), kind="classes")
    names = ("water", "trees", "roof")
    entries = [
        QgsPalettedRasterRenderer.Class(value, QColor(value, 0, 0), names[value] if named and value < 3 else str(value))
        for value in range(256)
    ]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, entries))
    assert [(choice.value, choice.name) for choice in read_choices(layer)] == list(enumerate(names))
    entries[7] = QgsPalettedRasterRenderer.Class(7, QColor(9, 8, 7), "swamp")
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, entries))
    assert (7, "swamp") in [(choice.value, choice.name) for choice in read_choices(layer)]


def test_choices_of_a_raster_drawn_in_grey(tmp_path, add):
    """From the colour table of its file."""
    layer = add(make_classes(tmp_path / "c.tif"), kind="grey")
    other = QgsRasterLayer(make_image(tmp_path / "i.tif"), "i")
    layer.setRenderer(other.renderer().clone())
    assert [(choice.value, choice.name) for choice in read_choices(layer)] == [(0, "water"), (1, "trees"), (2, "roof")]


@pytest.mark.parametrize("colours", [True, False])
def test_choices_of_an_attribute_table(tmp_path, colours):
    """As other programs write it, beside a raster without palette."""
    path = write_raster(tmp_path / "rat.tif", np.ones((1, 9, 9), np.uint8), nodata=0)
    table = gdal.RasterAttributeTable()
    table.CreateColumn("Value", gdal.GFT_Integer, gdal.GFU_MinMax)
    table.CreateColumn("Name", gdal.GFT_String, gdal.GFU_Name)
    for name, usage in (("R", gdal.GFU_Red), ("G", gdal.GFU_Green), ("B", gdal.GFU_Blue)) if colours else ():
        table.CreateColumn(name, gdal.GFT_Integer, usage)
    for row, (value, name) in enumerate(((0, "nothing"), (5, "moor"), (3, ""))):
        table.SetValueAsInt(row, 0, value)
        table.SetValueAsString(row, 1, name)
        for column in (2, 3, 4) if colours else ():
            table.SetValueAsInt(row, column, 10 * column)
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.GetRasterBand(1).SetDefaultRAT(table)
    dataset = None
    layer = QgsRasterLayer(path, "rat")
    choices = read_choices(layer)
    assert [(choice.value, choice.name) for choice in choices] == [(3, "3"), (5, "moor")]
    renderer = layer.renderer()  # newer QGIS draws such a raster in colours of its own; the choices have what is drawn
    drawn = {entry.value: entry.color for entry in renderer.classes()} if hasattr(renderer, "classes") else {}
    grey = drawn.get(5, QColor(150, 150, 150))
    assert choices[1].colour.getRgb()[:3] == ((20, 30, 40) if colours else grey.getRgb()[:3])


def test_no_choices(qgis_app, tmp_path):
    assert read_choices(None) == []
    assert read_choices(QgsRasterLayer("/no/such/file.tif", "x")) == []
    assert read_choices(QgsRasterLayer(make_image(tmp_path / "i.tif"), "i")) == []


def test_choices_of_what_regions_say(qgis_app):
    """Numbers only where the name is one."""
    choices = choices_of_names(["roof", None, "class 7", "roof", "", "class x"])
    assert [(choice.value, choice.name) for choice in choices] == [(7, "class 7"), (None, "class x"), (None, "roof")]
