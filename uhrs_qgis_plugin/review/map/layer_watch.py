"""Tells what happens to a layer while a review has it open."""

from __future__ import annotations

from qgis.core import QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal


class LayerWatch(QObject):
    """Follows one layer at a time.

    Signals:
        gone(): The layer is about to be deleted; do not touch it any more.
        edited(): Editing has begun or ended, or the layer can be written no longer, or again.
        picked(int): A single region was selected on the map or in the attribute table: its id.
        changed(): Its rows or its source may be others now: read all again.
    """

    gone = pyqtSignal()
    edited = pyqtSignal()
    changed = pyqtSignal()
    picked = pyqtSignal(int)

    def __init__(self, parent: QObject) -> None:
        """Follow nothing yet.

        Args:
            parent: Owns this object.
        """
        super().__init__(parent)
        self._layer: QgsVectorLayer | None = None

    def follow(self, layer: QgsVectorLayer | None) -> None:
        """Leave the layer before, and follow another one.

        Args:
            layer: A layer; None follows nothing.
        """
        before, self._layer = self._layer, layer
        if before is not None and not sip.isdeleted(before):
            for signal, slot in self._connections(before):
                signal.disconnect(slot)
        if layer is not None:
            for signal, slot in self._connections(layer):
                signal.connect(slot)

    def _connections(self, layer: QgsVectorLayer) -> list[tuple[object, object]]:
        """Pair the layer's signals with what they lead to."""
        return [
            (layer.willBeDeleted, self._on_gone),
            (layer.editingStarted, self.edited),
            (layer.editingStopped, self.changed),
            (layer.selectionChanged, self._on_selected),
            (layer.readOnlyChanged, self.edited),
            (layer.subsetStringChanged, self.changed),
            (layer.dataSourceChanged, self.changed),
            (layer.crsChanged, self.changed),
        ]

    def _on_selected(self, *_: object) -> None:
        selected = self._layer.selectedFeatureIds()
        if len(selected) == 1:
            self.picked.emit(selected[0])

    def _on_gone(self) -> None:
        self._layer = None
        self.gone.emit()
