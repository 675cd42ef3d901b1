"""What is said where onnxruntime is missing: once, with the command for this platform, and a help without a network."""

from __future__ import annotations

import importlib.util
import sys

import pytest
from qgis.core import Qgis, QgsSettings
from qgis.PyQt.QtWidgets import QApplication, QDialog, QPushButton, QTextBrowser

from tests.qgis.test_plugin import Window
from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.install_help import DISMISSED, InstallHelp
from uhrs_qgis_plugin.installation import window as install_window

OTHER_QGIS = "3.99.0-Elsewhere"


@pytest.fixture
def window(qgis_app):
    """A window of QGIS that was never asked about onnxruntime."""
    QgsSettings().remove(DISMISSED)
    made = Window()
    yield made
    QgsSettings().remove(DISMISSED)
    made.window.deleteLater()


@pytest.fixture
def missing(monkeypatch):
    """A QGIS without onnxruntime."""
    monkeypatch.setattr(runtime, "is_installed", lambda: False)


def started(window):
    """Start the help and let QGIS finish its start."""
    made = InstallHelp(window)
    made.start()
    window.initializationCompleted.emit()
    return made


def test_message_is_calm_and_leads_on(window, missing):
    """An information, not a warning; it stays; nothing pops up before QGIS has started."""
    made = InstallHelp(window)
    made.start()
    assert window.bar.items() == []
    window.initializationCompleted.emit()
    [item] = window.bar.items()
    assert item.level() == Qgis.MessageLevel.Info
    assert item.duration() == 0
    assert "onnxruntime" in item.text()
    assert [button.text() for button in item.findChildren(QPushButton)] == ["Install...", "Help"]
    window.initializationCompleted.emit()
    assert len(window.bar.items()) == 1
    made.stop()


def test_no_message_where_all_is_well(window, monkeypatch):
    """With onnxruntime there is only the entry in the help menu."""
    monkeypatch.setattr(runtime, "is_installed", lambda: True)
    made = started(window)
    assert window.bar.items() == []
    assert [action.text() for action in window.help.actions()] == ["UHRS segmentation: installation"]
    made.stop()
    assert window.help.actions() == []


def test_closing_the_message_is_remembered(window, missing):
    """Not at every start; but another version of QGIS has another Python, and is asked again."""
    made = started(window)
    window.bar.popWidget(window.bar.items()[0])
    made.stop()
    again = started(window)
    assert window.bar.items() == []
    again.stop()
    QgsSettings().setValue(DISMISSED, OTHER_QGIS)
    third = started(window)
    assert len(window.bar.items()) == 1
    third.stop()


def test_unloading_is_no_closing(window, missing):
    """Whoever leaves QGIS without an answer is asked at the next start."""
    made = started(window)
    made.stop()
    made.stop()
    assert window.bar.items() == []
    assert QgsSettings().value(DISMISSED) is None
    again = started(window)
    assert len(window.bar.items()) == 1
    again.stop()


def test_plugin_switched_on_later_speaks_at_once(window, missing):
    """Ticked in the plugin manager, QGIS has long started."""
    window.window.show()
    made = InstallHelp(window)
    made.start()
    assert len(window.bar.items()) == 1
    made.stop()


def test_buttons_copy_and_open_the_help(window, missing):
    """The clipboard holds the command alone; the help is a window with it, and loads nothing from elsewhere."""
    made = started(window)
    item = window.bar.items()[0]
    item.findChild(QPushButton, "uhrsOpenHelp").click()
    opened = window.window.findChild(QDialog, "uhrsInstallHelpWindow")
    assert opened.isVisible()
    opened.findChild(QPushButton, "uhrsCopyCommand").click()
    assert QApplication.clipboard().text() == runtime.install_command()
    shown = opened.findChild(QTextBrowser).toPlainText()
    assert runtime.install_command() in shown
    assert runtime.install_place() in shown
    assert "{" not in shown
    assert "http" not in install_window.page()
    for other in (
        "OSGeo4W Shell",
        "flatpak run",
        "QPIP",
        "Diagnostics",
        "install python3-onnxruntime",
        "3.9",
        "Intel Macs",
    ):
        assert other in shown
    made.stop()


@pytest.fixture
def linux(monkeypatch, tmp_path):
    """A Linux whose Python brings pip and whose folders are ours to fill."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(runtime, "FLATPAK_MARK", str(tmp_path / "flatpak-info"))
    monkeypatch.setattr(runtime.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setattr(runtime, "_has", lambda package: True)
    return tmp_path


def pretend(monkeypatch, folder, *files, executable="QGIS"):
    """Make files in a folder, and take it for the place of Python."""
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    monkeypatch.setattr(sys, "prefix", str(folder))
    monkeypatch.setattr(sys, "executable", str(folder / executable))


def test_windows_names_the_shell(monkeypatch):
    """The only shell that knows QGIS's Python."""
    monkeypatch.setattr(sys, "platform", "win32")
    assert "OSGeo4W Shell" in runtime.install_advice()
    assert runtime.install_command() == "python -m pip install onnxruntime"


@pytest.mark.parametrize("place", ["bin/python3", "MacOS/bin/python3", "MacOS/python"])
def test_macos_names_the_python_inside_qgis(monkeypatch, tmp_path, place):
    """Its place has moved between versions; a space in the path needs quotes."""
    monkeypatch.setattr(sys, "platform", "darwin")
    folder = tmp_path / "QGIS 4.app"
    pretend(monkeypatch, folder, place, executable="MacOS/QGIS")
    assert runtime.install_command() == f'"{folder / place}" -m pip install onnxruntime'


def test_linux_keeps_away_from_the_system(linux):
    """Into the user's own folder, and past the refusal of Debian and others where there is one."""
    assert "pip install --user onnxruntime" in runtime.install_command()
    assert sys.base_prefix in runtime.install_command()
    (linux / "EXTERNALLY-MANAGED").touch()
    assert "pip install --user --break-system-packages onnxruntime" in runtime.install_command()


def test_linux_without_pip(linux, monkeypatch):
    """Debian's QGIS brings none."""
    monkeypatch.setattr(runtime, "_has", lambda package: package != "pip")
    monkeypatch.setattr(runtime, "APT", sys.executable)
    assert runtime.install_command().startswith("sudo apt-get install python3-pip && ")
    monkeypatch.setattr(runtime, "APT", "/nowhere/apt-get")
    assert "apt-get" not in runtime.install_command()


def test_linux_of_other_kinds(linux, monkeypatch):
    """A virtual environment, conda and Flatpak have ways of their own."""
    pretend(monkeypatch, linux / "venv", "bin/python3")
    assert runtime.install_command() == f"{linux}/venv/bin/python3 -m pip install onnxruntime"
    (linux / "venv" / "conda-meta").mkdir()
    assert runtime.install_command() == "conda install -c conda-forge onnxruntime"
    (linux / "flatpak-info").touch()
    assert runtime.install_command().startswith("flatpak run --devel --command=pip3 org.qgis.qgis install --user")


def test_advice_is_one_line():
    assert "\n" not in runtime.install_advice()
    assert runtime.install_command() in runtime.install_advice()


def test_looking_does_not_load(monkeypatch):
    """`is_installed` costs nothing at start: it finds the package and leaves it alone."""
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    assert runtime.is_installed() is (importlib.util.find_spec("onnxruntime") is not None)
    assert "onnxruntime" not in sys.modules
