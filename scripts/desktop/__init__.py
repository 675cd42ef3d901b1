"""Scripted sessions of the QGIS desktop: `run` starts QGIS, which plays one of the stories beside it."""
