"""`uhrs:diagnostics`: what is installed, whether it works and how fast, as text for a bug report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputBoolean,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
)
from qgis.PyQt.QtCore import PYQT_VERSION_STR, qVersion

from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.algorithms.base import UhrsAlgorithm, help_html
from uhrs_qgis_plugin.algorithms.segment.algorithm import DEFAULT_MODEL
from uhrs_qgis_plugin.algorithms.segment.parameters import DEVICES
from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.files import replacing

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.diagnostics import Fact, Probe

SUMMARY = (
    "Lists the versions of everything that takes part, the devices that were found, and the speed of a short run of "
    "the bundled model on a generated raster. What is broken is told, not stumbled over. The text is for a bug report: "
    "it holds no paths, names, layers or projects of yours, and it is not sent anywhere."
)

# id -> (label, sentence)
PARAMETERS = {
    "DEVICE": ("Device to test", "Where the short run computes: auto takes the best that is found."),
    "REPORT": ("Diagnostics", "A file for the text, for reading (*.html) or for pasting (*.txt)."),
}
OUTPUTS = {
    "TEXT": ("Text", "The lines, to paste into a bug report."),
    "WORKS": ("Works", "Whether nothing was found broken."),
}


class DiagnosticsAlgorithm(UhrsAlgorithm):
    """Looks at the installation; runs in a worker thread, and without onnxruntime too."""

    DEVICE = "DEVICE"
    REPORT = "REPORT"
    TEXT = "TEXT"
    WORKS = "WORKS"

    def name(self) -> str:
        """Return the second half of the id, frozen."""
        return "diagnostics"

    def displayName(self) -> str:
        """Return the name that the Toolbox shows."""
        return self.tr("Diagnostics")

    def group(self) -> str:
        """Return the group that the Toolbox shows."""
        return self.tr("Help")

    def groupId(self) -> str:
        """Return the id of the group, frozen."""
        return "help"

    def tags(self) -> list[str]:
        """Return words by which the Toolbox finds the algorithm."""
        return self.tr("version,install,onnxruntime,gpu,device,speed,benchmark,bug report,troubleshooting").split(",")

    def shortHelpString(self) -> str:
        """Return the help text beside the dialog: one sentence a parameter."""
        return help_html(self.tr, SUMMARY, {"Parameters": PARAMETERS, "Outputs": OUTPUTS})

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        """Declare parameters and outputs.

        Args:
            configuration: Unused; the Model Designer may pass something.
        """
        labels = {name: self.tr(label) for name, (label, _) in {**PARAMETERS, **OUTPUTS}.items()}
        filters = self.tr("HTML (*.html);;Text (*.txt)")
        parameters = (
            QgsProcessingParameterEnum(self.DEVICE, labels[self.DEVICE], DEVICES, False, DEVICES[0], False, True),
            QgsProcessingParameterFileDestination(self.REPORT, labels[self.REPORT], filters, None, True, True),
        )
        for parameter in parameters:
            parameter.setHelp(self.tr(PARAMETERS[parameter.name()][1]))
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputString(self.TEXT, labels[self.TEXT]))
        self.addOutput(QgsProcessingOutputBoolean(self.WORKS, labels[self.WORKS]))

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Look at one thing after the other; each is in the log as soon as it is known, should QGIS crash on the next.

        Args:
            parameters: Values by parameter id.
            context: The run's context.
            feedback: Gets the lines.

        Returns:
            The text, whether all is fine, and the path of the file where it could be written.

        Raises:
            QgsProcessingException: Cancelled.
        """
        from uhrs_qgis_plugin.algorithms.diagnostics.report import mending, to_html, to_text
        from uhrs_qgis_plugin.engine.diagnostics import PRIVACY, collect_facts, self_tests, software
        from uhrs_qgis_plugin.engine.errors import CancelledError
        from uhrs_qgis_plugin.engine.flow import Watch

        device = self.parameterAsEnumString(parameters, self.DEVICE, context)
        sources = {
            **_qgis(),
            **software(),
            **self_tests(DEFAULT_MODEL, device, Watch(is_cancelled=feedback.isCanceled)),
        }
        facts: list[Fact] = []
        try:
            for fact in collect_facts(sources):
                facts.append(fact)
                (feedback.pushInfo if fact.fine else feedback.pushWarning)(str(fact))
                feedback.setProgress(100 * len(facts) / len(sources))
        except CancelledError as error:
            raise QgsProcessingException(self.tr("Cancelled: nothing was written.")) from error
        advice = mending(facts, "" if runtime.is_installed() else runtime.install_advice())
        for line in (PRIVACY, *advice):
            feedback.pushInfo(line)
        text = to_text(facts)
        results = {self.TEXT: text, self.WORKS: all(fact.fine for fact in facts)}
        path = self.parameterAsFileOutput(parameters, self.REPORT, context)
        if path and self._write(path, text if path.lower().endswith(".txt") else to_html(facts, advice), feedback):
            results[self.REPORT] = path
        return results

    def _write(self, path: str, text: str, feedback: QgsProcessingFeedback) -> bool:
        """Write the file; a folder that cannot be written to must not take the lines in the log away.

        Returns:
            Whether it was written.
        """
        try:
            with replacing(path) as part:
                part.write_text(text, encoding="utf-8")
        except OutputError as error:
            feedback.reportError(self.tr("{} Or copy the lines above.").format(error))
            return False
        return True


def _qgis() -> dict[str, Probe]:
    """List what only QGIS has, for `collect_facts`."""
    return {"QGIS": lambda: str(Qgis.QGIS_VERSION), "Qt": lambda: f"{qVersion()} (PyQt {PYQT_VERSION_STR})"}
