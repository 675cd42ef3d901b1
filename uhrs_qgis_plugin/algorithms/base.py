"""The template of all algorithms: they describe themselves, check, run and fail in the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)
from qgis.PyQt.QtGui import QIcon

from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter, ParameterValues, destination_path
from uhrs_qgis_plugin.engine.errors import CancelledError, UhrsError, without_secrets
from uhrs_qgis_plugin.layers import ResultLayer, present
from uhrs_qgis_plugin.translation import mark, tr

if TYPE_CHECKING:
    from qgis.PyQt.QtWidgets import QWidget

    from uhrs_qgis_plugin.engine.flow import Event, Watch

ICON = str(Path(__file__).parent.parent / "icons" / "uhrs.svg")
MANUAL = Path(__file__).resolve().parent.parent / "help" / "manual.html"
GEOTIFF = (".tif", ".tiff")


@dataclass(frozen=True)
class Group:
    """A group of the Toolbox.

    Attributes:
        id: Frozen.
        label: What the Toolbox shows.
    """

    id: str
    label: str


SEGMENTATION, REVIEW, HELP = Group("segmentation", "Segmentation"), Group("review", "Review"), Group("help", "Help")


@dataclass(frozen=True)
class Outcome:
    """What a run wrote.

    Attributes:
        results: Values by output id.
        layers: How those of them that are layers are loaded.
    """

    results: Mapping[str, Any]
    layers: Sequence[ResultLayer] = ()


class UhrsAlgorithm(QgsProcessingAlgorithm):
    """An algorithm of the provider `uhrs`: a subclass gives the data below, and the functions `read` and `work`.

    QGIS checks the values on one object and runs on a copy of it, so that `read` is called once for each. What goes
    from `read` to `work`, and on to the layers, is kept here and nowhere else.

    Attributes:
        NAME: Second half of the id, frozen.
        TITLE: What the Toolbox shows.
        GROUP: Where the Toolbox shows it.
        TAGS: Words by which the Toolbox finds it, separated by commas.
        SUMMARY: Start of the help.
        PARAMETERS: By id, in the order of the dialog; ids are frozen.
        OUTPUTS: Values besides the destinations, by id; ids are frozen.
    """

    NAME: str
    TITLE: str
    GROUP: Group
    TAGS: str
    SUMMARY: str
    PARAMETERS: Mapping[str, Parameter]
    OUTPUTS: Mapping[str, Output] = {}

    def __init__(self) -> None:
        """Start without a job; `prepareAlgorithm` reads it."""
        super().__init__()
        self._job: Any = None
        self._outcome: Outcome | None = None

    def read(self, values: ParameterValues) -> Any:  # noqa: ANN401 (each algorithm has its own job)
        """Read and check everything that does not take long, in the thread of the layers; write nothing.

        Returns:
            The job: what `work` needs, as plain values that a worker thread may hold.

        Raises:
            UhrsError: A value cannot be used, or values do not fit each other.
        """
        raise NotImplementedError

    def work(self, job: Any, values: ParameterValues, feedback: QgsProcessingFeedback) -> Outcome:  # noqa: ANN401
        """Run the job in the worker thread; leave nothing behind when it fails or is cancelled.

        Args:
            job: From `read`.
            values: For destinations and features, which must be read in the thread that uses them.
            feedback: Progress, messages and the cancel button.

        Returns:
            What was written.

        Raises:
            UhrsError: Something cannot be read or written, or the user cancelled.
            QgsProcessingException: A destination cannot be created.
        """
        raise NotImplementedError

    def cancelled(self, job: Any) -> str:  # noqa: ANN401
        """Return the text that a cancelled run ends with."""
        return mark("Cancelled: nothing was written.")

    def createInstance(self) -> UhrsAlgorithm:
        """Return a fresh object; QGIS asks for one per run."""
        return type(self)()

    def tr(self, text: str) -> str:
        """Translate a text for people."""
        return tr(text)

    def icon(self) -> QIcon:
        """Return the icon."""
        return QIcon(ICON)

    def svgIconPath(self) -> str:
        """Return the icon's path, for drawing at any size."""
        return ICON

    def name(self) -> str:
        """Return the second half of the id."""
        return self.NAME

    def displayName(self) -> str:
        """Return the name that the Toolbox shows."""
        return self.tr(self.TITLE)

    def group(self) -> str:
        """Return the group that the Toolbox shows."""
        return self.tr(self.GROUP.label)

    def groupId(self) -> str:
        """Return the id of the group."""
        return self.GROUP.id

    def tags(self) -> list[str]:
        """Return words by which the Toolbox finds the algorithm."""
        return self.tr(self.TAGS).split(",")

    def shortHelpString(self) -> str:
        """Return the help beside the dialog: one sentence per parameter and output."""
        return help_html(self.tr, self.SUMMARY, {mark("Parameters"): self.PARAMETERS, mark("Outputs"): self.OUTPUTS})

    def createCustomParametersWidget(self, parent: QWidget | None = None) -> None:
        """Leave the dialog to Processing, which asks for one of our own before it opens its own; make room in that."""
        from uhrs_qgis_plugin.algorithms.dialog_room import make_room_later

        make_room_later(self.id())

    def helpUrl(self) -> str:
        """Return the place in the manual, which lies in the plugin: it needs no network."""
        return f"{MANUAL.as_uri()}#{self.NAME}"

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        """Declare parameters and outputs."""
        for name, parameter in self.PARAMETERS.items():
            self.addParameter(parameter.definition(name, self.tr))
        for name, output in self.OUTPUTS.items():
            self.addOutput(output.kind(name, self.tr(output.label)))

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """Find what would make the run fail, before it starts.

        Returns:
            Whether the run may start, and if not one line with the reason.
        """
        # Before QGIS's own checks, which reject such names without telling the parameter.
        for name, parameter in self.PARAMETERS.items():
            path = destination_path(parameters.get(name))
            if parameter.kind is QgsProcessingParameterRasterDestination and path and not _is_geotiff(path):
                problem = self.tr("'{}' is no GeoTIFF by its name: end the name of {} with .tif or .tiff.")
                return False, problem.format(path, name)
        fine, problem = super().checkParameterValues(parameters, context)
        if not fine:
            return False, self._of_stac(parameters) or without_secrets(problem)
        try:
            self._read(ParameterValues(self, parameters, context))
        except UhrsError as error:
            return False, str(error)
        return True, ""

    def _of_stac(self, parameters: dict[str, Any]) -> str:
        """Word STAC items that were given where QGIS wants a raster; "" where there are none."""
        from uhrs_qgis_plugin.engine.raster.mosaic import is_stac_name  # here: it loads numpy

        for name, parameter in self.PARAMETERS.items():
            value = parameters.get(name)
            if parameter.kind is QgsProcessingParameterRasterLayer and isinstance(value, str) and is_stac_name(value):
                return (
                    f"{name} '{without_secrets(value)}' is no raster for QGIS. If these are STAC items, give the file "
                    "or address of their imagery (/vsicurl/https://...), or segment them from the command line "
                    "(segment ITEM.json --asset NAME)."
                )
        return ""

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Read the job, in the thread of the layers.

        Returns:
            True.

        Raises:
            QgsProcessingException: A value cannot be used, or something that the algorithm needs is not installed.
        """
        able, why = self.canExecute()  # the Toolbox asks for this, scripts do not
        if not able:
            raise QgsProcessingException(why)
        try:
            self._job = self._read(ParameterValues(self, parameters, context))
        except UhrsError as error:
            raise QgsProcessingException(str(error)) from error
        return True

    def _read(self, values: ParameterValues) -> Any:  # noqa: ANN401 (each algorithm has its own job)
        """Check what is alike in all algorithms, and read the job."""
        values.check_destinations()
        return self.read(values)

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Run the job, in the worker thread.

        Returns:
            Values by output id.

        Raises:
            QgsProcessingException: Cancelled, or something cannot be read or written; nothing is left then.
        """
        job = self._job
        if job is None:
            raise QgsProcessingException(self.tr("The algorithm was not prepared: run it through Processing."))
        try:
            self._outcome = self.work(job, ParameterValues(self, parameters, context), feedback)
        except CancelledError as error:
            raise QgsProcessingException(self.tr(self.cancelled(job))) from error
        except UhrsError as error:
            raise QgsProcessingException(str(error)) from error
        return dict(self._outcome.results)

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        """Describe the layers that will be loaded, and save their styles; adds nothing to the results."""
        if self._outcome is not None:
            present(self._outcome.layers, context, feedback)
        return {}


def watch_of(feedback: QgsProcessingFeedback, notify: Callable[[Event], None] = lambda event: None) -> Watch:
    """Connect a job of the engine to the progress bar and the cancel button."""
    from uhrs_qgis_plugin.engine.flow import Watch  # loads numpy

    return Watch(lambda share: feedback.setProgress(100 * share), feedback.isCanceled, notify)


def help_html(
    translate: Callable[[str], str], summary: str, sections: Mapping[str, Mapping[str, Parameter | Output]]
) -> str:
    """Compose the help of an algorithm.

    Args:
        translate: From English into the user's language.
        summary: What the algorithm does.
        sections: Title -> id -> entry; empty sections are left out.

    Returns:
        Simple HTML.
    """
    parts = [f"<p>{translate(summary)}</p>"]
    for title, entries in sections.items():
        if entries:
            parts.append(f"<h3>{translate(title)}</h3>")
        parts.extend(f"<p><b>{translate(entry.label)}</b><br>{translate(entry.help)}</p>" for entry in entries.values())
    return "\n".join(parts)


def _is_geotiff(path: str) -> bool:
    return path.lower().endswith(GEOTIFF)
