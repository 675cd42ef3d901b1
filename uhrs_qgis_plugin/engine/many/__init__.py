"""Many rasters, each with results of its own."""

from uhrs_qgis_plugin.engine.many.each import RasterBegun, RasterFailed, Tally, segment_each
from uhrs_qgis_plugin.engine.many.inputs import Input, find_inputs
from uhrs_qgis_plugin.engine.many.targets import TABLE, Folders

__all__ = ["TABLE", "Folders", "Input", "RasterBegun", "RasterFailed", "Tally", "find_inputs", "segment_each"]
