"""The way to the review: a menu entry, a dock that is made when it is wanted, and nothing left after unloading."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QDockWidget

from tests.qgis.review.cases import table
from tests.qgis.test_plugin import Window
from uhrs_qgis_plugin import classFactory

ROOT = Path(__file__).resolve().parents[3]


class MapWindow(Window):
    """A window with a map and docks."""

    def __init__(self, canvas):
        super().__init__()
        self.canvas = canvas
        self.window.setCentralWidget(canvas)
        self.window.show()

    def mapCanvas(self):  # noqa: N802 (QGIS)
        return self.canvas

    def activeLayer(self):  # noqa: N802 (QGIS)
        return None

    def addDockWidget(self, area, dock):  # noqa: N802 (QGIS)
        self.window.addDockWidget(area, dock)

    def removeDockWidget(self, dock):  # noqa: N802 (QGIS)
        self.window.removeDockWidget(dock)


@pytest.fixture
def window(canvas, qgis_processing):
    return MapWindow(canvas)


def test_the_menu_entry_opens_the_dock(window, path, add):
    """Once made, it is shown again; the regions of the project are open in it; unloading takes it out."""
    add(path)
    plugin = classFactory(window)
    plugin.initGui()
    assert plugin.dock is None
    [action] = [action for _, action in window.menu if action.objectName() == "uhrsReviewRegions"]
    action.trigger()
    dock = plugin.dock
    assert window.window.findChildren(QDockWidget) == [dock]
    assert dock.isVisible()
    assert dock.controller.progress_text() == "0 of 6, 0 % of the doubtful area"
    assert dock.controller.judge("right")
    dock.hide()
    assert plugin.open_review() is dock.controller
    assert plugin.dock is dock
    assert dock.isVisible()
    assert dock.controller.progress_text().startswith("1 of 6")
    plugin.unload()
    plugin.unload()
    assert window.menu == []
    assert plugin.dock is None
    assert table(path)[6][0] == "right"
    QgsProject.instance().clear()


def test_the_dock_without_regions(window):
    plugin = classFactory(window)
    plugin.initGui()
    review = plugin.open_review()
    assert review.session is None
    assert "Choose above the regions" in review.message()
    plugin.unload()


def test_loading_the_plugin_does_not_load_the_panel():
    """Nor its map tools and widgets: QGIS starts no slower for a review that may never be opened."""
    code = (
        "import sys; import uhrs_qgis_plugin.plugin, uhrs_qgis_plugin.review; "
        "print([name for name in sys.modules if name.startswith('uhrs_qgis_plugin.review.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_panel_loads_no_numpy():
    """Opening it is quick. Newer QGIS brings numpy itself, and what is loaded costs nothing more."""
    code = (
        "import sys; import qgis.core; before = set(sys.modules); import uhrs_qgis_plugin.review.dock; "
        "heavy = {'numpy', 'onnxruntime', 'uhrs_qgis_plugin.engine.segmentation.pipeline'}; "
        "print(sorted(heavy & (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
