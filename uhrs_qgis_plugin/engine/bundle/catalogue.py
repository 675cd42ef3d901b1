"""The models at hand: those that come along and those in the user's folder, found by name or by path."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from uhrs_qgis_plugin.engine.bundle.bundle import Bundle, read_bundle
from uhrs_qgis_plugin.engine.errors import BundleError

SUFFIX = ".uhrs"
NETWORK_SUFFIX = ".onnx"
FOLDER_VARIABLE = "UHRS_MODELS"
BUNDLED_FOLDER = Path(__file__).resolve().parents[2] / "models"
DEFAULT_MODEL = str(BUNDLED_FOLDER / "default.uhrs")
MAX_FILES = 1000  # of a folder: more are no collection of models


@dataclass(frozen=True)
class ModelFile:
    """A file that is offered as a model.

    Attributes:
        path: The file.
        bundle: What is in it; None where it cannot be used.
        problem: Why it cannot be used, "" where it can.
    """

    path: str
    bundle: Bundle | None
    problem: str = ""


def user_folder() -> Path:
    """Return the folder for the user's own models; it need not exist.

    The environment variable UHRS_MODELS names another one.
    """
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "uhrs" / "models"


def list_models(folders: Iterable[str | os.PathLike[str]] | None = None) -> list[ModelFile]:
    """Read all model files of folders.

    Args:
        folders: Where to look, in this order; None = the models that come along, then the user's.

    Returns:
        The default model first, then by folder and file name. A name that an earlier file has is a problem: it would
        not say which of the two is meant.
    """
    found: list[ModelFile] = []
    for folder in (BUNDLED_FOLDER, user_folder()) if folders is None else folders:
        for path in _files(Path(folder)):
            found.append(_model_file(path, {entry.bundle.name for entry in found if entry.bundle}))
    return found


def find_model(name: str, folders: Iterable[str | os.PathLike[str]] | None = None) -> Bundle:
    """Read a model by its name or by the path of its file.

    Args:
        name: A name as `list_models` shows it, in upper or lower case, or a path; "" = the default model.
        folders: As for `list_models`.

    Returns:
        The model.

    Raises:
        BundleError: There is no such model, its file is damaged, or it is a network that was not imported.
    """
    if not name:
        return read_bundle(DEFAULT_MODEL)
    if name.lower().endswith(NETWORK_SUFFIX):
        raise BundleError(
            f"'{os.path.basename(name)}' is a network in ONNX and no model bundle yet: make one of it with 'Import "
            "model' (uhrs:importmodel in QGIS, the command importmodel elsewhere), which asks for what the file does "
            "not tell."
        )
    if os.path.exists(name) or name.lower().endswith(SUFFIX) or os.path.dirname(name):
        return read_bundle(name)
    entries = list_models(folders)
    for entry in entries:
        if entry.bundle is not None and entry.bundle.name.casefold() == name.casefold():
            return entry.bundle
    names = ", ".join(entry.bundle.name for entry in entries if entry.bundle is not None)
    raise BundleError(
        f"There is no model '{name}': give one of {names or 'no models'}, or the path of a *{SUFFIX} file. "
        f"Your own models belong into {user_folder()}."
    )


def _files(folder: Path) -> list[str]:
    """Name the model files of a folder; the default model comes first."""
    try:
        paths = [str(path) for path in folder.iterdir() if path.suffix.lower() == SUFFIX]
    except OSError:  # missing or not readable: no models
        return []
    return sorted(paths, key=lambda path: (path != DEFAULT_MODEL, path))[:MAX_FILES]


def _model_file(path: str, names: set[str]) -> ModelFile:
    """Read a file; `names` are taken."""
    try:
        bundle = read_bundle(path)
    except BundleError as error:
        return ModelFile(path, None, str(error))
    if bundle.name in names:
        return ModelFile(path, None, f"Another model is called '{bundle.name}' too: choose this one by its path.")
    return ModelFile(path, bundle)
