"""Headless segmentation engine: reads a raster and a model bundle, writes classes and uncertainty.

The names below are its public face; `segment` does the work. They are loaded when they are first used (PEP 562):
importing this package imports neither numpy nor onnxruntime. No module of it imports QGIS or torch. Start reading at
`segmentation/pipeline.py`; the command line is `python -m uhrs_qgis_plugin.engine`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from uhrs_qgis_plugin.engine.results import __version__

__all__ = [
    "Options",
    "Outputs",
    "Report",
    "UhrsError",
    "Watch",
    "__version__",
    "open_raster",
    "read_bundle",
    "segment",
]

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.bundle import read_bundle
    from uhrs_qgis_plugin.engine.errors import UhrsError
    from uhrs_qgis_plugin.engine.flow import Watch
    from uhrs_qgis_plugin.engine.outputs import Outputs
    from uhrs_qgis_plugin.engine.raster import open_raster
    from uhrs_qgis_plugin.engine.segmentation import Options, Report, segment
else:  # so that a type checker does not take every other name for one of ours
    _ROOMS = {
        "Options": "segmentation",
        "Outputs": "outputs",
        "Report": "segmentation",
        "UhrsError": "errors",
        "Watch": "flow",
        "open_raster": "raster",
        "read_bundle": "bundle",
        "segment": "segmentation",
    }

    def __getattr__(name: str) -> object:
        """Load a public name from its room."""
        if name not in _ROOMS:
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
        return value


def __dir__() -> list[str]:
    """List the public names, those not loaded yet included."""
    return sorted({*globals(), *__all__})
