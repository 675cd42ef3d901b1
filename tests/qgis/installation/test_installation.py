"""Installing into the private folder: from a server, from a file, from a folder; refused, cancelled, damaged."""

from __future__ import annotations

import hashlib
import http.server
import sys
import threading
import zipfile

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QEventLoop, QTimer
from qgis.PyQt.QtWidgets import QMessageBox

from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.installation import pinned_wheels, private_folder, use_private_folder, wheel_files
from uhrs_qgis_plugin.installation.pinned_wheels import PINNED, PinnedWheel
from uhrs_qgis_plugin.installation.private_folder import tag
from uhrs_qgis_plugin.installation.wheel_files import InstallError, find_wheel, pinned_wheel, unpack
from uhrs_qgis_plugin.installation.window import InstallWindow

PYTHON = tag().split("-")[0]
NAME = f"onnxruntime-9.8.7-{PYTHON}-{PYTHON}-manylinux_2_17_x86_64.whl"
CONTENT = {"onnxruntime/__init__.py": "__version__ = '9.8.7'\n", "onnxruntime-9.8.7.dist-info/METADATA": "Name: x\n"}


@pytest.fixture(autouse=True)
def profile(qgis_app, tmp_path, monkeypatch):
    """An empty profile, and a Python path that is restored; what the machine has does not count."""
    folder = tmp_path / "profile"
    monkeypatch.setattr(QgsApplication, "qgisSettingsDirPath", staticmethod(lambda: str(folder)))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    return folder


def make_wheel(path, content=CONTENT):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    return path


def files():
    folder = private_folder()
    return sorted(item.name for item in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def wheel(tmp_path):
    return make_wheel(tmp_path / NAME)


@pytest.fixture
def server(wheel, monkeypatch):
    """Serves the wheel as the registry does, on this computer; `pinned` is then the only one."""
    wanted = {"slow": threading.Event()}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if "missing" in self.path:
                self.send_error(404)
                return
            content = wheel.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:10])
            if "slow" in self.path:
                wanted["slow"].wait(10)
            self.wfile.write(content[10:])

        def log_message(self, *arguments):
            pass

    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(pinned_wheels, "HOST", f"http://127.0.0.1:{made.server_port}/")

    def pin(folder="there", sha256=None):
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest() if sha256 is None else sha256
        monkeypatch.setitem(PINNED, tag(), PinnedWheel(folder, NAME, digest))

    yield pin
    wanted["slow"].set()
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def window(qgis_app, monkeypatch):
    """The window; its question is answered with yes, and kept."""
    asked = []

    def answer(parent, title, text, buttons, default):
        asked.append(text)
        assert default == QMessageBox.StandardButton.No
        return QMessageBox.StandardButton.Yes

    monkeypatch.setattr(QMessageBox, "question", answer)
    told = []
    made = InstallWindow(None, lambda: told.append(True))
    made.asked, made.told = asked, told
    yield made
    made.deleteLater()


def wait(until, seconds=20):
    loop, tick = QEventLoop(), QTimer()
    tick.timeout.connect(lambda: until() and loop.quit())
    tick.start(10)
    QTimer.singleShot(1000 * seconds, loop.quit)
    loop.exec()
    assert until()


def done(window):
    return not window.cancel_button.isVisibleTo(window)


def test_download_is_checked_and_found(window, server, monkeypatch):
    """After the question; Python finds it at once, last of all; nothing is left besides."""
    server()
    window.install()
    wait(lambda: done(window))
    assert "9.8.7" in window.asked[0]
    assert str(private_folder()) in window.asked[0]
    assert window.told == [True]
    assert files() == ["onnxruntime-9.8.7"]
    assert sys.path[-1] == str(private_folder() / "onnxruntime-9.8.7")
    assert "is installed" in window.state.text()


def test_nothing_without_a_yes(window, server, monkeypatch):
    server()
    monkeypatch.setattr(QMessageBox, "question", lambda *arguments: QMessageBox.StandardButton.No)
    window.install()
    assert files() == []
    assert window.state.text() == ""


@pytest.mark.parametrize(
    ("folder", "sha256", "text"),
    [("there", "0" * 64, "is not that file"), ("missing", None, "cannot be downloaded")],
)
def test_what_goes_wrong_leaves_nothing(window, server, folder, sha256, text):
    """Another content, no such file: one line, and a second try is possible."""
    server(folder, sha256)
    window.install()
    wait(lambda: done(window))
    assert text in window.state.text()
    assert "\n" not in window.state.text()
    assert files() == []
    assert window.install_button.isEnabled()


def test_cancel_stops_the_download(window, server):
    server("slow")
    window.install()
    wait(lambda: QgsApplication.taskManager().countActiveTasks() > 0)
    QTimer.singleShot(200, window.cancel_button.click)
    wait(lambda: done(window), 5)
    assert window.state.text() == "Cancelled: nothing was installed."
    assert files() == []


def test_from_a_file_that_is_not_known(window, wheel):
    """The question says so, with the digest."""
    window.install_from(str(wheel))
    wait(lambda: done(window))
    assert "none of those that the plugin knows" in window.asked[0]
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() in window.asked[0]
    assert files() == ["onnxruntime-9.8.7"]


def test_from_a_folder(window, server, wheel, tmp_path):
    """The newest one that suits, among others; a pinned one is not doubted."""
    server()
    make_wheel(tmp_path / NAME.replace("9.8.7", "1.2.3"))
    make_wheel(tmp_path / NAME.replace(PYTHON, "cp27").replace("9.8.7", "10.0.0"))
    window.install_from(str(tmp_path))
    wait(lambda: done(window))
    assert "none of those" not in window.asked[0]
    assert files() == ["onnxruntime-9.8.7"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.whl", "is no wheel of onnxruntime"),
        ("onnxruntime-1.0-cp27-cp27m-manylinux_2_17_x86_64.whl", "is for another Python or system"),
        (f"onnxruntime-1.0-{PYTHON}-{PYTHON}-win_amd64.whl", "is for another Python or system"),
        (f"onnxruntime-1.0-{PYTHON}-{PYTHON}-manylinux_9_99_x86_64.whl", "is for another Python or system"),
        ("holiday.jpg", "is no wheel of onnxruntime"),
        ("", "holds no wheel of onnxruntime"),
    ],
)
def test_other_files(window, tmp_path, name, text):
    if name:
        make_wheel(tmp_path / name)
    window.install_from(str(tmp_path / name))
    assert text in window.state.text()
    assert window.asked == []
    assert files() == []


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({**CONTENT, "../evil.py": ""}, "outside of its folder"),
        ({**CONTENT, "/etc/evil": ""}, "outside of its folder"),
        ({**CONTENT, "C:\\evil": ""}, "outside of its folder"),
        ({"other/__init__.py": ""}, "holds no package"),
        (None, "is damaged"),
    ],
)
def test_unsafe_archives(tmp_path, content, text):
    """Nothing is written, neither there nor elsewhere."""
    path = tmp_path / NAME
    if content is None:
        path.write_bytes(b"no zip")
    else:
        make_wheel(path, content)
    with pytest.raises(InstallError, match=text):
        unpack(path, "onnxruntime", "9.8.7")
    assert files() == []
    assert not (tmp_path / "evil.py").exists()


def test_bombs_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(wheel_files, "MOST_UNPACKED", 10)
    with pytest.raises(InstallError, match="larger than any onnxruntime"):
        unpack(make_wheel(tmp_path / NAME), "onnxruntime", "9.8.7")


def test_unwritable_profile(wheel, profile):
    """A file is in the way, as a full disk would be: one line."""
    profile.mkdir()
    (profile / "uhrs").write_text("")
    with pytest.raises(InstallError, match="cannot be written"):
        unpack(find_wheel(wheel).path, "onnxruntime", "9.8.7")


def test_newest_is_used_and_the_system_comes_first(wheel, monkeypatch):
    """Unfinished folders do not count; a second start adds nothing twice."""
    for version in ("1.9.0", "1.23.2", "1.3.0"):
        unpack(wheel, "onnxruntime", version)
    (private_folder() / ".onnxruntime-2.0.part").mkdir()
    before = list(sys.path)
    for _ in range(2):
        assert use_private_folder().name == "onnxruntime-1.23.2"
    assert sys.path == [*before, str(private_folder() / "onnxruntime-1.23.2")]
    assert runtime.is_installed()


def test_every_python_of_qgis_has_a_wheel():
    """3.9 to 3.14 on all platforms, but for what the registry does not have; names, places and digests are sound."""
    found = {}
    for key, entry in PINNED.items():
        python, platform = key.split("-", 1)
        found.setdefault(python, set()).add(platform)
        assert wheel_files.FILE_NAME.fullmatch(entry.name)
        assert len(entry.sha256) == 64
        assert entry.url.startswith("https://files.pythonhosted.org/packages/")
        assert python in entry.name
    every = {"linux-x86_64", "linux-aarch64", "win32-amd64", "darwin-arm64", "darwin-x86_64"}
    assert found == {f"cp3{minor}": every for minor in range(9, 14)} | {"cp314": every - {"darwin-x86_64"}}


def test_no_wheel_for_this_system(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(InstallError, match="knows no onnxruntime for"):
        pinned_wheel()


def test_macos_that_is_too_old(monkeypatch):
    """A wheel for macOS 14 does not load on 13."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    for version, suits in (("13.6", False), ("14.0", True), ("26.1", True)):
        monkeypatch.setattr("platform.mac_ver", lambda version=version: (version, ("", "", ""), "arm64"))
        assert wheel_files._suits_system(PINNED["cp311-darwin-arm64"].name) is suits
        assert wheel_files._suits_system(PINNED["cp39-darwin-arm64"].name) is True
