"""Story: the installed plugin in use, from Toolbox and dialog over the layers to review and correction."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import qgis.utils
from qgis.core import (
    QgsApplication,
    QgsGeometry,
    QgsLayerTreeGroup,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QModelIndex, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QTreeView
from qgis.utils import iface

from scripts.desktop.dialogs import count_layers, run, to_load, use, wait_for
from scripts.desktop.steps import FOLDER, Story, Waiting, hide_docks, is_drawn, later, window

NAME = "uhrs_qgis_plugin"
RASTER = os.environ["UHRS_DESKTOP_RASTER"]
CLASSES, UNCERTAINTY, REGIONS = (str(FOLDER / name) for name in ("classes.tif", "uncertainty.tif", "regions.gpkg"))
DIALOG = (150, 110, 980, 620)  # left, top, width, height in pixels: wide enough for the labels
FEW = 12  # regions
REVIEWER = "ada"
OF_QGIS = "Open Sans"  # QGIS 3.40 says that it could not fetch this font, where there is no network


def review(story: Story) -> Iterator[Waiting]:
    """Run the whole story."""
    story.state["load seconds"] = qgis.utils.plugin_times[NAME]
    texts = [item.text() for item in iface.messageBar().items()]
    story.state["messages"] = [text for text in texts if OF_QGIS not in text]
    hide_docks("Browser")
    yield from look_at_toolbox(story)
    yield from segment(story)
    yield from look_at_layers(story)
    yield from find_regions(story)
    yield from judge(story)
    yield from draw(story)


def look_at_toolbox(story: Story) -> Iterator[Waiting]:
    """Open the Toolbox and read the names and icons of the provider's branch."""
    iface.mainWindow().findChild(QDockWidget, "ProcessingToolbox").show()
    tree = iface.mainWindow().findChild(QDockWidget, "ProcessingToolbox").findChild(QTreeView)
    yield lambda: tree.model() is not None and branch(tree).isValid()
    top = branch(tree)
    tree.expandRecursively(top)
    tree.scrollTo(top, QTreeView.ScrollHint.PositionAtTop)
    story.state["toolbox"] = {
        str(index.data()): not index.data(Qt.ItemDataRole.DecorationRole).isNull() for index in leaves(top)
    }
    story.state["provider icon"] = not top.data(Qt.ItemDataRole.DecorationRole).isNull()


def branch(tree: QTreeView) -> QModelIndex:
    """Find the provider in the Toolbox."""
    model = tree.model()
    rows = [model.index(row, 0) for row in range(model.rowCount())]
    return next((index for index in rows if str(index.data()).startswith("UHRS")), QModelIndex())


def leaves(index: QModelIndex) -> Iterator[QModelIndex]:
    """List the algorithms of a provider, in whatever groups."""
    model = index.model()
    for row in range(model.rowCount(index)):
        child = model.index(row, 0, index)
        if model.rowCount(child):
            yield from leaves(child)
        else:
            yield child


def segment(story: Story) -> Iterator[Waiting]:
    """Open the dialog from the menu, fill it in, run it."""
    title = "Segment raster"
    image = iface.addRasterLayer(RASTER, "image")
    iface.setActiveLayer(image)
    yield 0.5
    yield is_drawn
    later(iface.mainWindow().findChild(QAction, "uhrsSegmentRaster").trigger)
    yield from wait_for(title, DIALOG)
    yield 1.5  # until it says what the run will take
    story.picture("dialog")  # before the paths of this machine are filled in
    window(title).setParameters({"CLASSES": to_load(CLASSES), "UNCERTAINTY": to_load(UNCERTAINTY)})
    yield from run(title, lambda: count_layers() >= 3)


def look_at_layers(story: Story) -> Iterator[Waiting]:
    """Record how the results were added to the project."""
    root = QgsProject.instance().layerTreeRoot()
    groups = [child for child in root.children() if isinstance(child, QgsLayerTreeGroup)]
    story.state["groups"] = {group.name(): [node.layer().name() for node in group.findLayers()] for group in groups}
    story.state["layers"] = {layer.name(): describe(layer) for layer in layers() if isinstance(layer, QgsRasterLayer)}
    yield 0.5
    yield is_drawn
    story.picture("result")


def layers() -> list[Any]:
    """Return all layers of the project."""
    return list(QgsProject.instance().mapLayers().values())


def describe(layer: QgsRasterLayer) -> dict[str, Any]:
    """Record how a layer is drawn and described."""
    return {
        "source": os.path.basename(layer.source()),
        "renderer": layer.renderer().type(),
        "abstract": layer.metadata().abstract(),
        "legend": [label for label, _ in layer.legendSymbologyItems()],
    }


def find_regions(story: Story) -> Iterator[Waiting]:
    """Run `uhrs:uncertainregions` from the Toolbox."""
    values = {"UNCERTAINTY": UNCERTAINTY, "CLASSES": CLASSES, "TOP": 5, "LIMIT": FEW, "OUTPUT": to_load(REGIONS)}
    before = count_layers()
    yield from use(story, "Uncertain regions", values, lambda: count_layers() > before)


def judge(story: Story) -> Iterator[Waiting]:
    """Open the review, step through regions, judge three of them, undo one."""
    hide_docks("ProcessingToolbox")
    iface.mainWindow().findChild(QAction, "uhrsReviewRegions").trigger()
    yield lambda: qgis.utils.plugins[NAME].dock.isVisible()
    controller = qgis.utils.plugins[NAME].dock.controller
    yield lambda: controller.region() is not None
    state = story.state["review"] = {"shown": [controller.region().rank], "progress": [controller.progress_text()]}
    for by in (1, 1, -1, -1):
        controller.step(by)
        state["shown"].append(controller.region().rank)
        yield is_drawn
    controller.panel.reviewer.setText(REVIEWER)
    controller.panel.reviewer.editingFinished.emit()
    controller.panel.list.setFocus()
    yield from press(controller, Qt.Key.Key_R, state)
    yield from press(controller, Qt.Key.Key_S, state)
    state["wrong saved"] = controller.judge("wrong", "water")
    state["progress"].append(controller.progress_text())
    yield from press(controller, Qt.Key.Key_R, state)
    state["undone"] = controller.undo()
    state["progress"].append(controller.progress_text())
    state["message"] = controller.message()


def press(controller: Any, key: Qt.Key, state: dict[str, Any]) -> Iterator[Waiting]:  # noqa: ANN401 (a class of the plugin)
    """Press a key of the review."""
    QTest.keyClick(controller.panel.list, key)
    yield 0.3
    yield is_drawn
    state["progress"].append(controller.progress_text())


def draw(story: Story) -> Iterator[Waiting]:
    """Draw a correction in the middle of the map."""
    controller = qgis.utils.plugins[NAME].dock.controller
    box = iface.mapCanvas().extent()
    box.scale(0.3)
    story.state["drawn"] = controller.draw(QgsGeometry.fromRect(box), "building")
    story.state["draw message"] = controller.message()
    yield 1.0
    yield is_drawn
    story.picture("review")
    story.state["errors"] = python_errors()


def python_errors() -> list[str]:
    """Return the titles of the windows in which QGIS shows Python errors."""
    shown: Callable[[], Any] = QgsApplication.topLevelWidgets
    return [
        widget.windowTitle() for widget in shown() if widget.isVisible() and "error" in widget.windowTitle().lower()
    ]


STORY = Story(review)
