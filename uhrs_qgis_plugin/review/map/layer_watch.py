"""Signals changes of the layer under review that happen elsewhere in QGIS."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal


class LayerWatch(QObject):
    """Follows one layer at a time.

    Signals:
        deleted(): The layer is about to be deleted; do not use it any more.
        editable_changed(): Editing has started, or the layer has become read-only or writable.
        changed(): Rows or source may have changed: read all again.
        selected(int): A single region was selected on the map or in the attribute table: its id.
    """

    deleted = pyqtSignal()
    editable_changed = pyqtSignal()
    changed = pyqtSignal()
    selected = pyqtSignal(int)

    def __init__(self, parent: QObject) -> None:
        """Follow nothing yet."""
        super().__init__(parent)
        self._layer: QgsVectorLayer | None = None

    def follow(self, layer: QgsVectorLayer | None) -> None:
        """Follow another layer, in place of the one before; None follows nothing."""
        before, self._layer = self._layer, layer
        if before is not None and not sip.isdeleted(before):
            for signal, slot in self._connections(before):
                signal.disconnect(slot)
        if layer is not None:
            for signal, slot in self._connections(layer):
                signal.connect(slot)

    def _connections(self, layer: QgsVectorLayer) -> list[tuple[Any, object]]:
        """Pair the layer's signals with their slots."""
        return [
            (layer.willBeDeleted, self._on_deleted),
            (layer.editingStarted, self.editable_changed),
            (layer.editingStopped, self.changed),
            (layer.selectionChanged, self._on_selected),
            (layer.readOnlyChanged, self.editable_changed),
            (layer.subsetStringChanged, self.changed),
            (layer.dataSourceChanged, self.changed),
            (layer.crsChanged, self.changed),
        ]

    def _on_selected(self, *_: object) -> None:
        selected = [] if self._layer is None else self._layer.selectedFeatureIds()
        if len(selected) == 1:
            self.selected.emit(selected[0])

    def _on_deleted(self) -> None:
        self._layer = None
        self.deleted.emit()
