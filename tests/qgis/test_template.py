"""What all algorithms share: checks, errors, cancel, help, and the state between QGIS's calls."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from qgis.core import QgsProcessingException, QgsProcessingParameterNumber, QgsProcessingParameterRasterDestination

import uhrs_qgis_plugin
from uhrs_qgis_plugin.algorithms.base import REVIEW, Outcome, UhrsAlgorithm
from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, OutputError

PLUGIN = Path(uhrs_qgis_plugin.__file__).parent


class Halve(UhrsAlgorithm):
    """Halves even numbers."""

    NAME = "halve"
    TITLE = "Halve"
    GROUP = REVIEW
    TAGS = "half,number"
    SUMMARY = "Halves a number."
    PARAMETERS = {  # noqa: RUF012 (as in the algorithms)
        "NUMBER": Parameter("Number", "An even number.", QgsProcessingParameterNumber, {"defaultValue": 4}),
        "RASTER": Parameter("Raster", "Not written.", QgsProcessingParameterRasterDestination, {"optional": True}),
        "STEP": Parameter("Step", "Unused.", QgsProcessingParameterNumber, {"optional": True}, advanced=True),
    }
    OUTPUTS = {"HALF": Output("Half", "The half of it.")}  # noqa: RUF012
    failure = None

    def read(self, values):
        number = values.integer("NUMBER")
        if number % 2:
            raise OptionsError(f"NUMBER={number} is odd: choose an even one.")
        return number

    def work(self, job, values, feedback):
        if self.failure is not None:
            raise self.failure
        return Outcome({"HALF": job // 2})


@pytest.fixture
def halve(qgis_app):
    algorithm = Halve()
    algorithm.initAlgorithm()
    return algorithm


def test_a_run(halve, context, feedback):
    assert halve.checkParameterValues({"NUMBER": 8}, context) == (True, "")
    assert halve.prepareAlgorithm({"NUMBER": 8}, context, feedback)
    assert halve.processAlgorithm({"NUMBER": 8}, context, feedback) == {"HALF": 4}
    assert halve.postProcessAlgorithm(context, feedback) == {}


def test_bad_values_are_one_line_before_the_run_and_an_error_in_it(halve, context, feedback):
    assert halve.checkParameterValues({"NUMBER": 7}, context) == (False, "NUMBER=7 is odd: choose an even one.")
    with pytest.raises(QgsProcessingException, match="NUMBER=7 is odd"):
        halve.prepareAlgorithm({"NUMBER": 7}, context, feedback)
    fine, problem = halve.checkParameterValues({"NUMBER": 8, "RASTER": "/tmp/x.png"}, context)
    assert not fine
    assert problem == "'/tmp/x.png' is no GeoTIFF by its name: end the name of RASTER with .tif or .tiff."


@pytest.mark.parametrize(
    ("failure", "text"),
    [(OutputError("The disk is full."), "The disk is full."), (CancelledError(), "Cancelled: nothing was written.")],
)
def test_errors_of_the_work(halve, context, feedback, failure, text):
    halve.prepareAlgorithm({"NUMBER": 8}, context, feedback)
    halve.failure = failure
    with pytest.raises(QgsProcessingException) as caught:
        halve.processAlgorithm({"NUMBER": 8}, context, feedback)
    assert str(caught.value) == text
    assert halve.postProcessAlgorithm(context, feedback) == {}


def test_a_run_that_was_not_prepared(halve, context, feedback):
    with pytest.raises(QgsProcessingException, match="not prepared"):
        halve.processAlgorithm({"NUMBER": 8}, context, feedback)
    halve.prepareAlgorithm({"NUMBER": 8}, context, feedback)
    with pytest.raises(QgsProcessingException, match="not prepared"):  # a copy shares nothing
        halve.createInstance().processAlgorithm({"NUMBER": 8}, context, feedback)


def test_what_is_not_installed_stops_a_script_too(halve, context, feedback, monkeypatch):
    monkeypatch.setattr(Halve, "canExecute", lambda self: (False, "Install it."))
    with pytest.raises(QgsProcessingException, match=r"Install it\."):
        halve.prepareAlgorithm({"NUMBER": 8}, context, feedback)


def test_description_comes_from_the_data(halve, monkeypatch):
    assert (halve.name(), halve.displayName(), halve.groupId(), halve.tags()) == (
        "halve", "Halve", "review", ["half", "number"]
    )  # fmt: skip
    names = [parameter.name() for parameter in halve.parameterDefinitions()]
    assert names == ["NUMBER", "RASTER", "STEP"]
    assert halve.parameterDefinition("NUMBER").defaultValue() == 4
    assert halve.parameterDefinition("STEP").flags() & halve.parameterDefinition("STEP").FlagAdvanced
    assert [output.name() for output in halve.outputDefinitions()] == ["RASTER", "HALF"]
    assert re.findall("<h3>(.*?)</h3>", halve.shortHelpString()) == ["Parameters", "Outputs"]
    assert "<b>Half</b><br>The half of it." in halve.shortHelpString()
    monkeypatch.setattr(Halve, "OUTPUTS", {})
    assert re.findall("<h3>(.*?)</h3>", halve.shortHelpString()) == ["Parameters"]


def test_versions_of_qgis_are_asked_for_in_one_file():
    asking = re.compile(r"hasattr\(Qgis,|QGIS_VERSION_INT")
    files = [path.relative_to(PLUGIN).as_posix() for path in PLUGIN.rglob("*.py") if asking.search(path.read_text())]
    assert files == ["layers/qgis_versions.py"]
