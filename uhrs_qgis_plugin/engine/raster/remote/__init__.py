"""Pixels that come over a network."""

from uhrs_qgis_plugin.engine.raster.remote.opening import check_unchanged, open_mosaic_remotely, open_remote
from uhrs_qgis_plugin.engine.raster.remote.polling import Polling

__all__ = ["Polling", "check_unchanged", "open_mosaic_remotely", "open_remote"]
