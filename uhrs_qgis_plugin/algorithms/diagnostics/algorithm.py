"""`uhrs:diagnostics`: what is installed, whether it works and how fast, as text for a bug report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsProcessingFeedback,
    QgsProcessingOutputBoolean,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
)
from qgis.PyQt.QtCore import PYQT_VERSION_STR, qVersion

from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.algorithms.base import HELP, Outcome, UhrsAlgorithm, watch_of
from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter, ParameterValues
from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.files import replacing

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.diagnostics import Fact, Probe


class DiagnosticsAlgorithm(UhrsAlgorithm):
    """Inspects the installation; runs without onnxruntime too."""

    NAME = "diagnostics"
    TITLE = "Diagnostics"
    GROUP = HELP
    TAGS = "version,install,onnxruntime,gpu,device,speed,benchmark,bug report,troubleshooting"
    SUMMARY = (
        "Lists the versions of everything that takes part, the devices that were found, and the speed of a short run "
        "of the bundled model on a generated raster. What is broken is told, not stumbled over. The text is for a bug "
        "report: it holds no paths, names, layers or projects of yours, and it is not sent anywhere."
    )
    PARAMETERS = {
        "DEVICE": Parameter(
            "Device to test",
            "Where the short run computes: auto takes the best that is found.",
            QgsProcessingParameterEnum,
            {"options": runtime.DEVICES, "defaultValue": runtime.DEVICES[0], "usesStaticStrings": True},
        ),
        "REPORT": Parameter(
            "Diagnostics",
            "A file for the text, for reading (*.html) or for pasting (*.txt).",
            QgsProcessingParameterFileDestination,
            {"fileFilter": "HTML (*.html);;Text (*.txt)", "optional": True, "createByDefault": True},
        ),
    }
    OUTPUTS = {
        "TEXT": Output("Text", "The lines, to paste into a bug report.", QgsProcessingOutputString),
        "WORKS": Output("Works", "Whether nothing was found broken.", QgsProcessingOutputBoolean),
    }

    def read(self, values: ParameterValues) -> str:
        """Return the device to test."""
        return values.choice("DEVICE")

    def work(self, job: str, values: ParameterValues, feedback: QgsProcessingFeedback) -> Outcome:
        """Inspect one thing after the other; each is logged as soon as it is known, in case QGIS crashes on the next.

        Raises:
            CancelledError: The user cancelled.
        """
        from uhrs_qgis_plugin.algorithms.diagnostics.report import next_steps, to_html, to_text
        from uhrs_qgis_plugin.engine.diagnostics import PRIVACY, collect_facts, self_tests, software

        sources = {**_qgis(), **software(), **self_tests(runtime.DEFAULT_MODEL, job, watch_of(feedback))}
        facts: list[Fact] = []
        for fact in collect_facts(sources):
            facts.append(fact)
            (feedback.pushInfo if fact.fine else feedback.pushWarning)(str(fact))
            feedback.setProgress(100 * len(facts) / len(sources))
        advice = next_steps(facts, "" if runtime.is_installed() else runtime.install_advice())
        for line in (PRIVACY, *advice):
            feedback.pushInfo(line)
        text = to_text(facts)
        results: dict[str, Any] = {"TEXT": text, "WORKS": all(fact.fine for fact in facts)}
        path = values.file_destination("REPORT")
        if path:
            try:
                with replacing(path) as part:
                    part.write_text(text if path.lower().endswith(".txt") else to_html(facts, advice), encoding="utf-8")
                results["REPORT"] = path
            except OutputError as error:  # no reason to fail: the lines are in the log
                feedback.reportError(self.tr("{} Or copy the lines above.").format(error))
        return Outcome(results)


def _qgis() -> dict[str, Probe]:
    """List what only QGIS knows, for `collect_facts`."""
    return {"QGIS": lambda: str(Qgis.QGIS_VERSION), "Qt": lambda: f"{qVersion()} (PyQt {PYQT_VERSION_STR})"}
