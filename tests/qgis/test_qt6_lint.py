"""The linter for Qt 6: what it must find, what it must leave alone, and that the plugin passes."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from qgis.core import Qgis

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "check_qt6.py"
IMPORTS = (
    "from qgis.PyQt import QtCore, QtWidgets\n"
    "from qgis.PyQt.QtCore import QMetaType, Qt, QVariant\n"
    "from qgis.PyQt.QtWidgets import QDialog, QMessageBox\n"
    "from qgis.core import Qgis, QgsFeatureSink, QgsProcessingParameterNumber, QgsRasterLayer, QgsWkbTypes\n"
)
LAYER_TYPE = "Qgis.LayerType" if hasattr(Qgis, "LayerType") else "QgsMapLayerType"  # moved in QGIS 3.30
LINES = IMPORTS.count("\n")


@pytest.fixture(scope="module")
def script():
    """The script as a module: importing PyQGIS again for each call would take seconds."""
    spec = importlib.util.spec_from_file_location("check_qt6", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def check(script):
    members = script.enum_members()
    return lambda code: script.check(IMPORTS + code, members)


@pytest.mark.parametrize(
    ("code", "instead"),
    [
        ("role = Qt.DisplayRole", "Qt.ItemDataRole.DisplayRole"),
        ("role = QtCore.Qt.UserRole", "Qt.ItemDataRole.UserRole"),
        ("key = Qt.Key_Left", "Qt.Key.Key_Left"),
        ("answer = QMessageBox.Yes", "QMessageBox.StandardButton.Yes"),
        ("kind = QgsWkbTypes.PolygonGeometry", "QgsWkbTypes.GeometryType.PolygonGeometry"),
        ("level = Qgis.Warning", "Qgis.MessageLevel.Warning"),
        ("flag = QgsFeatureSink.FastInsert", "QgsFeatureSink.Flag.FastInsert"),
        ("kind = QgsProcessingParameterNumber.Double", "QgsProcessingParameterNumber.Type.Double"),
        ("kind = QgsRasterLayer.VectorLayer", f": write {LAYER_TYPE}.VectorLayer"),
        ("policy = QtWidgets.QSizePolicy.Expanding", "QSizePolicy.Policy.Expanding"),
        ("done = dialog.Accepted", "DialogCode.Accepted"),
        ("done = self.dialog.exec() == self.dialog.Accepted", "DialogCode.Accepted"),
        ("class Mine(QDialog):\n    pass\ndone = Mine.Accepted", "QDialog.DialogCode.Accepted"),
        ("from qgis.PyQt.QtCore import Qt as Q\nrole = Q.EditRole", "Qt.ItemDataRole.EditRole"),
        ("dialog.exec_()", "exec()"),
        ("from PyQt5.QtCore import QObject", "from qgis.PyQt"),
        ("import PyQt6.QtWidgets", "from qgis.PyQt"),
        ("import sip", "from qgis.PyQt"),
        ("kind = QVariant.Int", "QMetaType.Type"),
        ("kind = QVariant.Type.Int", "QMetaType.Type"),
        ("if Qgis.QGIS_VERSION_INT >= 33800:\n    kind = QVariant.Int", "QMetaType.Type"),
    ],
)
def test_finds(check, code, instead):
    """One finding, on the line of the code, that says what to write."""
    [finding] = check(code)
    assert finding.line == LINES + code.count("\n") + 1
    assert instead in finding.text


@pytest.mark.parametrize(
    "code",
    [
        "role = Qt.ItemDataRole.DisplayRole",
        "answer = QMessageBox.StandardButton.Yes",
        "done = self.dialog.DialogCode.Accepted",
        "kind = QMetaType.Type.Int",
        "KINDS = QMetaType.Type\nkind = KINDS.Int",
        "level = Qgis.MessageLevel.Warning",
        "newer = Qgis.ProcessingSourceType.Vector",
        "driver.Create(name)",
        "from qgis.PyQt import sip",
        "dialog.exec()",
        "import gdal_like as other\nkind = other.Double",
        "class Job:\n    CLASSES = 1\nname = Job.CLASSES",
        "self.INPUT = self.CLASSES",
        "if Qgis.QGIS_VERSION_INT >= 33800:\n    kind = QMetaType.Type.Int\nelse:\n    kind = QVariant.Int",
        "kind = Qgis.WkbType.Polygon if hasattr(Qgis, 'WkbType') else QgsWkbTypes.Polygon",
    ],
)
def test_leaves_alone(check, code):
    assert check(code) == []


def test_files_without_qgis_are_not_guessed_at(script, capsys):
    """The engine's own names may look like members of enums."""
    assert script.main([str(ROOT / "uhrs_qgis_plugin" / "engine")]) == 0
    assert capsys.readouterr().out == ""


def test_plugin_and_scripts_are_ready(script, capsys):
    """What `make lint` runs."""
    script.main([str(ROOT / "uhrs_qgis_plugin"), str(ROOT / "scripts")])
    assert capsys.readouterr().out == ""


def test_from_the_command_line(tmp_path):
    """It ends with 1 where there is something to mend, and names the place as editors understand it."""
    bad = tmp_path / "bad.py"
    bad.write_text("from qgis.PyQt.QtCore import Qt\nrole = Qt.DisplayRole\n")
    done = subprocess.run([sys.executable, SCRIPT, tmp_path], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, f"{bad}:2:8: Qt.DisplayRole: write Qt.ItemDataRole.DisplayRole\n")


def test_wrong_usage_is_told(script, tmp_path):
    with pytest.raises(SystemExit, match="does not exist"):
        script.main([str(tmp_path / "nothing")])
