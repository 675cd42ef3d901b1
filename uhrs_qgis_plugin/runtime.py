"""Is onnxruntime there, and if not: the command that installs it into the Python of this QGIS."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import sysconfig

PACKAGE = "onnxruntime"


def is_installed() -> bool:
    """Say whether onnxruntime can be imported, without importing it (that takes a while)."""
    if sys.modules.get(PACKAGE) is not None:
        return True
    importlib.invalidate_caches()  # the user may have installed it while QGIS was open
    try:
        return importlib.util.find_spec(PACKAGE) is not None
    except (ImportError, ValueError):
        return False


def install_advice() -> str:
    """Word what to do when onnxruntime is missing.

    Returns:
        One line: what is missing, the command for this platform, and what comes after it.
    """
    place = "Type in a terminal"
    if sys.platform == "win32":
        place = "Close QGIS, open the 'OSGeo4W Shell' from the start menu and type"
    return (
        f"The Python package '{PACKAGE}' is missing in the Python of QGIS. {place}: {_command()} - then restart QGIS. "
        f"(With an NVIDIA graphics card install onnxruntime-gpu instead.)"
    )


def _command() -> str:
    """Word the command."""
    if sys.platform == "win32":
        return f"python -m pip install {PACKAGE}"
    # Not sys.executable: where Python is embedded in QGIS that may be QGIS itself.
    python = os.path.join(sys.prefix, "bin", "python3")
    if " " in python:
        python = f'"{python}"'
    if sys.platform == "darwin" or sys.prefix != sys.base_prefix:
        return f"{python} -m pip install {PACKAGE}"
    marker = os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
    # Debian and others refuse pip outside a virtual environment; --user leaves the system's own packages alone.
    option = " --break-system-packages" if os.path.exists(marker) else ""
    return f"{python} -m pip install --user{option} {PACKAGE}"
