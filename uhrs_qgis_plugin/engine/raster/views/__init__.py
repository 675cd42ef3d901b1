"""Views of an open raster: the same reader's contract, at another pixel size or with stretched numbers."""

from uhrs_qgis_plugin.engine.raster.views.kept_pixels import is_worth_keeping, keeping, kept_bytes
from uhrs_qgis_plugin.engine.raster.views.stretch import (
    PERCENTILES,
    Stretch,
    StretchedReader,
    check_stretch,
    few_bits,
    measure_stretch,
)
from uhrs_qgis_plugin.engine.raster.views.view import RasterView
from uhrs_qgis_plugin.engine.raster.views.working_grid import (
    MOST_ENLARGED,
    MOST_REDUCED,
    NEAR,
    WorkingReader,
    reductions,
    working_info,
    working_shape,
)

__all__ = [
    "MOST_ENLARGED",
    "MOST_REDUCED",
    "NEAR",
    "PERCENTILES",
    "RasterView",
    "Stretch",
    "StretchedReader",
    "WorkingReader",
    "check_stretch",
    "few_bits",
    "is_worth_keeping",
    "keeping",
    "kept_bytes",
    "measure_stretch",
    "reductions",
    "working_info",
    "working_shape",
]
