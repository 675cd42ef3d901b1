"""A message when onnxruntime is missing, shown until it is closed, and help that needs no network."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from qgis.core import Qgis, QgsSettings
from qgis.gui import QgsMessageBarItem
from qgis.PyQt.QtWidgets import QAction, QPushButton

from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.installation.window import InstallWindow
from uhrs_qgis_plugin.translation import tr

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

DISMISSED = "uhrs/missing_onnxruntime_dismissed"  # setting: the QGIS in which the message was closed
TITLE = "UHRS segmentation"


class InstallHelp:
    """A message while onnxruntime is missing, and an entry in Help > Plugins.

    The message stays until it is closed, and comes back only in another version of QGIS, which has its own Python.
    """

    def __init__(self, iface: QgisInterface) -> None:
        """Prepare for the QGIS window; `start` adds to it."""
        self._iface = iface
        self._item: QgsMessageBarItem | None = None
        self._window: InstallWindow | None = None
        self._action: QAction | None = None

    def start(self) -> None:
        """Add the menu entry; show the message now, or once QGIS has started."""
        self._action = QAction(tr("UHRS segmentation: installation"), self._iface.mainWindow())
        self._action.setObjectName("uhrsInstallHelp")
        self._action.triggered.connect(self.show_page)
        self._iface.pluginHelpMenu().addAction(self._action)
        if self._iface.mainWindow().isVisible():
            self.show_message()
        else:
            self._iface.initializationCompleted.connect(self.show_message)

    def show_message(self) -> None:
        """Show the message, unless onnxruntime is installed or the message was closed before."""
        if self._item is not None or runtime.is_installed():
            return
        if QgsSettings().value(DISMISSED, "") == Qgis.QGIS_VERSION:
            return
        text = tr("models run with the Python package onnxruntime, which is not installed yet.")
        item = QgsMessageBarItem(TITLE, text, Qgis.MessageLevel.Info, 0)
        for label, name, slot in (
            (tr("Install..."), "uhrsInstallNow", self.install),
            (tr("Help"), "uhrsOpenHelp", self.show_page),
        ):
            button = QPushButton(label, item)
            button.setObjectName(name)
            button.clicked.connect(slot)
            item.layout().addWidget(button)
        bar = self._iface.messageBar()
        bar.widgetRemoved.connect(self._note_dismissal)
        bar.pushItem(item)
        self._item = item

    def show_page(self) -> None:
        """Open the help in a window that stays beside QGIS."""
        if self._window is None:
            self._window = InstallWindow(self._iface.mainWindow(), self._forget_message)
        self._window.show()
        self._window.raise_()

    def install(self) -> None:
        """Open the window, and ask whether to install."""
        self.show_page()
        if self._window is not None:
            self._window.install()

    def _forget_message(self) -> None:
        """Take the message away, once onnxruntime is there."""
        item, self._item = self._item, None
        if item is not None:
            self._iface.messageBar().popWidget(item)

    def stop(self) -> None:
        """Remove everything again; safe to call twice."""
        for signal, slot in (
            (self._iface.initializationCompleted, self.show_message),
            (self._iface.messageBar().widgetRemoved, self._note_dismissal),  # this removal is no dismissal
        ):
            with contextlib.suppress(TypeError):  # not connected
                signal.disconnect(slot)
        item, self._item = self._item, None
        if item is not None:
            self._iface.messageBar().popWidget(item)
        if self._window is not None:
            self._window.deleteLater()
            self._window = None
        if self._action is not None:
            self._iface.pluginHelpMenu().removeAction(self._action)
            self._action.deleteLater()  # the window of QGIS owns it and would keep it
            self._action = None

    def _note_dismissal(self, item: QgsMessageBarItem) -> None:
        """Remember that the message was closed."""
        if item is self._item:
            self._item = None
            QgsSettings().setValue(DISMISSED, Qgis.QGIS_VERSION)
