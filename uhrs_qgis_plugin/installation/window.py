"""The window about the installation: a page that needs no network, and the buttons that install."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.installation.installer import InstallTask
from uhrs_qgis_plugin.installation.pinned_wheels import HOST, PinnedWheel
from uhrs_qgis_plugin.installation.private_folder import private_folder
from uhrs_qgis_plugin.installation.wheel_files import InstallError, WheelFile, find_wheel, pinned_wheel
from uhrs_qgis_plugin.translation import tr

PAGE = Path(__file__).resolve().parents[1] / "help" / "install.html"
WIDTH, HEIGHT = 820, 640  # pixels of the window


class InstallWindow(QDialog):
    """Shows the page; installs on request, after a question, in the background."""

    def __init__(self, parent: QWidget | None, installed: Callable[[], object] = lambda: None) -> None:
        """Prepare; it is not shown yet.

        Args:
            installed: Called when onnxruntime has been installed.
        """
        super().__init__(parent)
        self.setObjectName("uhrsInstallHelpWindow")
        self.setWindowTitle(tr("UHRS segmentation: installation"))
        self.resize(WIDTH, HEIGHT)
        self._installed = installed
        self._task: InstallTask | None = None
        self._browser = QTextBrowser(self)
        self._browser.setOpenExternalLinks(True)
        self._browser.document().setDefaultStyleSheet("pre {white-space: pre-wrap}")  # commands are long
        self._browser.setHtml(page())
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.progress = QProgressBar()
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.clicked.connect(self.cancel)
        row = QHBoxLayout()
        row.addWidget(self.progress)
        row.addWidget(self.cancel_button)
        self._make_buttons()
        layout = QVBoxLayout(self)
        layout.addWidget(self._browser)
        layout.addWidget(self.state)
        layout.addLayout(row)
        layout.addWidget(self.buttons)
        self._show_state("")

    def install(self) -> None:
        """Install the pinned wheel, after a question."""
        try:
            wheel = pinned_wheel()
        except InstallError as error:
            self._show_state(str(error))
            return
        text = tr(
            "Download onnxruntime {} (some 15 to 30 MB) from {} and unpack it into\n{}\n\nIts content is checked "
            "(SHA-256). Nothing else is installed or changed; to get rid of it, delete that folder."
        )
        if self._asks(text.format(wheel.version, HOST, private_folder())):
            self._start(wheel)

    def install_from(self, path: str) -> None:
        """Install a wheel that is on this computer, or the one in a folder, after a question."""
        try:
            wheel = find_wheel(Path(path))
        except InstallError as error:
            self._show_state(str(error))
            return
        text = tr("Unpack {} into\n{}\n\nNothing else is installed or changed.")
        if not wheel.is_known:
            unknown = tr(
                "This file is none of those that the plugin knows: it runs with your rights, so install it only if you "
                "trust where it is from. Its SHA-256 is\n{}"
            )
            text = f"{unknown}\n\n{text}"
        facts = () if wheel.is_known else (wheel.sha256,)
        if self._asks(text.format(*facts, wheel.path.name, private_folder())):
            self._start(wheel)

    def cancel(self) -> None:
        """Stop an installation."""
        if self._task is not None and not sip.isdeleted(self._task):
            self._task.cancel()

    def _make_buttons(self) -> None:
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, Qt.Orientation.Horizontal, self)
        action = QDialogButtonBox.ButtonRole.ActionRole
        self.install_button = self.buttons.addButton(tr("Install..."), action)
        self.install_button.setObjectName("uhrsInstall")
        self.install_button.clicked.connect(self.install)
        self.file_button = self.buttons.addButton(tr("Install from"), action)
        menu = QMenu(self.file_button)
        menu.addAction(tr("File..."), self._choose_file)
        menu.addAction(tr("Folder..."), self._choose_folder)
        self.file_button.setMenu(menu)
        copy = self.buttons.addButton(tr("Copy command"), action)
        copy.setObjectName("uhrsCopyCommand")
        copy.clicked.connect(copy_command)
        self.buttons.rejected.connect(self.close)

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("Wheel of onnxruntime"), "", "onnxruntime (*.whl)")
        if path:
            self.install_from(path)

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, tr("Folder with wheels of onnxruntime"))
        if path:
            self.install_from(path)

    def _asks(self, text: str) -> bool:
        """Ask the user; "No" is the default."""
        yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
        return bool(QMessageBox.question(self, self.windowTitle(), text, yes | no, no) == yes)

    def _start(self, wheel: PinnedWheel | WheelFile) -> None:
        self._task = InstallTask(wheel, self._end)
        self._task.progressChanged.connect(lambda share: self.progress.setValue(round(share)))
        self._show_state(tr("Installing ..."), busy=True)
        QgsApplication.taskManager().addTask(self._task)

    def _end(self, task: InstallTask) -> None:
        """Say how it ended; the window may be gone."""
        if sip.isdeleted(self):
            return
        if task.problem:
            self._show_state(task.problem)
        elif task.isCanceled():
            self._show_state(tr("Cancelled: nothing was installed."))
        elif not runtime.is_installed():
            self._show_state(tr("Installed, but Python does not find it: restart QGIS."))
        else:
            self._show_state(
                tr("onnxruntime is installed: 'Segment raster' is ready. 'Diagnostics' tells how fast it is.")
            )
            self._installed()

    def _show_state(self, text: str, busy: bool = False) -> None:
        self.state.setText(text)
        self.state.setVisible(bool(text))
        self.progress.setValue(0)
        for widget in (self.progress, self.cancel_button):
            widget.setVisible(busy)
        for button in (self.install_button, self.file_button):
            button.setEnabled(not busy)


def copy_command() -> None:
    """Put the command into the clipboard."""
    QApplication.clipboard().setText(runtime.install_command())


def page() -> str:
    """Return the page with the command for this QGIS: simple HTML."""
    text = PAGE.read_text(encoding="utf-8")
    return text.replace("{place}", runtime.install_place()).replace("{command}", escape(runtime.install_command()))
