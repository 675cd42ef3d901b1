"""The layers in the panel, in sync with the project: the choice of regions, and a row each for the layers around."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from uhrs_qgis_plugin.layers import RASTER_LAYERS, is_point_layer
from uhrs_qgis_plugin.review.map import (
    CLASSES,
    IMAGE,
    guess_layers,
    is_corrections_layer,
    is_region_layer,
    is_shown,
    remember,
    set_shown,
)


class LayerRow(QWidget):
    """A related layer: a tick that shows or hides it, and a combo box to choose it.

    Signals:
        chosen(): The user has chosen another layer.
        shown(bool): The user has set or cleared the tick.
    """

    chosen = pyqtSignal()
    shown = pyqtSignal(bool)

    def __init__(self, label: str, tip: str) -> None:
        """Prepare both.

        Args:
            label: Kind of the layer.
            tip: Tooltip of the tick.
        """
        super().__init__()
        self.tick = QCheckBox(label)
        self.tick.setToolTip(tip)
        self.tick.clicked.connect(self.shown.emit)
        self.box = QgsMapLayerComboBox()
        self.box.setFilters(RASTER_LAYERS)
        self.box.setAllowEmptyLayer(True)
        self.box.setSizeAdjustPolicy(self.box.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.layerChanged.connect(self._changed)
        self._by_user = True
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.tick)
        row.addWidget(self.box, 1)
        self.set_layer(None)

    def layer(self) -> QgsRasterLayer | None:
        """Return the layer; None = none."""
        return self.box.currentLayer()

    def set_layer(self, layer: QgsMapLayer | None) -> None:
        """Choose a layer without emitting `chosen`."""
        self._by_user = False
        self.box.setLayer(layer)
        self._by_user = True
        self.tick.setEnabled(layer is not None)

    def _changed(self, layer: QgsMapLayer | None) -> None:
        self.tick.setEnabled(layer is not None)
        if self._by_user:
            self.chosen.emit()


class ReviewLayers(QObject):
    """Keeps the three rows and the layer tree in sync.

    Signals:
        classes_changed(): Another class raster was found or chosen.
    """

    classes_changed = pyqtSignal()

    def __init__(self, choice: QgsMapLayerComboBox, rows: dict[str, LayerRow], parent: QObject) -> None:
        """Connect widgets and project.

        Args:
            choice: Of the regions.
            rows: By kind.
            parent: Owns this object.
        """
        super().__init__(parent)
        self._choice, self._rows = choice, rows
        self._regions: QgsVectorLayer | None = None
        for kind, row in rows.items():
            row.chosen.connect(lambda kind=kind: self._choose(kind))
            row.shown.connect(lambda shown, kind=kind: self.show(kind, shown))
        project = QgsProject.instance()
        self._connections: list[tuple[Any, object]] = [
            (project.layerTreeRoot().visibilityChanged, self._tick),
            (project.layerTreeRoot().addedChildren, self._fill),
            (project.layersRemoved, self._tick),
            (project.layersAdded, self._except_corrections),
        ]
        for signal, slot in self._connections:
            signal.connect(slot)
        self._except_corrections()

    def remove(self) -> None:
        """Disconnect from the project, on unload."""
        for signal, slot in self._connections:
            signal.disconnect(slot)
        self._connections = []

    def follow(self, regions: QgsVectorLayer | None) -> None:
        """Find the layers of a region layer; None leaves the rows empty."""
        self._regions = regions
        for row in self._rows.values():
            row.set_layer(None)
        self._fill()
        self.classes_changed.emit()

    def layer(self, kind: str) -> QgsRasterLayer | None:
        """Return the layer of a kind; None = none."""
        return self._rows[kind].layer()

    def pixel(self) -> float:
        """Return the side of a pixel of the image in units of the regions' CRS; 0 = unknown."""
        image = self.layer(IMAGE) or self.layer(CLASSES)
        if image is None or self._regions is None or image.crs() != self._regions.crs():
            return 0.0
        return max(image.rasterUnitsPerPixelX(), image.rasterUnitsPerPixelY())

    def show(self, kind: str, shown: bool | None = None) -> None:
        """Switch the layer of a kind on or off; None toggles it."""
        layer = self.layer(kind)
        if layer is not None:
            set_shown(layer, not is_shown(layer) if shown is None else shown)
        self._tick()

    def _choose(self, kind: str) -> None:
        """Remember the user's choice."""
        if self._regions is not None:
            remember(self._regions, kind, self.layer(kind))
        self._tick()
        if kind == CLASSES:
            self.classes_changed.emit()

    def _fill(self, *_: object) -> None:
        """Find missing layers, also when one is added later."""
        if self._regions is None or all(row.layer() is not None for row in self._rows.values()):
            return
        found, before = guess_layers(self._regions, QgsProject.instance()), self.layer(CLASSES)
        for kind, row in self._rows.items():
            if row.layer() is None:
                row.set_layer(getattr(found, kind))
        self._tick()
        if before is None and self.layer(CLASSES) is not None:
            self.classes_changed.emit()

    def _except_corrections(self, *_: object) -> None:
        """Keep drawn corrections out of the choice of regions, and points that nobody is to judge."""
        layers = QgsProject.instance().mapLayers().values()
        self._choice.setExceptedLayerList(
            [
                layer
                for layer in layers
                if is_corrections_layer(layer) or (is_point_layer(layer) and not is_region_layer(layer))
            ]
        )

    def _tick(self, *_: object) -> None:
        """Show which layers are on."""
        for row in self._rows.values():
            row.tick.setChecked(is_shown(row.layer()))
            row.tick.setEnabled(row.layer() is not None)
