"""Places of one raster on another: points and whole grids, across grids and coordinate reference systems."""

from uhrs_qgis_plugin.engine.overlay.grids import GridLink, Labels, read_valid_labels
from uhrs_qgis_plugin.engine.overlay.points import PixelPlaces, place_in, read_at, to_pixels

__all__ = ["GridLink", "Labels", "PixelPlaces", "place_in", "read_at", "read_valid_labels", "to_pixels"]
