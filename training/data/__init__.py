"""Datasets: official layout in, scenes and crops out.

The rooms `arrays`, `synthetic`, `datasets` and `crops` have doors of their own; here stands what joins them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.data.datamodule import SceneData

__all__ = ["SceneData"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Load Lightning when it is needed: looking through a folder and writing rasters need not even torch."""
    if name == "SceneData":
        from training.data.datamodule import SceneData

        return SceneData
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
