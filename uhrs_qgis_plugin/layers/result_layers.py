"""The layers that a run leaves: described when QGIS loads them, and their styles saved beside files that stay."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt import sip

from uhrs_qgis_plugin.layers.layer_tree import place_on_top
from uhrs_qgis_plugin.layers.style_files import is_temporary, save_style


@dataclass(frozen=True)
class ResultLayer:
    """A layer that a run wrote.

    Attributes:
        source: What the algorithm returns for it: a file, or the id of a layer in memory.
        name: Of the layer in the project.
        describe: Gives a layer its style, metadata and notes.
        place: Moves the layer to its place in the layer tree; as a rule to the top, above what it was made from.
        has_style_file: Whether the style is saved beside the file, so that other projects open it styled; for rasters.
    """

    source: str
    name: str
    describe: Callable[[QgsMapLayer], None]
    place: Callable[[QgsMapLayer, QgsProject], None] = place_on_top
    has_style_file: bool = True


def name_after(title: str, source: str) -> str:
    """Name a layer after the one that it was made from: 'Uncertainty: site (K = 50%)' -> 'Regions: site (K = 50%)'.

    Args:
        title: What the layer is, translated.
        source: Name of the layer that it was made from.
    """
    return f"{title}: {source.split(': ', 1)[-1]}"


class Presenter(QgsProcessingLayerPostProcessorInterface):
    """Describes a layer that has just been added to a project."""

    def __init__(self, result: ResultLayer) -> None:
        """Remember which layer it is."""
        super().__init__()
        self._result = result

    def postProcessLayer(  # noqa: D102 (inherited)
        self,
        layer: QgsMapLayer,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> None:
        self._result.describe(layer)
        self._result.place(layer, layer.project() or context.project() or QgsProject.instance())


# A context owns the C++ half of its post-processors and deletes it, but holds no reference to the Python half, which
# would be gone with the run, before the layer is loaded. So each is kept here until its C++ half has been deleted.
_PRESENTERS: list[Presenter] = []


def present(results: Sequence[ResultLayer], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
    """Prepare the layers that will be loaded, and save styles beside files that stay.

    Args:
        results: What was written.
        context: Knows what will be loaded: nothing in scripts and `qgis_process`.
        feedback: Gets a warning about a style that is not saved.
    """
    _PRESENTERS[:] = [presenter for presenter in _PRESENTERS if not sip.isdeleted(presenter)]
    for result in results:
        if result.has_style_file and not is_temporary(result.source):
            _save_style(result, feedback)
        if context.willLoadLayerOnCompletion(result.source):
            _PRESENTERS.append(Presenter(result))
            details = context.layerToLoadOnCompletionDetails(result.source)
            details.name = result.name
            details.setPostProcessor(_PRESENTERS[-1])


def _save_style(result: ResultLayer, feedback: QgsProcessingFeedback) -> None:
    """Save the style beside a raster. A failure is a warning: the run itself is complete."""
    path = result.source
    options = QgsRasterLayer.LayerOptions()
    options.loadDefaultStyle = False
    had_sidecar = os.path.exists(f"{path}.aux.xml")
    layer = QgsRasterLayer(path, result.name, "gdal", options)
    if not layer.isValid():
        feedback.pushWarning(f"The style of '{path}' is not saved: QGIS does not open the raster.")
        return
    result.describe(layer)
    problem = save_style(layer, path)
    if problem is not None:
        feedback.pushWarning(problem)
    del layer  # closes the file; GDAL then writes the statistics beside it that QGIS computed for its own first style
    if not had_sidecar:
        with contextlib.suppress(OSError):
            os.remove(f"{path}.aux.xml")
