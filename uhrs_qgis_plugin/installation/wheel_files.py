"""Wheels: which one suits this Python, whether it is the one that is meant, and how it is unpacked.

A wheel is a zip archive; those of onnxruntime need no more than to be unpacked into a folder that Python searches.
"""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from uhrs_qgis_plugin.engine.errors import UhrsError
from uhrs_qgis_plugin.engine.files import hidden, unique_mark
from uhrs_qgis_plugin.installation.pinned_wheels import PINNED, PinnedWheel
from uhrs_qgis_plugin.installation.private_folder import PACKAGE, private_folder, tag
from uhrs_qgis_plugin.translation import tr

PACKAGES = (PACKAGE, "onnxruntime_gpu", "onnxruntime_openvino", "onnxruntime_directml")
FILE_NAME = re.compile(
    r"(?P<package>[a-z_]+)-(?P<version>[0-9][0-9a-z.]*)-(?P<python>[a-z0-9.]+)-[a-z0-9_.]+-(?P<platform>[a-z0-9_.]+)\.whl"
)
# End of a wheel's platform -> what this Python runs on.
PLATFORMS = {
    "linux-x86_64": ("linux", "x86_64"),
    "linux-aarch64": ("linux", "aarch64"),
    "win32-amd64": ("win", "amd64"),
    "darwin-arm64": ("macosx", "arm64"),
    "darwin-x86_64": ("macosx", "x86_64"),
}
MOST_UNPACKED = 2 << 30  # bytes; the plain package has some 60 MB, those for graphics cards some hundreds
MOST_FILES = 20_000


class InstallError(UhrsError):
    """onnxruntime cannot be installed: one line on why, and what to do."""


@dataclass(frozen=True)
class WheelFile:
    """A wheel on this computer.

    Attributes:
        path: The file.
        package: Such as "onnxruntime".
        version: Its version.
        is_known: Whether its content is that of a pinned wheel.
        sha256: Of its content.
    """

    path: Path
    package: str
    version: str
    is_known: bool
    sha256: str


def pinned_wheel() -> PinnedWheel:
    """Return the wheel that suits this Python.

    Raises:
        InstallError: There is none.
    """
    wheel = PINNED.get(tag())
    if wheel is None or not _suits_system(wheel.name):
        text = tr("The plugin knows no onnxruntime for {} on this system: install it as the page says.")
        raise InstallError(text.format(tag()))
    return wheel


def find_wheel(path: Path) -> WheelFile:
    """Look at a wheel, or find the newest one of a folder that suits this Python.

    Raises:
        InstallError: It is no wheel of onnxruntime for this Python.
    """
    if path.is_dir():
        suiting = [file for file in path.glob("*.whl") if not _misfit(file.name)]
        if not suiting:
            text = tr("'{}' holds no wheel of onnxruntime for {}: its name has {} and this platform in it.")
            raise InstallError(text.format(path, tag(), tag().split("-")[0]))
        path = max(suiting, key=lambda file: [int(part) for part in re.findall(r"\d+", file.name.split("-")[1])])
    problem = _misfit(path.name)
    if problem:
        raise InstallError(problem)
    package, version = path.name.lower().split("-")[:2]
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InstallError(tr("'{}' cannot be read: {}.").format(path, error.strerror)) from error
    known = digest in {wheel.sha256 for wheel in PINNED.values()}
    return WheelFile(path, package, version, known, digest)


def check_content(content: bytes, wheel: PinnedWheel) -> None:
    """Compare what was downloaded with what is meant.

    Raises:
        InstallError: It is something else.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != wheel.sha256:
        text = tr("What came for '{}' is not that file ({} bytes, SHA-256 {}): nothing was installed.")
        raise InstallError(text.format(wheel.name, f"{len(content):,}", f"{found[:12]}..."))


def unpack(wheel: Path, package: str, version: str) -> Path:
    """Unpack a wheel into the private folder: completely or not at all.

    Returns:
        Its folder, to be searched by Python.

    Raises:
        InstallError: The archive is damaged or unsafe, or the folder cannot be written.
    """
    target = private_folder() / f"{package}-{version}"
    if target.exists():
        return target
    part = Path(hidden(target, unique_mark(), "part"))
    try:
        part.mkdir(parents=True)
        with zipfile.ZipFile(wheel) as archive:
            _check_members(archive)
            archive.extractall(part)  # nosec B202  # the members have just been checked
        if not (part / PACKAGE / "__init__.py").is_file():
            raise InstallError(tr("'{}' holds no package '{}'.").format(wheel.name, PACKAGE))
        part.rename(target)
    except zipfile.BadZipFile as error:
        raise InstallError(tr("'{}' is damaged: download it again.").format(wheel.name)) from error
    except OSError as error:
        raise InstallError(tr("'{}' cannot be written: {}.").format(target, error.strerror or error)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


def _check_members(archive: zipfile.ZipFile) -> None:
    """Refuse archives that write elsewhere, or are bombs."""
    members = archive.infolist()
    if len(members) > MOST_FILES or sum(member.file_size for member in members) > MOST_UNPACKED:
        raise InstallError(tr("The wheel is larger than any onnxruntime: nothing was installed."))
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
        if name.is_absolute() or ".." in name.parts or ":" in member.filename or is_link:
            raise InstallError(tr("The wheel would write outside of its folder: nothing was installed."))


def _misfit(name: str) -> str:
    """Say why a file is no wheel for this Python; "" where it is."""
    match = FILE_NAME.fullmatch(name.lower())
    if match is None or match["package"] not in PACKAGES:
        return tr("'{}' is no wheel of onnxruntime: choose one such as onnxruntime-1.23.2-cp311-...whl.").format(name)
    python = tag().split("-")[0]
    if python not in match["python"].split(".") or not _suits_system(name):
        return tr("'{}' is for another Python or system: this QGIS needs {}.").format(name, tag())
    return ""


def _suits_system(name: str) -> bool:
    """Whether the platform in a wheel's name is this one, and not newer than it."""
    wanted = PLATFORMS.get(tag().split("-", 1)[1])
    match = FILE_NAME.fullmatch(name.lower())
    if wanted is None or match is None:
        return False
    system, machine = wanted
    for one in match["platform"].split("."):
        # manylinux_2_28_x86_64, win_amd64, macosx_13_0_arm64, macosx_11_0_universal2
        fits = system in one and one.endswith((machine, "universal2") if system == "macosx" else machine)
        if fits and _is_new_enough(one):
            return True
    return False


def _is_new_enough(one: str) -> bool:
    """Whether macOS, or glibc, is as new as a wheel wants it."""
    numbers = re.search(r"_(\d+)_(\d+)_", one)
    if numbers is None:
        return True
    wanted = int(numbers[1]), int(numbers[2])
    text = platform.mac_ver()[0] if sys.platform == "darwin" else platform.libc_ver()[1]
    found = tuple(int(part) for part in re.findall(r"\d+", text)[:2])
    return not found or found >= wanted
