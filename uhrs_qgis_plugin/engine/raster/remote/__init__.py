"""Pixels that come over a network."""

from uhrs_qgis_plugin.engine.raster.remote.opening import check_unchanged, open_mosaic_remotely, open_remote

__all__ = ["check_unchanged", "open_mosaic_remotely", "open_remote"]
