"""A person works with the installed plugin: Toolbox, dialog, run, layers, review, correction."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import qgis.utils
from qgis.core import (
    QgsApplication,
    QgsGeometry,
    QgsLayerTreeGroup,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QModelIndex, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QTreeView
from qgis.utils import iface
from steps import FOLDER, Story, Waiting, hide_docks, is_drawn, later, window

NAME = "uhrs_qgis_plugin"
RASTER = os.environ["UHRS_DESKTOP_RASTER"]
CLASSES, UNCERTAINTY, REGIONS = (str(FOLDER / name) for name in ("classes.tif", "uncertainty.tif", "regions.gpkg"))
DIALOG = (150, 110, 980, 620)  # x, y, width and height: wide enough for the labels
FEW = 12  # regions
REVIEWER = "ada"


def review(story: Story) -> Iterator[Waiting]:
    """The whole walk."""
    story.state["load seconds"] = qgis.utils.plugin_times[NAME]
    story.state["messages"] = [item.text() for item in iface.messageBar().items()]
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
    """List the algorithms below a provider, whatever groups they are in."""
    model = index.model()
    for row in range(model.rowCount(index)):
        child = model.index(row, 0, index)
        if model.rowCount(child):
            yield from leaves(child)
        else:
            yield child


def segment(story: Story) -> Iterator[Waiting]:
    """Open the dialog from the menu, fill it in, run it."""
    image = iface.addRasterLayer(RASTER, "image")
    iface.setActiveLayer(image)
    yield 0.5
    yield is_drawn
    later(iface.mainWindow().findChild(QAction, "uhrsSegmentRaster").trigger)
    yield from run_dialog(
        story, "Segment raster", {"CLASSES": to_load(CLASSES), "UNCERTAINTY": to_load(UNCERTAINTY)}, "dialog"
    )


def to_load(path: str) -> QgsProcessingOutputLayerDefinition:
    """A file to write, with the tick at "Open output file after running algorithm"."""
    return QgsProcessingOutputLayerDefinition(path, QgsProject.instance())


def run_dialog(story: Story, title: str, values: dict[str, Any], picture: str = "") -> Iterator[Waiting]:
    """Fill in the dialog of an algorithm, run it, close it."""
    yield lambda: window(title) is not None
    dialog = window(title)
    before = len(QgsProject.instance().mapLayers())
    dialog.setGeometry(*DIALOG)
    yield 0.5
    if picture:
        story.picture(picture)
    dialog.setParameters(values)
    dialog.runButton().click()
    yield lambda: len(QgsProject.instance().mapLayers()) > before and not dialog.cancelButton().isEnabled()
    dialog.close()
    yield lambda: window(title) is None


def look_at_layers(story: Story) -> Iterator[Waiting]:
    """Note how the results have come into the project."""
    yield lambda: len(layers()) >= 3
    root = QgsProject.instance().layerTreeRoot()
    groups = [child for child in root.children() if isinstance(child, QgsLayerTreeGroup)]
    story.state["groups"] = {group.name(): [node.layer().name() for node in group.findLayers()] for group in groups}
    story.state["layers"] = {layer.name(): describe(layer) for layer in layers() if isinstance(layer, QgsRasterLayer)}
    yield 0.5
    yield is_drawn
    story.picture("result")


def layers() -> list[Any]:
    """All layers of the project."""
    return list(QgsProject.instance().mapLayers().values())


def describe(layer: QgsRasterLayer) -> dict[str, Any]:
    """Tell how a layer is drawn and described."""
    return {
        "source": os.path.basename(layer.source()),
        "renderer": layer.renderer().type(),
        "abstract": layer.metadata().abstract(),
        "legend": [label for label, _ in layer.legendSymbologyItems()],
    }


def find_regions(story: Story) -> Iterator[Waiting]:
    """Run `uhrs:uncertainregions` from the Toolbox."""
    import processing

    values = {"UNCERTAINTY": UNCERTAINTY, "CLASSES": CLASSES, "TOP": 5, "LIMIT": FEW, "OUTPUT": to_load(REGIONS)}
    later(lambda: processing.execAlgorithmDialog("uhrs:uncertainregions", {}))
    yield from run_dialog(story, "Uncertain regions", values)


def judge(story: Story) -> Iterator[Waiting]:
    """Open the review, step through regions, judge three of them, take one back."""
    hide_docks("ProcessingToolbox")
    iface.mainWindow().findChild(QAction, "uhrsReviewRegions").trigger()
    dock = qgis.utils.plugins[NAME].dock
    yield lambda: dock.isVisible() and dock.region() is not None
    state = story.state["review"] = {"shown": [dock.region().rank], "progress": [dock.progress_text()]}
    for by in (1, 1, -1, -1):
        dock.step(by)
        state["shown"].append(dock.region().rank)
        yield is_drawn
    dock.panel.reviewer.setText(REVIEWER)
    dock.panel.reviewer.editingFinished.emit()
    dock.panel.list.setFocus()
    yield from press(dock, Qt.Key.Key_R, state)
    yield from press(dock, Qt.Key.Key_S, state)
    state["wrong saved"] = dock.judge("wrong", "water")
    state["progress"].append(dock.progress_text())
    yield from press(dock, Qt.Key.Key_R, state)
    state["undone"] = dock.undo()
    state["progress"].append(dock.progress_text())
    state["message"] = dock.message()


def press(dock: Any, key: Qt.Key, state: dict[str, Any]) -> Iterator[Waiting]:  # noqa: ANN401 (a class of the plugin)
    """Press a key of the review, as a hand does."""
    QTest.keyClick(dock.panel.list, key)
    yield 0.3
    yield is_drawn
    state["progress"].append(dock.progress_text())


def draw(story: Story) -> Iterator[Waiting]:
    """Draw a correction in the middle of the map."""
    dock = qgis.utils.plugins[NAME].dock
    box = iface.mapCanvas().extent()
    box.scale(0.3)
    story.state["drawn"] = dock.draw(QgsGeometry.fromRect(box), "building")
    story.state["draw message"] = dock.message()
    yield 1.0
    yield is_drawn
    story.picture("review")
    story.state["errors"] = python_errors()


def python_errors() -> list[str]:
    """Titles of the windows in which QGIS shows errors of Python."""
    shown: Callable[[], Any] = QgsApplication.topLevelWidgets
    return [
        widget.windowTitle() for widget in shown() if widget.isVisible() and "error" in widget.windowTitle().lower()
    ]


STORY = Story(review)
