"""Loading and unloading the plugin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QMainWindow

from uhrs_qgis_plugin import classFactory, runtime

ROOT = Path(__file__).resolve().parents[2]
PROVIDER = "uhrs"


class Window:
    """The part of QgisInterface that the plugin uses."""

    def __init__(self):
        self.window = QMainWindow()
        self.menu = []

    def mainWindow(self):  # noqa: N802 (QGIS)
        return self.window

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
    [(name, action)] = window.menu
    assert name == "UHRS segmentation"
    assert not action.icon().isNull()
    plugin.unload()
    plugin.unload()
    assert window.menu == []
    assert registry.providerById(PROVIDER) is None


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
    """QGIS starts no slower: neither numpy nor onnxruntime nor the pipeline is imported at load."""
    code = (
        "import sys; import uhrs_qgis_plugin.plugin; "
        "print(sorted({'numpy', 'onnxruntime', 'torch', 'uhrs_qgis_plugin.engine.pipeline'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_package_imports_without_qgis():
    """The engine is a library for Pythons that have no QGIS."""
    code = "import sys; sys.modules['qgis'] = None; import uhrs_qgis_plugin.engine; print('fine')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "fine"


@pytest.mark.parametrize(
    ("platform", "prefix", "parts"),
    [
        ("win32", "C:/OSGeo4W", ("OSGeo4W Shell", "python -m pip install onnxruntime")),
        ("darwin", "/Applications/QGIS.app", ("/Applications/QGIS.app/bin/python3", "-m pip install onnxruntime")),
        ("linux", "/venv", ("/venv/bin/python3", "-m pip install onnxruntime")),
        ("linux", sys.base_prefix, (f"{sys.base_prefix}/bin/python3", "pip install --user", "onnxruntime")),
    ],
)
def test_install_advice_fits_the_platform(monkeypatch, platform, prefix, parts):
    """One line with the command for this platform's QGIS."""
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(sys, "prefix", prefix)
    advice = runtime.install_advice()
    assert "\n" not in advice
    for part in parts:
        assert part in advice
    assert ("--user" in advice) == (prefix == sys.base_prefix)
