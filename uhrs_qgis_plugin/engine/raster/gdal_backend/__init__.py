"""Rasters through osgeo.gdal."""

from uhrs_qgis_plugin.engine.raster.gdal_backend.calls import attempt

__all__ = ["attempt"]
