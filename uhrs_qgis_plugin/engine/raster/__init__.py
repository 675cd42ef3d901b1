"""Rasters read and written, by GDAL or rasterio."""
