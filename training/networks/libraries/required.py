"""Importing a package that only some networks need.

The packages lie in a folder of their own, `networks` in the environment, or among the others. In that folder nothing
else sees them: torchmetrics imports torchvision wherever it finds it, and stops where it was built for another torch.
"""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

from training.errors import SettingsError

APART = Path(sys.prefix) / "networks"
_INSTALL = f"pip install --no-deps --target {APART} -r requirements-networks.txt"
# Operators for boxes, which no network here has. Where torchvision's compiled ones cannot be loaded (built for CUDA,
# beside a torch for processors), it asks for these two all the same.
_BOXES = ("nms", "qnms")
_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_SHOWN = 8  # names in an error


def required(package: str, asked: str) -> Any:  # noqa: ANN401 (a module)
    """A package of `requirements-networks.txt`.

    Args:
        asked: what needs it, for the error.

    Raises:
        SettingsError: when it is not installed or cannot be imported.
    """
    if APART.is_dir() and str(APART) not in sys.path:
        sys.path.append(str(APART))
    try:
        _import_torchvision()
        return importlib.import_module(package)
    except (ImportError, OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise SettingsError(
            f"'{asked}' needs the package {package}, which cannot be imported ({reason}). Install it with "
            f"`{_INSTALL}`, or choose a network of this project"
        ) from error


def _import_torchvision() -> None:
    """Import what both other packages import, without its compiled operators where these do not fit torch."""
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if f"torchvision::{_BOXES[0]} does not exist" not in str(error):
            raise
        for name in _BOXES:
            torch.library.define(f"torchvision::{name}", _SCHEMA)
        importlib.import_module("torchvision")


def check_name(asked: str, name: str, known: Iterable[str]) -> None:
    """Check that a package has a network of that name.

    Raises:
        SettingsError: when it does not; the text lists the closest names, or the first ones.
    """
    names = sorted(known)
    if name not in names:
        close = difflib.get_close_matches(name, names, _SHOWN, 0.4) or names[:_SHOWN]
        more = ", ..." if len(close) < len(names) else ""
        raise SettingsError(f"Unknown {asked} '{name}'; there are {', '.join(close)}{more}")
