"""The installation itself: in the background, with QGIS's proxy settings, to be cancelled at any time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from qgis.core import QgsNetworkAccessManager, QgsTask
from qgis.PyQt.QtCore import QEventLoop, QTimer, QUrl
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from uhrs_qgis_plugin.installation.pinned_wheels import PinnedWheel
from uhrs_qgis_plugin.installation.private_folder import PACKAGE, use_private_folder
from uhrs_qgis_plugin.installation.wheel_files import InstallError, WheelFile, check_content, unpack
from uhrs_qgis_plugin.translation import tr

DOWNLOADED = 90.0  # per cent of the work
TICK_MS = 100  # how often a download asks whether it was cancelled


class InstallTask(QgsTask):
    """Installs a wheel: downloads it first where it is a pinned one.

    Attributes:
        problem: Why nothing was installed; "" when it was, or was cancelled.
    """

    def __init__(self, wheel: PinnedWheel | WheelFile, done: Callable[[InstallTask], object]) -> None:
        """Prepare; the task manager of QGIS starts it.

        Args:
            wheel: What the user has agreed to.
            done: Called in the main thread at the end, however it ends.
        """
        super().__init__(tr("Installing onnxruntime"), QgsTask.Flag.CanCancel)
        self.problem = ""
        self._wheel, self._done = wheel, done

    def run(self) -> bool:
        """Install, in a worker thread."""
        try:
            if isinstance(self._wheel, WheelFile):
                unpack(self._wheel.path, self._wheel.package, self._wheel.version)
            else:
                self._install_pinned(self._wheel)
        except InstallError as error:
            self.problem = "" if self.isCanceled() else str(error)
            return False
        return not self.isCanceled()

    def finished(self, result: bool) -> None:
        """Let Python find the package, and tell the caller; in the main thread."""
        if result:
            use_private_folder()
        self._done(self)

    def _install_pinned(self, wheel: PinnedWheel) -> None:
        content = self._download(wheel.url)
        check_content(content, wheel)
        with tempfile.TemporaryDirectory(prefix="uhrs-") as folder:
            path = Path(folder) / wheel.name
            path.write_bytes(content)
            unpack(path, PACKAGE, wheel.version)
        self.setProgress(100)

    def _download(self, url: str) -> bytes:
        """Download by QGIS's own network access, which knows proxies and certificates."""
        request = QNetworkRequest(QUrl(url))
        policy = QNetworkRequest.RedirectPolicy.NoLessSafeRedirectPolicy
        request.setAttribute(QNetworkRequest.Attribute.RedirectPolicyAttribute, policy)
        reply = QgsNetworkAccessManager.instance().get(request)  # that of this thread
        loop, tick = QEventLoop(), QTimer()
        reply.finished.connect(loop.quit)
        # A function, not a method of this object, which belongs to the main thread.
        reply.downloadProgress.connect(lambda received, total: self._note_progress(received, total))
        # Asked for, as a signal from the main thread does not always arrive here.
        tick.timeout.connect(lambda: self.isCanceled() and reply.abort())
        tick.start(TICK_MS)
        loop.exec()
        tick.stop()
        if reply.error() != QNetworkReply.NetworkError.NoError or self.isCanceled():
            text = tr(
                "onnxruntime cannot be downloaded: {}. Check network and proxy (Settings > Options > Network), or "
                "install it from a file."
            )
            raise InstallError(text.format(" ".join(reply.errorString().split()).rstrip(".") or tr("cancelled")))
        return bytes(reply.readAll())

    def _note_progress(self, received: int, total: int) -> None:
        if total > 0:
            self.setProgress(DOWNLOADED * received / total)
