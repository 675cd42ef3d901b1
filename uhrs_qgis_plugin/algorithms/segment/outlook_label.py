"""A text in the dialog: how the raster will be read, whether it fits, and how long the run will take."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from qgis.core import QgsApplication, QgsProcessingParameterDefinition, QgsTask
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy

from uhrs_qgis_plugin.algorithms.parameters import ParameterValues
from uhrs_qgis_plugin.algorithms.segment.before_run import Outlook, look_ahead
from uhrs_qgis_plugin.algorithms.segment.request import SegmentationRequest, read_request
from uhrs_qgis_plugin.engine.errors import CancelledError, UhrsError
from uhrs_qgis_plugin.translation import tr

DELAY_MS = 400  # after the last change: nothing is opened while somebody types
WARNING = "QLabel {background: #fff0c2; color: #443311; padding: 3px; border-radius: 3px}"
CALM = "QLabel {padding: 3px}"


class OutlookLabel(QLabel):
    """Follows the fields of a dialog."""

    def __init__(self) -> None:
        """Start without a text."""
        super().__init__()
        self.setObjectName("uhrsOutlook")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._definition: QgsProcessingParameterDefinition | None = None
        self._fields: dict[str, Any] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self.look)
        self._outlook = Outlook(())
        self._task: QgsTask | None = None
        self._asked: tuple[Any, ...] = ()  # what the fit was asked for
        self._fit = ""

    def follow(self, definition: QgsProcessingParameterDefinition, wrappers: Sequence[Any]) -> None:
        """Take the fields.

        Args:
            definition: Any parameter of the algorithm.
            wrappers: Processing's, of all its parameters.
        """
        self._definition = definition
        self._fields = {
            wrapper.parameterDefinition().name(): wrapper
            for wrapper in wrappers
            if not wrapper.parameterDefinition().isDestination()
        }
        for wrapper in self._fields.values():
            wrapper.widgetValueHasChanged.connect(lambda *_: self._timer.start())
        self._timer.start()

    def look(self) -> None:
        """Read the fields, and say what can be said without reading a pixel; the fit follows."""
        from processing.tools.dataobjects import createContext

        values = {name: wrapper.parameterValue() for name, wrapper in self._fields.items()}
        if self._definition is None or not values.get("INPUT"):
            self._show(Outlook(()))
            return
        context = createContext()  # dies after the values
        try:
            request = read_request(ParameterValues(self._definition.algorithm(), values, context))
        except UhrsError as error:
            self._show(Outlook((str(error),), warns=True))
            return
        self._look_at_fit(request)
        self._show(look_ahead(request))

    def _look_at_fit(self, request: SegmentationRequest) -> None:
        """Compare the raster with the model's imagery in the background, once for what it depends on."""
        options = request.options
        asked = (request.raster, request.bundle.sha256, options.bands, options.bounds, options.area, options.resolution)
        if asked == self._asked:
            return
        self._asked, self._fit = asked, ""
        from uhrs_qgis_plugin.engine.raster import is_remote

        if is_remote(request.raster):  # looking would read some of it over the network; the run says how it fits
            return
        if self._task is not None and not sip.isdeleted(self._task):
            self._task.cancel()
        finished = partial(_finish, self, asked)
        self._task = QgsTask.fromFunction(
            tr("Fit of the raster to the model"), _fit, on_finished=finished, request=request
        )
        QgsApplication.taskManager().addTask(self._task)

    def take_fit(self, asked: tuple[Any, ...], text: str) -> None:
        """Show how the raster fits, "" where it does."""
        if asked == self._asked:
            self._fit = text
            self._show(self._outlook)

    def _show(self, outlook: Outlook) -> None:
        self._outlook = outlook
        lines = [*outlook.lines, self._fit] if outlook.lines else []
        self.setText("\n".join(line for line in lines if line))
        self.setStyleSheet(WARNING if outlook.warns or (self._fit and lines) else CALM)
        self.setVisible(bool(lines))


def _fit(task: QgsTask, request: SegmentationRequest) -> str:
    """Look at samples, in a worker thread; returns what does not fit."""
    from uhrs_qgis_plugin.engine.segmentation import fit_of_raster

    def check() -> None:
        if task.isCanceled():
            raise CancelledError

    try:
        fit = fit_of_raster(request.raster, request.bundle, request.options, check)
    except UhrsError:  # the run will say so
        return ""
    return "" if fit is None or fit.fits else fit.message


def _finish(label: OutlookLabel, asked: tuple[Any, ...], error: BaseException | None, text: str | None = None) -> None:
    """Hand over the text, unless the dialog is closed meanwhile."""
    if error is None and text is not None and not sip.isdeleted(label):
        label.take_fit(asked, text)
