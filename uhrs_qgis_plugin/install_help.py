"""A message when onnxruntime is missing, shown until it is closed, and help that needs no network."""

from __future__ import annotations

import contextlib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from qgis.core import Qgis, QgsSettings
from qgis.gui import QgsMessageBarItem
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QAction, QApplication, QDialog, QDialogButtonBox, QPushButton, QTextBrowser, QVBoxLayout

from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.translation import tr

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

PAGE = Path(__file__).parent / "help" / "install.html"
DISMISSED = "uhrs/missing_onnxruntime_dismissed"  # setting: the QGIS in which the message was closed
TITLE = "UHRS segmentation"
LINES = 2.8  # height of the message
WIDTH, HEIGHT = 820, 640  # pixels of the window


class InstallHelp:
    """A message while onnxruntime is missing, and an entry in Help > Plugins.

    The message stays until it is closed, and comes back only in another version of QGIS, which has its own Python.
    """

    def __init__(self, iface: QgisInterface) -> None:
        """Prepare for the QGIS window; `start` adds to it."""
        self._iface = iface
        self._item: QgsMessageBarItem | None = None
        self._window: QDialog | None = None
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
        text = tr("the Python package onnxruntime is not installed yet. {place}<br><b>{command}</b>")
        text = text.format(place=runtime.short_place(), command=escape(runtime.install_command()))
        item = QgsMessageBarItem(TITLE, text, Qgis.MessageLevel.Info, 0)
        for label, name, slot in (
            (tr("Copy command"), "uhrsCopyCommand", copy_command),
            (tr("Help"), "uhrsOpenHelp", self.show_page),
        ):
            button = QPushButton(label, item)
            button.setObjectName(name)
            button.clicked.connect(slot)
            item.layout().addWidget(button)
        bar = self._iface.messageBar()
        bar.widgetRemoved.connect(self._note_dismissal)
        bar.pushItem(item)
        for browser in item.findChildren(QTextBrowser):  # QGIS makes it two lines high, too little for bold letters
            browser.setFixedHeight(round(LINES * browser.fontMetrics().lineSpacing()))
        self._item = item

    def show_page(self) -> None:
        """Open the help in a window that stays beside QGIS."""
        if self._window is None:
            self._window = make_window(self._iface.mainWindow())
        self._window.show()
        self._window.raise_()

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


def copy_command() -> None:
    """Put the command into the clipboard."""
    QApplication.clipboard().setText(runtime.install_command())


def page() -> str:
    """Return the page with the command for this QGIS: simple HTML."""
    text = PAGE.read_text(encoding="utf-8")
    return text.replace("{place}", runtime.install_place()).replace("{command}", escape(runtime.install_command()))


def make_window(parent: QDialog | None) -> QDialog:
    """Make the window of the help; it is not shown yet."""
    window = QDialog(parent)
    window.setObjectName("uhrsInstallHelpWindow")
    window.setWindowTitle(tr("UHRS segmentation: installation"))
    window.resize(WIDTH, HEIGHT)
    browser = QTextBrowser(window)
    browser.setOpenExternalLinks(True)
    browser.setHtml(page())
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, Qt.Orientation.Horizontal, window)
    copy = buttons.addButton(tr("Copy command"), QDialogButtonBox.ButtonRole.ActionRole)
    copy.clicked.connect(copy_command)
    buttons.rejected.connect(window.close)
    layout = QVBoxLayout(window)
    layout.addWidget(browser)
    layout.addWidget(buttons)
    return window
