"""What a run needs besides the plugin's code: a model, a device, and onnxruntime with the command that installs it.

Imported when QGIS starts: nothing heavy, and onnxruntime is looked for, not loaded.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import sysconfig
from pathlib import Path

DEFAULT_MODEL = str(Path(__file__).resolve().parent / "models" / "default.uhrs")
DEVICES = ("auto", "cpu", "cuda", "cuda:1", "cuda:all", "directml", "coreml", "openvino")

PACKAGE = "onnxruntime"
FLATPAK_MARK = "/.flatpak-info"  # exists inside every Flatpak
APT = "/usr/bin/apt-get"


def is_installed() -> bool:
    """Whether onnxruntime can be imported, without importing it (that takes a while)."""
    if sys.modules.get(PACKAGE) is not None:
        return True
    importlib.invalidate_caches()  # the user may have installed it while QGIS was open
    return _has(PACKAGE)


def install_advice() -> str:
    """Return what to do when onnxruntime is missing: one line with the command for this platform."""
    return (
        f"The Python package '{PACKAGE}' is missing in the Python of QGIS. Help > Plugins > UHRS segmentation: "
        f"installation has a button that installs it. Or by hand: {install_place()} {install_command()} - "
        f'then restart QGIS. (With an NVIDIA graphics card install "onnxruntime-gpu[cuda,cudnn]" instead.)'
    )


def install_place() -> str:
    """Return where to type the command: a text that ends with a colon."""
    if sys.platform == "win32":
        return "Close QGIS, open the 'OSGeo4W Shell' from the start menu and type:"
    return "Type in a terminal:"


def install_command() -> str:
    """Return the command that installs onnxruntime into this Python: one line for the shell of this platform."""
    if sys.platform == "win32":
        return f"python -m pip install {PACKAGE}"
    if sys.platform == "darwin":
        return f"{_python()} -m pip install {PACKAGE}"
    if os.path.exists(FLATPAK_MARK):
        return f"flatpak run --devel --command=pip3 org.qgis.qgis install --user {PACKAGE}"
    if os.path.isdir(os.path.join(sys.prefix, "conda-meta")):
        return f"conda install -c conda-forge {PACKAGE}"
    if sys.prefix != sys.base_prefix:
        return f"{_python()} -m pip install {PACKAGE}"
    marker = os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
    # Debian and others refuse pip outside a virtual environment; --user leaves the system's own packages alone.
    option = " --break-system-packages" if os.path.exists(marker) else ""
    # Debian's QGIS brings no pip.
    pip = "" if _has("pip") or not os.path.exists(APT) else "sudo apt-get install python3-pip && "
    return f"{pip}{_python()} -m pip install --user{option} {PACKAGE}"


def _python() -> str:
    """Return the path of the Python of this QGIS, in quotes where the shell needs them."""
    # Where Python is embedded, sys.executable may be QGIS itself, and on macOS its folder has changed more than once.
    beside = os.path.dirname(sys.executable or "")
    folders = (os.path.join(sys.prefix, "bin"), os.path.join(beside, "bin"), beside)
    names = ("python3", f"python{sys.version_info[0]}.{sys.version_info[1]}", "python")
    found = [path for folder in folders for name in names if os.path.exists(path := os.path.join(folder, name))]
    python = found[0] if found else os.path.join(folders[0], names[0])
    return f'"{python}"' if " " in python else python


def _has(package: str) -> bool:
    """Whether a package can be found."""
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False
