"""How a corrected class raster loads: with the colours and names of its classes, and a note on where it comes from."""

from __future__ import annotations

import contextlib
import os
from html import escape

from qgis.core import (
    QgsLayerMetadata,
    QgsLayerNotesUtils,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
)
from qgis.PyQt import sip

from uhrs_qgis_plugin.layers.raster_styles import style_classes
from uhrs_qgis_plugin.layers.style_files import is_temporary, save_style

MEANING = (
    "The classes of '{}' with the judgements of a review and the corrections that were drawn burnt in. Each pixel "
    "holds the number of its class; the legend names the classes."
)


class CorrectedLook(QgsProcessingLayerPostProcessorInterface):
    """Dresses a layer that has just been added to a project. One object per layer: the context deletes it."""

    def __init__(self, source: str) -> None:
        """Remember where the layer comes from.

        Args:
            source: Name of the class raster that was corrected.
        """
        super().__init__()
        self._source = source

    def postProcessLayer(  # noqa: D102 (inherited)
        self,
        layer: QgsRasterLayer,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> None:
        dress(layer, self._source)


# QGIS keeps a bare pointer: the Python objects must live until the context that holds it has deleted them.
_LOOKS: list[CorrectedLook] = []


def present(path: str, source: str, title: str, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
    """Prepare the layer that will be loaded, and save the style beside a file that stays.

    Args:
        path: The raster that was written.
        source: Name of the class raster that was corrected.
        title: Name of the layer.
        context: Knows what will be loaded.
        feedback: Gets a line about a style that is not saved.
    """
    if not is_temporary(path):
        _save_style(path, source, feedback)
    if context.willLoadLayerOnCompletion(path):
        _LOOKS[:] = [look for look in _LOOKS if not sip.isdeleted(look)]
        _LOOKS.append(CorrectedLook(source))
        details = context.layerToLoadOnCompletionDetails(path)
        details.name = title
        details.setPostProcessor(_LOOKS[-1])


def dress(layer: QgsRasterLayer, source: str) -> None:
    """Give a layer its style, metadata and notes.

    Args:
        layer: The layer.
        source: Name of the class raster that was corrected.
    """
    style_classes(layer)
    text = MEANING.format(source)
    metadata = layer.metadata()
    metadata.setType("dataset")
    metadata.setTitle(f"Corrected classes of {source}")
    metadata.setAbstract(text)
    metadata.setCrs(layer.crs())
    layer.setMetadata(QgsLayerMetadata(metadata))
    QgsLayerNotesUtils.setLayerNotes(layer, f"<p>{escape(text)}</p>")


def _save_style(path: str, source: str, feedback: QgsProcessingFeedback) -> None:
    """Save the style beside a file; a style is not worth a run, so that what goes wrong is only said."""
    options = QgsRasterLayer.LayerOptions()
    options.loadDefaultStyle = False
    had_sidecar = os.path.exists(f"{path}.aux.xml")
    layer = QgsRasterLayer(path, source, "gdal", options)
    if not layer.isValid():
        feedback.pushWarning(f"The style of '{path}' is not saved: QGIS does not open the raster.")
        return
    dress(layer, source)
    problem = save_style(layer, path)
    if problem is not None:
        feedback.pushWarning(problem)
    del layer  # closes the file, and GDAL keeps numbers beside it that nobody asked for
    if not had_sidecar:
        with contextlib.suppress(OSError):
            os.remove(f"{path}.aux.xml")
