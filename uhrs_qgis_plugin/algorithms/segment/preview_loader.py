"""Shows the preview of a run in the project while the run goes on."""

from __future__ import annotations

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal


class PreviewLoader(QObject):
    """Lives in the main thread; a worker asks it to load the layer.

    Without a desktop (qgis_process, scripts) there is no one to show it to, and nothing happens.
    """

    _ready = pyqtSignal(str)

    def __init__(self, name: str) -> None:
        """Remember how to call it.

        Args:
            name: Name of the layer.
        """
        super().__init__()
        self._name = name
        self._ready.connect(self._load)  # queued, because the signal comes from another thread

    def load_later(self, path: str) -> None:
        """Ask for the layer; safe in any thread.

        Args:
            path: The class raster of the preview.
        """
        from qgis.utils import iface

        if iface is not None:
            self._ready.emit(path)

    def _load(self, path: str) -> None:
        """Add the layer with its palette."""
        from uhrs_qgis_plugin.layers.raster_styles import style_classes

        layer = QgsRasterLayer(path, self._name)
        if layer.isValid():
            style_classes(layer)
            QgsProject.instance().addMapLayer(layer)
