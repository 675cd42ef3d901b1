"""The review of uncertain regions: a dock with a panel, tools on the map, judgements in the regions' own file.

Names are imported on first use: loading the plugin must not load the panel.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uhrs_qgis_plugin.review.controller import ReviewController
    from uhrs_qgis_plugin.review.dock import ReviewDock
    from uhrs_qgis_plugin.review.map import first_region_layer

__all__ = ["ReviewController", "ReviewDock", "first_region_layer"]

_ROOMS = {"ReviewController": "controller", "ReviewDock": "dock", "first_region_layer": "map"}


def __getattr__(name: str) -> object:
    """Import a name of `__all__` from its room."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_ROOMS[name]}"), name)
