"""What a button can do about an obstacle: add fields, save a copy, open the file again."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtWidgets import QFileDialog

from uhrs_qgis_plugin.layers.region_fields import add_fields, source_file
from uhrs_qgis_plugin.layers.region_styles import drop_undefined_crs, style_regions
from uhrs_qgis_plugin.review.data.region_store import ADD_FIELDS, REOPEN, SAVE_COPY, Obstacle, RegionStore
from uhrs_qgis_plugin.review.data.saved_copy import save_copy
from uhrs_qgis_plugin.review.wording import tr

if TYPE_CHECKING:
    from uhrs_qgis_plugin.review.dock import ReviewDock

OURS = ("rank", "mean_u", "status")  # fields by which a layer of `uhrs:uncertainregions` is known


def prepare(layer: QgsVectorLayer) -> None:
    """Get a layer of `uhrs:uncertainregions` ready; nothing is written into others' layers before they are asked.

    Args:
        layer: A region layer.
    """
    drop_undefined_crs(layer)
    fields = layer.dataProvider().fields()
    if any(fields.lookupField(name) < 0 for name in OURS):
        return
    obstacle = RegionStore(layer).obstacle()
    if obstacle is not None and obstacle.remedy == ADD_FIELDS:
        add_fields(layer)
    if layer.renderer() is not None and layer.renderer().type() == "singleSymbol":
        style_regions(layer)  # QGIS's own style is a fill, which hides what is to be judged


class Remedies:
    """The buttons' actions."""

    def __init__(self, dock: ReviewDock) -> None:
        """Remember the dock."""
        self._dock = dock
        self._actions: dict[str, tuple[str, Callable[[], object]]] = {
            ADD_FIELDS: ("Add the fields", self.add_fields),
            SAVE_COPY: ("Save as...", self.ask_and_save),
            REOPEN: ("Reopen", self.reopen),
        }

    def button(self, obstacle: Obstacle) -> tuple[str, Callable[[], object] | None]:
        """Return label and action of the button that may overcome an obstacle; "" and None where there is none."""
        label, action = self._actions.get(obstacle.remedy, ("", None))
        return tr(label) if label else "", action

    def add_fields(self) -> bool:
        """Add the fields that keep judgements, and colour the regions by them; whether that went well."""
        layer = self._dock.session.layer
        problem = add_fields(layer)
        if not problem:
            style_regions(layer)
        self._dock.open_layer(layer)
        if problem:
            self._dock.display.tell(problem)
        return not problem

    def ask_and_save(self) -> bool:
        """Ask for a file and save a copy of the regions there; whether that went well."""
        layer = self._dock.session.layer
        folder = os.path.dirname(source_file(layer) or QgsProject.instance().absoluteFilePath())
        start = os.path.join(folder or os.path.expanduser("~"), "regions.gpkg")
        path, _ = QFileDialog.getSaveFileName(self._dock, tr("Save regions as"), start, "GeoPackage (*.gpkg)")
        return bool(path) and self.save(path)

    def save(self, path: str) -> bool:
        """Save a copy of the regions, and review that.

        Args:
            path: A GeoPackage that does not exist yet.

        Returns:
            Whether it is written and open; otherwise the panel says why not.
        """
        session = self._dock.session
        layer = session.layer
        self._dock.open_layer(None)  # a layer in memory leaves the project
        copy, problem = save_copy(layer, path, QgsProject.instance())
        if copy is None:
            self._dock.open_layer(layer)
            self._dock.display.tell(problem)
            return False
        return self._dock.open_layer(copy)

    def reopen(self) -> bool:
        """Read the file anew that has taken the place of the one before; whether there is one."""
        layer = self._dock.session.layer
        self._dock.open_layer(None)
        found = source_file(layer) is not None
        if found:  # a new provider: the old one, told to reload, crashes where the table is gone
            layer.setDataSource(layer.source(), layer.name(), layer.dataProvider().name())
        if not found or not layer.isValid():
            self._dock.display.tell(tr("The regions of '{}' are gone. Choose another layer.").format(layer.name()))
            return False
        return self._dock.open_layer(layer)
