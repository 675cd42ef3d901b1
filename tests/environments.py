"""The two environments, and tests that only one of them can run: skipped in the other, never skipped in their own."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

QGIS, TRAINING = ".venv-qgis", ".venv-train"
HOMES = {
    **{"osgeo": QGIS, "qgis": QGIS},
    **{"rasterio": TRAINING, "hypothesis": TRAINING, "torch": TRAINING, "moto": TRAINING},
}


def here() -> str:
    """The name of the environment that runs the tests."""
    return Path(sys.prefix).name


def can_import(module: str) -> bool:
    """Whether a module is there; it counts as there in its own environment, so that its tests fail without it."""
    return here() == HOMES[module] or importlib.util.find_spec(module) is not None


def needs(module: str) -> ModuleType:
    """Import a module, or skip the test where the other environment runs it."""
    root = module.split(".")[0]
    if not can_import(root):
        pytest.skip(f"{root} is in {HOMES[root]}, where this test runs", allow_module_level=True)
    return importlib.import_module(module)
