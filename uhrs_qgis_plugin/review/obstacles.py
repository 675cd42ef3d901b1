"""The buttons that resolve an obstacle to judging: add fields, save a copy, reopen the file."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from qgis.core import QgsProject, QgsVectorLayer

from uhrs_qgis_plugin.layers import source_file
from uhrs_qgis_plugin.review.data import ADD_FIELDS, REOPEN, SAVE_COPY, ObstacleError, add_review_fields, save_copy
from uhrs_qgis_plugin.review.errors import ReviewError
from uhrs_qgis_plugin.review.wording import mark, tr


class ObstacleActions:
    """Resolves obstacles, and opens the layer again. What fails raises a ReviewError."""

    def __init__(self, open_layer: Callable[[QgsVectorLayer | None], object], ask_path: Callable[[str], str]) -> None:
        """Keep the callbacks.

        Args:
            open_layer: Reviews a layer; None closes the review.
            ask_path: Asks for a file to write, given a suggestion; "" = cancelled.
        """
        self._open_layer, self._ask_path = open_layer, ask_path
        self._actions = {
            ADD_FIELDS: (mark("Add the fields"), self.add_fields),
            SAVE_COPY: (mark("Save as..."), self.ask_and_save),
            REOPEN: (mark("Reopen"), self.reopen),
        }

    def button(self, obstacle: ObstacleError, layer: QgsVectorLayer) -> tuple[str, Callable[[], None] | None]:
        """Return label and action of the button that resolves an obstacle; "" and None without."""
        if obstacle.action not in self._actions:
            return "", None
        label, action = self._actions[obstacle.action]
        return tr(label), partial(action, layer)

    def add_fields(self, layer: QgsVectorLayer) -> None:
        """Add the fields that keep judgements, and colour the regions by them."""
        try:
            add_review_fields(layer)
        finally:
            self._open_layer(layer)

    def ask_and_save(self, layer: QgsVectorLayer) -> None:
        """Ask for a file, save a copy of the regions there, and review that."""
        folder = os.path.dirname(source_file(layer) or QgsProject.instance().absoluteFilePath())
        path = self._ask_path(os.path.join(folder or os.path.expanduser("~"), "regions.gpkg"))
        if path:
            self.save_copy(layer, path)

    def save_copy(self, layer: QgsVectorLayer, path: str) -> None:
        """Save a copy of the regions as a new GeoPackage, and review that."""
        self._open_layer(None)  # a layer in memory is deleted with the copy
        try:
            copy = save_copy(layer, path, QgsProject.instance())
        except ReviewError:
            self._open_layer(layer)
            raise
        self._open_layer(copy)

    def reopen(self, layer: QgsVectorLayer) -> None:
        """Read the file that has replaced the one before."""
        self._open_layer(None)
        found = source_file(layer) is not None
        if found:  # a new provider: the old one crashes on reload where the table is gone
            layer.setDataSource(layer.source(), layer.name(), layer.dataProvider().name())
        if not found or not layer.isValid():
            raise ReviewError(tr("The regions of '{}' are gone. Choose another layer.").format(layer.name()))
        self._open_layer(layer)
