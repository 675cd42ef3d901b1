"""Files by name: written whole or not at all, and one spelling for every spelling of a path."""

from __future__ import annotations

import os


def identity(path: str) -> str:
    """Return one spelling for every spelling of a path."""
    return os.path.normcase(os.path.realpath(path))
