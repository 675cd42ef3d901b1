"""Shows the preview of a run in the project while the run goes on."""

from __future__ import annotations

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal


class PreviewLoader(QObject):
    """Lives in the main thread; a worker asks it to load the layer.

    Without a desktop (qgis_process, scripts) there is no one to show it to, and nothing happens.
    """

    _ready = pyqtSignal()

    def __init__(self, path: str, name: str) -> None:
        """Remember what to load.

        Args:
            path: The class raster of the preview, which is not there yet.
            name: Name of the layer.
        """
        super().__init__()
        self._path, self._name = path, name
        self._ready.connect(self._load)  # queued, because the signal comes from another thread

    def load_later(self) -> None:
        """Ask for the layer; safe in any thread."""
        from qgis.utils import iface

        if iface is not None:
            self._ready.emit()

    def _load(self) -> None:
        """Add the layer with its palette."""
        from uhrs_qgis_plugin.styling import style_classes

        layer = QgsRasterLayer(self._path, self._name)
        if layer.isValid():
            style_classes(layer)
            QgsProject.instance().addMapLayer(layer)
