"""Story: the pictures of docs/tutorial-map.md, from zip and raster to polygons, accuracy, print."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyplugin_installer
import qgis.utils
from osgeo import gdal
from qgis.core import (
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemMap,
    QgsLayoutItemPicture,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsPrintLayout,
    QgsProject,
    QgsRectangle,
    QgsUnitTypes,
)
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction, QMessageBox, QPushButton
from qgis.utils import iface

from scripts.desktop.dialogs import count_layers, run, to_load, use, wait_for
from scripts.desktop.steps import Story, Waiting, hide_docks, is_drawn, later, window

NAME = "uhrs_qgis_plugin"
WORK = Path(os.environ["UHRS_MAP_FOLDER"])
RASTER, LABELS, WHEEL = str(WORK / "site.tif"), str(WORK / "labels.tif"), os.environ["UHRS_MAP_WHEEL"]
DIALOG = (150, 40, 980, 740)  # left, top, width, height in pixels
CLOSE_UP = QgsRectangle(332_900, 2_786_930, 333_240, 2_787_150)  # a part with roofs and roads
DPI = 100  # of the picture of the page
POINTS, LEAST, SHOWN = 100, 10, 12  # SHOWN: the point of the picture


def path(name: str) -> str:
    """Return the path of a file of the walk."""
    return str(WORK / name)


def walk(story: Story) -> Iterator[Waiting]:
    """Run the whole story."""
    story.state["network"] = has_network()
    yield from install(story)
    hide_docks("Browser", "ProcessingToolbox")
    iface.messageBar().clearWidgets()
    yield from segment(story)
    yield from outline(story)
    yield from judge(story)
    yield from assess(story)
    yield from compare(story)
    yield from print_map(story)


def has_network() -> bool:
    """Whether anything beyond this machine can be reached."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: only asks for a route; the address is for documentation
        except OSError:
            return False
    return True


def install(story: Story) -> Iterator[Waiting]:
    """Install the zip by the plugin manager, then onnxruntime from its file by the plugin's own window."""
    pyplugin_installer.installer_data.plugins.rebuild()
    later(lambda: pyplugin_installer.instance().installFromZipFile(os.environ["UHRS_DESKTOP_ZIP"]))
    yield lambda: NAME in qgis.utils.active_plugins
    bar = iface.messageBar()
    yield lambda: bar.findChild(QPushButton, "uhrsOpenHelp") is not None
    bar.findChild(QPushButton, "uhrsOpenHelp").click()
    title = "UHRS segmentation: installation"
    yield lambda: window(title) is not None
    page = window(title)
    page.move(230, 110)
    later(lambda: page.install_from(WHEEL))
    yield lambda: question() is not None
    yield 0.3
    story.state["question"] = question().text().replace(str(WORK), "...")
    question().button(QMessageBox.StandardButton.Yes).click()
    yield lambda: "onnxruntime is installed" in page.state.text()
    yield 0.5
    story.picture("map-install")
    story.state["installed"] = page.state.text()
    page.close()


def question() -> QMessageBox | None:
    """Return the question that is open."""
    found = window("UHRS segmentation: installation")
    boxes = [] if found is None else found.findChildren(QMessageBox)
    boxes += [] if not isinstance(found, QMessageBox) else [found]
    return next((box for box in boxes if box.isVisible()), None)


def segment(story: Story) -> Iterator[Waiting]:
    """Segment at the share that the model suggests."""
    QgsProject.instance().setAreaUnits(QgsUnitTypes.AreaUnit.AreaHectares)
    image = iface.addRasterLayer(RASTER, "site")
    iface.setActiveLayer(image)
    yield 1.0
    yield is_drawn
    later(iface.mainWindow().findChild(QAction, "uhrsSegmentRaster").trigger)
    yield from wait_for("Segment raster", DIALOG)
    yield 3.0  # until it says what the run will take
    story.picture("map-dialog")
    outputs = {"CLASSES": to_load(path("classes.tif")), "UNCERTAINTY": to_load(path("uncertainty.tif"))}
    window("Segment raster").setParameters(outputs)
    yield from run("Segment raster", lambda: count_layers() >= 3)
    yield 1.0
    yield is_drawn
    story.picture("map-result")
    story.state["layers"] = names()


def outline(story: Story) -> Iterator[Waiting]:
    """Outline buildings and roads; look at them on the image."""
    values = {
        "CLASSES": path("classes.tif"),
        "UNCERTAINTY": path("uncertainty.tif"),
        "NAMES": "building, road",
        "RIGHT_ANGLES": "building",
    }
    before = count_layers()
    done = {"OUTPUT": path("polygons.gpkg")}
    yield from use(
        story, "Class polygons", {**values, "OUTPUT": to_load(done["OUTPUT"])}, lambda: count_layers() > before
    )
    show("classes.tif", False)
    show("uncertainty.tif", False)
    iface.mapCanvas().setExtent(CLOSE_UP)
    iface.mapCanvas().refresh()
    yield 1.0
    yield is_drawn
    story.picture("map-polygons")
    layer = layer_of("polygons.gpkg")
    counts: dict[str, int] = {}
    for feature in layer.getFeatures():
        counts[feature["name"]] = counts.get(feature["name"], 0) + 1
    story.state["polygons"] = counts


def judge(story: Story) -> Iterator[Waiting]:
    """Draw points; judge each by its key, as the published labels tell."""
    show("polygons.gpkg", False)
    show("classes.tif", True)
    before = count_layers()
    values = {
        "CLASSES": path("classes.tif"),
        "UNCERTAINTY": path("uncertainty.tif"),
        "POINTS": POINTS,
        "LEAST": LEAST,
        "OUTPUT": to_load(path("points.gpkg")),
    }
    yield from use(story, "Sample points", values, lambda: count_layers() > before)
    iface.setActiveLayer(layer_of("points.gpkg"))
    iface.mainWindow().findChild(QAction, "uhrsReviewRegions").trigger()
    controller = qgis.utils.plugins[NAME].dock.controller
    if controller.session is None or controller.session.layer is not layer_of("points.gpkg"):
        controller.open_layer(layer_of("points.gpkg"))
    yield lambda: controller.region() is not None
    controller.panel.reviewer.setText("Ada")
    controller.panel.reviewer.editingFinished.emit()
    yield from judge_points(story, controller)
    story.state["progress"] = controller.progress_text()
    qgis.utils.plugins[NAME].dock.hide()


def judge_points(story: Story, controller: Any) -> Iterator[Waiting]:  # noqa: ANN401 (a class of the plugin)
    """R where the map is right, the digit of the class where it is not, S where there is no label."""
    dataset = gdal.Open(LABELS)
    labels, inverse = dataset.ReadAsArray(), gdal.InvGeoTransform(dataset.GetGeoTransform())
    pressed: dict[str, int] = {}
    for number in range(1, POINTS + 1):
        if controller.region() is None:
            break
        if number == SHOWN:
            QTest.keyClick(controller.panel.list, "C")  # the image tells, not the map's own classes
            yield 1.5
            yield is_drawn
            story.picture("map-judge")
        point = controller.session.layer.getFeature(controller.fid)
        where = point.geometry().asPoint()
        column, row = (int(part) for part in gdal.ApplyGeoTransform(inverse, where.x(), where.y()))
        choices = controller.panel.picker.choices
        found = [rank for rank, choice in enumerate(choices, 1) if choice.value == int(labels[row, column])]
        if not found:
            key = "S"
        elif choices[found[0] - 1].name == point["class"]:
            key = "R"
        else:
            key = str(found[0])
        pressed[key] = pressed.get(key, 0) + 1
        QTest.keyClick(controller.panel.list, key)
        yield 0.1
    story.state["pressed"] = pressed


def assess(story: Story) -> Iterator[Waiting]:
    """Compare the map with the judged points; look at the report."""
    from qgis.PyQt.QtWebKitWidgets import QWebView  # not in every QGIS

    values = {
        "CLASSES": path("classes.tif"),
        "REFERENCE": layer_of("points.gpkg"),
        "OUTPUT": path("accuracy.gpkg"),
        "HTML": path("accuracy.html"),
    }
    yield from use(story, "Accuracy", values, lambda: Path(path("accuracy.html")).exists())
    view = QWebView()
    view.setGeometry(0, 0, 1000, 800)
    report = Path(path("accuracy.html")).read_text(encoding="utf-8")
    view.setHtml(report.replace(f"{WORK}/", ""))  # pictures show no paths of this machine
    view.show()
    view.raise_()
    yield 2.0
    view.grab().save(str(Path(os.environ["UHRS_DESKTOP_FOLDER"]) / "map-accuracy.png"))
    view.close()
    hide_docks("ResultsViewer")


def compare(story: Story) -> Iterator[Waiting]:
    """Segment again, without the look at full scale; see what that look changes."""
    show("points.gpkg", False)
    outputs = {"CLASSES": to_load(path("classes_k0.tif")), "UNCERTAINTY": to_load(path("uncertainty_k0.tif"))}
    before = count_layers()
    values = {"INPUT": layer_of("site.tif"), "RATIO": 0.0, **outputs}
    yield from use(story, "Segment raster", values, lambda: count_layers() >= before + 2)
    before = count_layers()
    values = {
        "BEFORE": path("classes_k0.tif"),
        "AFTER": path("classes.tif"),
        "UNCERTAINTY_BEFORE": path("uncertainty_k0.tif"),
        "UNCERTAINTY_AFTER": path("uncertainty.tif"),
        "OUTPUT": to_load(path("transitions.gpkg")),
        "CHANGES": to_load(path("changes.tif")),
    }
    yield from use(story, "Compare results", values, lambda: count_layers() >= before + 2)
    for name in ("classes.tif", "classes_k0.tif", "uncertainty_k0.tif"):
        show(name, False)
    root = QgsProject.instance().layerTreeRoot()
    root.findLayer(layer_of("changes.tif").id()).setExpanded(True)
    iface.messageBar().clearWidgets()
    for group in root.findGroups():
        group.setExpanded(False)
    yield 1.0
    iface.mapCanvas().setExtent(CLOSE_UP.scaled(3.0))
    iface.mapCanvas().refresh()
    yield 1.0
    yield is_drawn
    story.picture("map-compare")
    table = layer_of("transitions.gpkg")
    rows = [row for row in table.getFeatures() if row["before"] != row["after"]]
    story.state["compared"] = [[row["before_name"], row["after_name"], row["area"], row["unit"]] for row in rows[:3]]
    story.state["differs"] = sum(row["share"] for row in rows)
    story.state["differs, both sure"] = sum(row["share"] * (1 - row["unsure_share"]) for row in rows)


def print_map(story: Story) -> Iterator[Waiting]:
    """Draw the legend; put map, legend, scale bar and title on a page."""
    show("changes.tif", False)
    show("classes.tif", True)
    legend = path("legend.png")
    values = {"LAYERS": [layer_of("classes.tif")], "TITLE": "Land cover", "OUTPUT": legend}
    yield from use(story, "Legend as a picture", values, lambda: Path(legend).exists(), name="legend")
    layout = lay_out(legend)
    designer = iface.openLayoutDesigner(layout)
    yield 1.0
    exporter, settings = QgsLayoutExporter(layout), QgsLayoutExporter.ImageExportSettings()
    settings.dpi = DPI
    page = str(Path(os.environ["UHRS_DESKTOP_FOLDER"]) / "map-layout.png")
    pdf = exporter.exportToPdf(path("map.pdf"), QgsLayoutExporter.PdfExportSettings())
    story.state["exported"] = [int(pdf), int(exporter.exportToImage(page, settings))]
    designer.close()


def lay_out(legend: str) -> QgsPrintLayout:
    """Make a page of A4 across, with the picture of the legend."""
    project = QgsProject.instance()
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.setName("Land cover")
    project.layoutManager().addLayout(layout)
    chart = add(QgsLayoutItemMap(layout), 10, 22, 205, 145)
    chart.setLayers([layer_of("classes.tif")])
    chart.setExtent(layer_of("classes.tif").extent())  # zoomToExtent needs one that is set before
    chart.setFrameEnabled(True)
    title = add(QgsLayoutItemLabel(layout), 10, 8, 205, 12)
    title.setText("Land cover of the site")
    font = title.font()
    font.setPointSize(20)
    title.setFont(font)
    add(QgsLayoutItemPicture(layout), 218, 22, 74, 60).setPicturePath(legend)
    bar = add(QgsLayoutItemScaleBar(layout), 10, 172, 100, 15)
    bar.setStyle("Single Box")
    bar.setLinkedMap(chart)
    bar.setUnits(QgsUnitTypes.DistanceUnit.DistanceMeters)
    bar.setUnitLabel("m")
    bar.setNumberOfSegments(2)
    bar.setUnitsPerSegment(1000)
    bar.update()
    credit = add(QgsLayoutItemLabel(layout), 125, 174, 90, 8)
    credit.setText("Imagery: Humans in the Loop, MBRSC (CC0)")
    return layout


def add(item: Any, left: float, top: float, width: float, height: float) -> Any:  # noqa: ANN401 (an item of a layout)
    """Put an item on its page, in millimetres; returns it."""
    item.layout().addLayoutItem(item)
    item.attemptMove(QgsLayoutPoint(left, top))
    item.attemptResize(QgsLayoutSize(width, height))
    return item


def layer_of(name: str) -> Any:  # noqa: ANN401 (a layer)
    """Find a layer by its file."""
    for layer in QgsProject.instance().mapLayers().values():
        if Path(layer.source().split("|")[0]).name == name:
            return layer
    raise LookupError(f"{name} in {names()}")


def names() -> list[str]:
    """Return the names of all layers."""
    return [layer.name() for layer in QgsProject.instance().mapLayers().values()]


def show(name: str, visible: bool) -> None:
    """Tick or untick a layer."""
    node = QgsProject.instance().layerTreeRoot().findLayer(layer_of(name).id())
    node.setItemVisibilityChecked(visible)


STORY = Story(walk)
