"""Rasters through rasterio."""
