"""Styles beside raster files (QML), which QGIS applies when it opens the file in another project."""

from __future__ import annotations

import os

from qgis.core import QgsProcessingUtils, QgsRasterLayer
from qgis.PyQt.QtXml import QDomDocument

from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.files import replacing

# QGIS drops comments when a user saves a style of their own, so this marks the files that are ours.
MARK = "<!-- Written by UHRS segmentation with the raster; the next run replaces it as long as this line is here. -->"
MARK_WITHIN = 1 << 12  # bytes at the end of the file in which the mark is looked for


def style_path(path: str) -> str:
    """Name the style file of a raster: 'classes.tif' -> 'classes.qml'."""
    return f"{os.path.splitext(path)[0]}.qml"


def is_temporary(path: str) -> bool:
    """Whether a file lies in the folder that QGIS empties when it ends."""
    folder = os.path.realpath(QgsProcessingUtils.tempFolder())
    try:
        return os.path.commonpath([folder, os.path.realpath(path)]) == folder
    except ValueError:  # on another drive
        return False


def save_style(layer: QgsRasterLayer, path: str) -> str | None:
    """Write the style of a layer beside its file. Never fails: a style is not worth a run.

    Args:
        layer: A styled layer.
        path: The raster file.

    Returns:
        None when it is written or not wanted (a temporary file), else one line with the reason.
    """
    if is_temporary(path):
        return None
    target = style_path(path)
    if os.path.exists(target) and not is_ours(target):
        return (
            f"'{target}' was not written by this plugin and stays as it is: delete it to get the style of this run "
            "when the raster is opened in another project."
        )
    document = QDomDocument()
    problem = layer.exportNamedStyle(document)
    if problem or document.isNull():
        return f"The style '{target}' is not written: {' '.join(str(problem).split()) or 'QGIS made none'}."
    try:
        with replacing(target) as part:
            part.write_text(f"{document.toString(2)}{MARK}\n", encoding="utf-8")
    except OutputError as error:
        return f"The rasters are complete, but the style is missing: {error}"
    return None


def is_ours(path: str) -> bool:
    """Whether a style file was written here, and not saved by a user since."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - MARK_WITHIN))
            return MARK.encode() in file.read()
    except OSError:
        return False
