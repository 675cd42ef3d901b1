"""Vector files outside QGIS: features read, points written. Inside QGIS layers are read by QGIS."""

from uhrs_qgis_plugin.engine.vectors.features import Features, points_of_wkb
from uhrs_qgis_plugin.engine.vectors.files import read_features, write_points

__all__ = ["Features", "points_of_wkb", "read_features", "write_points"]
