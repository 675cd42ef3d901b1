"""The private folder of the plugin for Python packages: in the profile, one for each Python and platform.

    PROFILE/uhrs/python/cp311-linux-x86_64/onnxruntime-1.32.0/onnxruntime/...

An update of QGIS may bring another Python, whose packages are others. A folder is complete when it has its final name,
and nothing in it is changed later: on Windows a library that is in use cannot be replaced.
"""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path

from qgis.core import QgsApplication

PACKAGE = "onnxruntime"


def tag() -> str:
    """Name Python and platform: 'cp311-linux-x86_64'."""
    return f"cp{sys.version_info[0]}{sys.version_info[1]}-{sys.platform}-{platform.machine().lower()}"


def private_folder() -> Path:
    """Return the folder for this Python, which need not exist."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "uhrs" / "python" / tag()


def installed() -> list[Path]:
    """List what is installed there, the newest version first."""
    folder = private_folder()
    found = folder.glob(f"{PACKAGE}*-*/{PACKAGE}/__init__.py") if folder.is_dir() else ()
    return sorted((path.parent.parent for path in found), key=_version, reverse=True)


def use_private_folder() -> Path | None:
    """Let Python find what is installed there, after everything else that it finds: what the system has wins.

    Returns:
        The folder that was added; None where there is none.
    """
    mine = str(private_folder())
    sys.path[:] = [entry for entry in sys.path if not entry.startswith(mine)]
    newest = next(iter(installed()), None)
    if newest is not None:
        sys.path.append(str(newest))
    return newest


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", path.name.split("-", 1)[1]))
