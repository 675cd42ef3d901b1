"""Rasters through osgeo.gdal."""
