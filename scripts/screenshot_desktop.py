"""Runs inside the QGIS desktop (`qgis --code`): load a raster, segment it, show both layers, say "ready", quit.

The shell script `screenshot.sh` starts it and takes the picture.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QDockWidget, QMainWindow, QTreeView
from qgis.utils import iface

FOLDER = Path(os.environ["UHRS_FOLDER"])


def show() -> None:
    """Segment the raster and arrange the window."""
    import processing

    window = iface.mainWindow()
    window.setGeometry(0, 0, 1600, 1000)
    image = iface.addRasterLayer(os.environ["UHRS_RASTER"], "image")
    processing.runAndLoadResults(
        "uhrs:segmentraster",
        {
            "INPUT": image,
            "CLASSES": str(FOLDER / "classes.tif"),
            "UNCERTAINTY": str(FOLDER / "uncertainty.tif"),
            **({"MODEL": os.environ["UHRS_MODEL"]} if "UHRS_MODEL" in os.environ else {}),
        },
    )
    root = QgsProject.instance().layerTreeRoot()
    layers = {node.name().split(" ")[0]: node for node in root.findLayers()}
    for node in layers.values():
        node.setExpanded(node.name() != "image")
    hidden = os.environ.get("UHRS_HIDE", "").split()
    for name in hidden:
        layers[name].setItemVisibilityChecked(False)
    show_toolbox(window)
    zoom = float(os.environ.get("UHRS_ZOOM", "1"))
    iface.setActiveLayer(image)
    iface.zoomToActiveLayer()
    iface.mapCanvas().zoomByFactor(1 / zoom)
    iface.mapCanvas().refresh()
    QTimer.singleShot(4000, tell)


def show_toolbox(window: QMainWindow) -> None:
    """Open the Processing Toolbox at this plugin's algorithms."""
    dock = window.findChild(QDockWidget, "ProcessingToolbox")
    dock.show()
    tree = dock.findChild(QTreeView)
    model = tree.model()
    for row in range(model.rowCount()):
        index = model.index(row, 0)
        if "UHRS" in str(model.data(index)):
            tree.expandRecursively(index)
            tree.scrollTo(index)


def tell() -> None:
    """Write down what the project holds, as a sign that the picture can be taken."""
    lines = [
        f"{layer.name()}: {layer.renderer().type()}, {layer.width()} x {layer.height()}"
        for layer in QgsProject.instance().mapLayers().values()
    ]
    (FOLDER / "ready").write_text("\n".join(lines) + "\n")
    wait_for_quit()


def wait_for_quit() -> None:
    """Leave when the picture is taken."""
    if not (FOLDER / "quit").exists():
        QTimer.singleShot(200, wait_for_quit)
        return
    QgsProject.instance().removeAllMapLayers()
    QgsProject.instance().setDirty(False)
    iface.actionExit().trigger()


def start() -> None:
    """Do the work; a failure ends QGIS, so that the shell script sees it."""
    try:
        show()
    except Exception:
        traceback.print_exc()
        os._exit(1)


QTimer.singleShot(500, start)
