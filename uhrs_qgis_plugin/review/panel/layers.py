"""The layers around the regions: image, classes and uncertainty, which a person switches on and off."""

from __future__ import annotations

from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from uhrs_qgis_plugin.review.map.layer_guess import CLASSES, IMAGE, guess_layers, remember
from uhrs_qgis_plugin.review.map.map_view import is_shown, set_shown
from uhrs_qgis_plugin.review.panel.widgets import LayerRow


class ReviewLayers(QObject):
    """Keeps the three rows and the layer tree in step.

    Signals:
        classes_changed(): Another class raster was guessed or chosen.
    """

    classes_changed = pyqtSignal()

    def __init__(self, rows: dict[str, LayerRow], parent: QObject) -> None:
        """Listen to rows and project.

        Args:
            rows: A row a kind.
            parent: Owns this object.
        """
        super().__init__(parent)
        self._rows = rows
        self._regions: QgsVectorLayer | None = None
        for kind, row in rows.items():
            row.chosen.connect(lambda kind=kind: self._choose(kind))
            row.shown.connect(lambda shown, kind=kind: self.show(kind, shown))
        project = QgsProject.instance()
        self._connections = (
            (project.layerTreeRoot().visibilityChanged, self._tick),
            (project.layerTreeRoot().addedChildren, self._fill),
            (project.layersRemoved, self._tick),
        )
        for signal, slot in self._connections:
            signal.connect(slot)

    def remove(self) -> None:
        """Let go of the project."""
        for signal, slot in self._connections:
            signal.disconnect(slot)
        self._connections = ()

    def follow(self, regions: QgsVectorLayer | None) -> None:
        """Guess the layers of a region layer.

        Args:
            regions: The region layer; None leaves the rows empty.
        """
        self._regions = regions
        for row in self._rows.values():
            row.set_layer(None)
        self._fill()
        self.classes_changed.emit()

    def layer(self, kind: str) -> QgsRasterLayer | None:
        """Return a layer, None when there is none."""
        return self._rows[kind].layer()

    def pixel(self) -> float:
        """Return the side of a pixel of the image in units of the regions' CRS; 0 when not known."""
        image = self.layer(IMAGE) or self.layer(CLASSES)
        if image is None or self._regions is None or image.crs() != self._regions.crs():
            return 0.0
        return max(image.rasterUnitsPerPixelX(), image.rasterUnitsPerPixelY())

    def show(self, kind: str, shown: bool | None = None) -> None:
        """Switch a layer on or off.

        Args:
            kind: Which one.
            shown: On or off; None = the other way round.
        """
        layer = self.layer(kind)
        if layer is not None:
            set_shown(layer, not is_shown(layer) if shown is None else shown)
        self._tick()

    def _choose(self, kind: str) -> None:
        """Keep what was chosen by hand."""
        if self._regions is not None:
            remember(self._regions, kind, self.layer(kind))
        self._tick()
        if kind == CLASSES:
            self.classes_changed.emit()

    def _fill(self, *_: object) -> None:
        """Guess what is missing, also when a layer is added later."""
        if self._regions is None or all(row.layer() is not None for row in self._rows.values()):
            return
        guess, had = guess_layers(self._regions, QgsProject.instance()), self.layer(CLASSES)
        for kind, row in self._rows.items():
            if row.layer() is None:
                row.set_layer(getattr(guess, kind))
        self._tick()
        if had is None and self.layer(CLASSES) is not None:
            self.classes_changed.emit()

    def _tick(self, *_: object) -> None:
        """Show which layers are on."""
        for row in self._rows.values():
            row.tick.setChecked(is_shown(row.layer()))
            row.tick.setEnabled(row.layer() is not None)
