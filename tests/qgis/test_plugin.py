"""Loading and unloading the plugin."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from qgis.core import QgsApplication
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QAction, QMainWindow, QMenu

from uhrs_qgis_plugin import classFactory

ROOT = Path(__file__).resolve().parents[2]
PROVIDER = "uhrs"


class Window(QObject):
    """The part of QgisInterface that the plugin uses."""

    initializationCompleted = pyqtSignal()  # noqa: N815 (QGIS)

    def __init__(self):
        super().__init__()
        self.window = QMainWindow()
        self.help = QMenu(self.window)
        self.bar = QgsMessageBar(self.window)
        self.menu = []

    def mainWindow(self):  # noqa: N802 (QGIS)
        return self.window

    def pluginHelpMenu(self):  # noqa: N802 (QGIS)
        return self.help

    def messageBar(self):  # noqa: N802 (QGIS)
        return self.bar

    def addPluginToRasterMenu(self, name, action):  # noqa: N802 (QGIS)
        self.menu.append((name, action))

    def removePluginRasterMenu(self, name, action):  # noqa: N802 (QGIS)
        self.menu.remove((name, action))


def test_plugin_adds_and_removes_provider_and_menu(qgis_app, qgis_processing):
    """Whatever `initGui` adds, `unload` takes out, and a second `unload` does no harm."""
    registry = QgsApplication.processingRegistry()
    window = Window()
    plugin = classFactory(window)
    assert registry.providerById(PROVIDER) is None
    plugin.initGui()
    assert registry.algorithmById("uhrs:segmentraster") is not None
    assert {name for name, _ in window.menu} == {"UHRS segmentation"}
    assert [action.objectName() for _, action in window.menu] == [
        "uhrsSegmentRaster",
        "uhrsDrawArea",
        "uhrsReviewRegions",
    ]
    assert not any(action.icon().isNull() for _, action in window.menu)
    plugin.unload()
    plugin.unload()
    assert window.menu == []
    assert window.help.actions() == []
    assert registry.providerById(PROVIDER) is None


def test_reloading_leaves_no_actions_in_the_window(qgis_app, qgis_processing):
    """The window owns the actions: what is only taken out of a menu stays."""
    window = Window()
    for _ in range(3):
        plugin = classFactory(window)
        plugin.initGui()
        plugin.unload()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [action.objectName() for action in window.window.findChildren(QAction)]
    assert [name for name in left if name.startswith("uhrs")] == []


def test_qgis_forgets_every_module_at_unload():
    """A stale module would go on in the next version of the plugin, beside that one's own."""
    code = (
        "import sys\n"
        "from qgis.core import QgsApplication\n"
        "application = QgsApplication([], False)\n"
        "import qgis.utils\n"
        "qgis.utils.available_plugins.append('uhrs_qgis_plugin')\n"
        "import uhrs_qgis_plugin\n"
        "plugin = uhrs_qgis_plugin.classFactory(None)\n"
        "plugin.initProcessing()\n"
        "import importlib\n"
        "from uhrs_qgis_plugin.review import ReviewDock\n"
        "importlib.import_module('uhrs_qgis_plugin.engine.raster.gdal_backend.reading')\n"  # as engine.raster does
        "plugin.unload()\n"
        "qgis.utils._unloadPluginModules('uhrs_qgis_plugin')\n"
        "print(sorted(name for name in sys.modules if name.startswith('uhrs_qgis_plugin')))\n"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_menu_entry_opens_the_dialog(qgis_app, qgis_processing, monkeypatch):
    """The menu entry is a way to the algorithm's dialog."""
    import processing

    opened = []
    monkeypatch.setattr(processing, "execAlgorithmDialog", lambda *call: opened.append(call))
    window = Window()
    plugin = classFactory(window)
    plugin.initGui()
    window.menu[0][1].trigger()
    plugin.unload()
    assert opened == [("uhrs:segmentraster", {})]


def test_qgis_process_needs_no_window(qgis_app, qgis_processing):
    """`qgis_process` makes the plugin without an interface and calls `initProcessing` only."""
    plugin = classFactory(None)
    plugin.initProcessing()
    assert QgsApplication.processingRegistry().algorithmById("uhrs:segmentraster") is not None
    plugin.unload()


def test_loading_imports_nothing_heavy():
    """QGIS starts no slower: of what `qgis_process` and the desktop run at start, nothing imports a library.

    But for osgeo, which Processing itself imports.
    """
    code = (
        "import sys\n"
        "from qgis.core import QgsApplication\n"
        "application = QgsApplication([], False)\n"
        "before = set(sys.modules)\n"
        "import uhrs_qgis_plugin\n"
        "plugin = uhrs_qgis_plugin.classFactory(None)\n"
        "plugin.initProcessing()\n"
        "import uhrs_qgis_plugin.install_help\n"
        "ours = {name for name in sys.modules if name.startswith('uhrs_qgis_plugin.')}\n"
        "others = {name.split('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)\n"
        "others = {name for name in others if not name.startswith('swig_runtime')} - {'osgeo'}\n"
        "ran = 'uhrs_qgis_plugin.engine.segmentation.pipeline' in ours\n"
        "print(sorted(others), ran, len(plugin.provider.algorithms()) > 3)\n"
        "plugin.unload()\n"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['qgis', 'uhrs_qgis_plugin'] False True"


def test_package_imports_without_qgis():
    """The engine is a library for Pythons that have no QGIS."""
    code = "import sys; sys.modules['qgis'] = None; import uhrs_qgis_plugin.engine; print('fine')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "fine"
