"""`uhrs:legend`: pictures of legends."""

from __future__ import annotations

import pytest
from qgis.core import QgsPalettedRasterRenderer, QgsProcessingException, QgsProject, QgsRasterLayer
from qgis.PyQt.QtGui import QColor, QImage

from tests.qgis.conftest import grey_steps, write_raster
from uhrs_qgis_plugin.layers import draw_legend


@pytest.fixture
def results(run):
    """Classes and uncertainty of a run, with their styles beside them."""
    return run()


@pytest.fixture
def draw(provider, context, tmp_path):
    """Run the algorithm; returns the picture."""
    import processing

    def draw_picture(*layers, **changes):
        values = {"LAYERS": list(layers), "OUTPUT": str(tmp_path / "legend.png"), **changes}
        made = processing.run("uhrs:legend", values, context=context)
        return QImage(made["OUTPUT"])

    return draw_picture


def colours(image, least=20):
    """The colours that fill more than a few pixels."""
    counts = {}
    for row in range(image.height()):
        for column in range(image.width()):
            value = image.pixel(column, row)
            counts[value] = counts.get(value, 0) + 1
    return {QColor.fromRgba(value).name() for value, count in counts.items() if count >= least}


def test_classes_with_their_colours(draw, results):
    """Every colour of the palette, on white, and the size on paper."""
    image = draw(results["CLASSES"], DPI=100)
    assert {"#e2a929", "#3c1098", "#8429f6", "#ffffff"} <= colours(image)
    assert round(image.dotsPerMeterX() * 0.0254) == 100


def test_uncertainty_with_its_ramp(draw, results):
    """Its unsure end is yellow, as no letter and no ground is."""
    found = [QColor(name) for name in colours(draw(results["UNCERTAINTY"], DPI=100), 1)]
    assert [colour for colour in found if colour.red() > 220 and colour.green() > 180 and colour.blue() < 110]


def test_files_without_styles(draw, results, tmp_path):
    """They travelled alone: their own numbers tell what they are."""
    with_style = [draw(results[name], DPI=100) for name in ("CLASSES", "UNCERTAINTY")]
    for style in tmp_path.glob("*.qml"):
        style.unlink()
    assert [draw(results[name], DPI=100) for name in ("CLASSES", "UNCERTAINTY")] == with_style


def test_both_are_larger_than_one(draw, results):
    one = draw(results["CLASSES"])
    both = draw(results["CLASSES"], results["UNCERTAINTY"], TITLE="Land cover", TRANSPARENT=True)
    assert both.height() > one.height()
    assert both.pixelColor(0, 0).alpha() == 0
    assert one.pixelColor(0, 0).alpha() == 255


def test_style_of_the_layer_counts(draw, results):
    """A colour that the user has changed, in a layer of the project."""
    layer = QgsRasterLayer(results["CLASSES"], "mine")
    meadow = QgsPalettedRasterRenderer.Class(0, QColor("#00ff00"), "meadow")
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, [meadow]))
    QgsProject.instance().addMapLayer(layer)
    try:
        assert "#00ff00" in colours(draw(layer, DPI=100))
    finally:
        QgsProject.instance().clear()


def test_many_classes_take_columns(qgis_app, tmp_path):
    """255 classes: no tower of a legend."""
    layer = QgsRasterLayer(write_raster(tmp_path / "many.tif", grey_steps(bands=1)), "many")
    classes = [
        QgsPalettedRasterRenderer.Class(value, QColor(value, 0, 255 - value), f"c{value}") for value in range(255)
    ]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
    image = draw_legend([layer], "", 50)
    assert image.height() < 3 * image.width()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"LAYERS": []}, "LAYERS"),
        ({"OUTPUT": "legend.jpg"}, "no PNG by its name"),
        ({"DPI": 1200, "TITLE": "x" * 2000}, "choose fewer dots per inch"),
    ],
)
def test_bad_input(draw, results, tmp_path, changes, text):
    """One line each, and no file."""
    if "OUTPUT" in changes:
        changes = {"OUTPUT": str(tmp_path / changes["OUTPUT"])}
    with pytest.raises(QgsProcessingException, match=text):
        draw(results["CLASSES"], **changes)
    assert not list(tmp_path.glob("legend*"))


def test_image_has_no_legend(draw, raster):
    with pytest.raises(QgsProcessingException, match="has no legend"):
        draw(raster)
