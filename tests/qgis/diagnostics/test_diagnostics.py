"""`uhrs:diagnostics`: versions, devices, a short run; says what is broken and never fails on it."""

from __future__ import annotations

import json
import os
import tempfile
from html.parser import HTMLParser

import pytest
from osgeo import gdal
from qgis.core import Qgis, QgsApplication, QgsProcessingException

from tests.qgis.segment.test_qgis_process import without_onnxruntime  # noqa: F401 (a fixture)
from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.engine.diagnostics import installation, self_test
from uhrs_qgis_plugin.engine.inference import devices

NAMES = (
    *("QGIS", "Qt", "Plugin", "System", "Processor", "Python", "numpy", "GDAL", "onnxruntime", "Devices", "Model"),
    "Self-test",
)


class Words(HTMLParser):
    """Collects the text and counts the tags of a page."""

    def __init__(self, text):
        super().__init__()
        self.text, self.tags = "", []
        self.feed(text)

    def handle_data(self, data):
        self.text += data

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)


@pytest.fixture
def diagnose(provider, context, feedback, tiny_model, monkeypatch, tmp_path):
    """Run the algorithm with the tiny model; keywords replace parameters."""
    import processing

    monkeypatch.setattr(runtime, "DEFAULT_MODEL", tiny_model)
    monkeypatch.setattr(self_test, "LARGEST_SIDE", self_test.TRIAL_SIDE)  # quick: speed is no matter here

    def run(**changes):
        parameters = {"REPORT": str(tmp_path / "report.txt"), **changes}
        return processing.run("uhrs:diagnostics", parameters, context=context, feedback=feedback)

    return run


def test_algorithm_describes_itself(provider):
    algorithm = QgsApplication.processingRegistry().algorithmById("uhrs:diagnostics")
    assert (algorithm.displayName(), algorithm.groupId()) == ("Diagnostics", "help")
    assert not algorithm.icon().isNull()
    assert algorithm.canExecute()[0]
    for parameter in algorithm.parameterDefinitions():
        assert parameter.help()
        assert parameter.help() in algorithm.shortHelpString()


def test_text_has_versions_devices_and_speed(diagnose, feedback, tmp_path):
    """The lines of the log are those of the file, and those of the result."""
    results = diagnose()
    assert results["WORKS"] is True
    text = (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert results["TEXT"] == text
    values = dict(line.split(":", 1) for line in text.splitlines()[1:-1])
    assert tuple(values) == NAMES
    assert Qgis.QGIS_VERSION in values["QGIS"]
    assert gdal.__version__ in values["GDAL"]
    assert "cpu" in values["Devices"]
    assert float(values["Self-test"].split("works, ")[1].split(" ")[0]) > 0
    for line in text.splitlines()[1:]:
        assert line in feedback.lines
    assert os.listdir(tmp_path) == ["report.txt"]


def test_page_holds_the_same_text(diagnose, tmp_path):
    """No scripts, nothing from elsewhere."""
    results = diagnose(REPORT=str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert results["REPORT"] == str(tmp_path / "report.html")
    assert results["TEXT"] in Words(page).text
    assert {"script", "link", "img"}.isdisjoint(Words(page).tags)
    assert "http" not in page


def test_nothing_private_is_told(diagnose, monkeypatch, tmp_path):
    """Errors of libraries name files: their places become words."""
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setitem(os.environ, "USERPROFILE", "/home/ada")
    places = f"/home/ada/onnx.so and {tempfile.gettempdir()}/x/y.img"

    def broken():
        raise ImportError(f"cannot load {places}")

    monkeypatch.setattr(installation, "import_onnxruntime", broken)
    text = diagnose()["TEXT"]
    assert "broken: ImportError: cannot load ~/onnx.so and <temporary>/x/y.img" in text
    for place in ("/home/ada", tempfile.gettempdir(), str(tmp_path), os.path.dirname(installation.__file__)):
        assert place not in text


@pytest.mark.parametrize(
    "error", [OSError("DLL load failed"), AttributeError("_ARRAY_API not found"), SystemError("initialisation failed")]
)
def test_broken_onnxruntime_is_told(diagnose, feedback, monkeypatch, error):
    """Whatever a library raises while it loads, the other lines are there."""

    def broken():
        raise error

    monkeypatch.setattr(installation, "import_onnxruntime", broken)
    monkeypatch.setattr(devices, "import_onnxruntime", broken)
    results = diagnose()
    assert results["WORKS"] is False
    assert str(error) in results["TEXT"]
    assert results["TEXT"].count("<-- broken") >= 2
    assert gdal.__version__ in results["TEXT"]
    assert any("Broken: onnxruntime" in line for line in feedback.lines)


def test_damaged_model_and_device_that_is_not_there(diagnose, monkeypatch, tmp_path):
    """Both are lines, not errors."""
    assert "Device 'directml' is not available here" in diagnose(DEVICE="directml")["TEXT"]
    damaged = tmp_path / "damaged.uhrs"
    damaged.write_bytes(b"no zip")
    monkeypatch.setattr(runtime, "DEFAULT_MODEL", str(damaged))
    results = diagnose()
    assert results["WORKS"] is False
    assert "broken: see Model" in results["TEXT"]


def test_file_that_cannot_be_written(diagnose, feedback, tmp_path):
    """The lines are in the log and in the result all the same."""
    results = diagnose(REPORT=str(tmp_path / "report.txt" / "below.txt"))
    assert results["WORKS"] is True
    assert "cannot be written" in " ".join(feedback.errors)
    (tmp_path / "file").write_text("in the way")
    results = diagnose(REPORT=str(tmp_path / "file" / "below.txt"))
    assert "REPORT" not in results
    assert "Self-test" in results["TEXT"]


def test_cancelled(diagnose, feedback, tmp_path):
    feedback.cancel()
    with pytest.raises(QgsProcessingException, match="Cancelled: nothing was written"):
        diagnose()
    assert os.listdir(tmp_path) == []


def test_from_outside_without_onnxruntime(qgis_process, without_onnxruntime, tmp_path):  # noqa: F811 (the fixture)
    """Exit 0, and what to do."""
    report = tmp_path / "report.txt"
    done = qgis_process("--json", "run", "uhrs:diagnostics", "--", f"REPORT={report}", **without_onnxruntime)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["WORKS"] is False
    assert "The package onnxruntime is missing" in report.read_text()
    assert "-m pip install onnxruntime" in done.stdout
    assert str(tmp_path) not in report.read_text()
