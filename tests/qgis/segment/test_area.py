"""AREA: only what lies in polygons of a layer is segmented. And areas of classes in degrees."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsFeature, QgsGeometry, QgsProcessingException, QgsProject, QgsVectorLayer
from qgis.gui import QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtWidgets import QAction

from tests.qgis.conftest import grey_steps, write_raster
from uhrs_qgis_plugin.algorithms.segment import draw_area

RING = "Polygon((500010 4999990, 500140 4999980, 500060 4999910, 500010 4999990))"


def layer_of(*shapes, crs="EPSG:32633", kind="Polygon"):
    """A layer in memory, as somebody has drawn it."""
    layer = QgsVectorLayer(f"{kind}?crs={crs}", "my field", "memory")
    for shape in shapes:
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(shape))
        assert layer.dataProvider().addFeature(feature)
    return layer


def centres_inside(shape, transform, size):
    """Which centres of pixels QGIS finds in a polygon."""
    geometry = QgsGeometry.fromWkt(shape)
    mask = np.zeros(size, bool)
    for row, col in np.ndindex(size):
        point = QgsGeometry.fromWkt(
            f"Point({transform[0] + (col + 0.5) * transform[1]} {transform[3] + (row + 0.5) * transform[5]})"
        )
        mask[row, col] = geometry.contains(point)
    return mask


def test_only_what_lies_inside(run):
    """As QGIS sees it, pixel by pixel; the box of the polygons is the extent."""
    dataset = gdal.Open(run(AREA=layer_of(RING))["CLASSES"])
    labels = dataset.ReadAsArray()
    assert np.array_equal(labels != 255, centres_inside(RING, dataset.GetGeoTransform(), labels.shape))
    assert labels.shape == (160, 260)


def test_layer_of_the_project_in_another_crs(provider, tiny_model, raster, tmp_path, qgis_new_project):
    """Drawn in degrees, not even saved; the layers of the result say where they are from."""
    import processing
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform

    shape = QgsGeometry.fromWkt(RING)
    utm, degrees = QgsCoordinateReferenceSystem("EPSG:32633"), QgsCoordinateReferenceSystem("EPSG:4326")
    shape.transform(QgsCoordinateTransform(utm, degrees, QgsProject.instance()))
    layer = layer_of(crs="EPSG:4326")
    QgsProject.instance().addMapLayer(layer)
    layer.startEditing()
    feature = QgsFeature(layer.fields())
    feature.setGeometry(shape)
    layer.addFeature(feature)
    values = {"INPUT": raster, "MODEL": tiny_model, "AREA": layer, "CLASSES": str(tmp_path / "c.tif"), "RATIO": 0}
    result = processing.runAndLoadResults("uhrs:segmentraster", values)
    labels = gdal.Open(result["CLASSES"]).ReadAsArray()
    assert abs(int((labels != 255).sum()) - QgsGeometry.fromWkt(RING).area() / 0.25) < 60
    names = [item.name() for item in QgsProject.instance().mapLayers().values()]
    assert "Classes: image (tiny, K = 0%, my field)" in names
    layer.rollBack()
    QgsProject.instance().clear()


def test_drawn_just_now(provider, qgis_new_project):
    """A layer in the map's CRS, being edited; asked again, the same one goes on; unsaved polygons count."""
    from qgis.core import QgsCoordinateReferenceSystem

    class Desktop:
        """The part of QGIS's window that is used."""

        def __init__(self):
            self.canvas, self.bar, self.action = QgsMapCanvas(), QgsMessageBar(), QAction()
            self.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32633"))
            self.begun = []
            self.action.triggered.connect(lambda: self.begun.append(True))
            self.mapCanvas, self.messageBar = lambda: self.canvas, lambda: self.bar
            self.actionAddFeature, self.setActiveLayer = lambda: self.action, lambda layer: None

    desktop = Desktop()
    layer = draw_area(desktop)
    assert draw_area(desktop) is layer
    assert (layer.isEditable(), layer.crs().authid(), layer.fields().count()) == (True, "EPSG:32633", 0)
    assert desktop.begun == [True, True]
    assert QgsProject.instance().mapLayer(layer.id()) is layer
    layer.rollBack()
    QgsProject.instance().clear()


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (lambda: layer_of(), "holds no polygon: draw one"),
        (lambda: layer_of("Polygon((0 0, 1 0, 1 1, 0 0))"), "lies outside"),
        (lambda: layer_of(RING, crs=""), "no coordinate reference system"),
    ],
)
def test_bad_areas(run, layer, text):
    with pytest.raises(QgsProcessingException, match=text):
        run(AREA=layer())


def test_areas_in_degrees(run, tmp_path, feedback):
    """The log has hectares, as far as Class areas has them."""
    import processing

    degrees = (15.0, 1e-5, 0, 48.0, 0, -1e-5)
    path = write_raster(tmp_path / "degrees.tif", grey_steps(1200, 1500), crs=4326, transform=degrees)
    classes = run(INPUT=path)["CLASSES"]
    text = "\n".join(feedback.lines)
    assert "class0" in text
    assert text.count(" ha (") == 3
    found = processing.run("uhrs:classareas", {"CLASSES": classes, "OUTPUT": "TEMPORARY_OUTPUT"})["OUTPUT"]
    rows = [dict(zip([field.name() for field in row.fields()], row.attributes())) for row in found.getFeatures()]
    factor = {"m²": 1, "ha": 1e4, "km²": 1e6}
    measured = {row["name"]: row["area"] * factor[row["unit"]] for row in rows}
    for name in ("class0", "class1", "class2"):
        [line] = [line for line in feedback.lines if line.strip().startswith(f"{name}: ")]
        hectares = float(line.split(": ")[1].split(" ha")[0].replace(",", ""))
        assert hectares * 1e4 == pytest.approx(measured[name], rel=1e-3)
