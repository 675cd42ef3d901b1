"""Loading and unloading: the Processing provider and one menu entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtWidgets import QAction

from uhrs_qgis_plugin.provider import UhrsProvider

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

MENU = "UHRS segmentation"


class UhrsPlugin:
    """The object that QGIS talks to.

    `qgis_process` calls `initProcessing` only; the desktop calls `initGui` and, at the end, `unload`.
    """

    def __init__(self, iface: QgisInterface | None) -> None:
        """Remember the window.

        Args:
            iface: The interface of the QGIS window; None under `qgis_process`.
        """
        self.iface = iface
        self.provider: UhrsProvider | None = None
        self.action: QAction | None = None

    def initProcessing(self) -> None:
        """Add the provider, which lists the algorithms."""
        self.provider = UhrsProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        """Add the provider and the menu entry in the Raster menu."""
        self.initProcessing()
        if self.iface is None or self.provider is None:
            return
        text = QCoreApplication.translate("UhrsPlugin", "Segment raster...")
        self.action = QAction(self.provider.icon(), text, self.iface.mainWindow())
        self.action.setObjectName("uhrsSegmentRaster")
        self.action.triggered.connect(self.open_dialog)
        self.iface.addPluginToRasterMenu(MENU, self.action)

    def open_dialog(self) -> None:
        """Open the dialog of `uhrs:segmentraster`."""
        import processing  # the Processing plugin may load after this one

        processing.execAlgorithmDialog("uhrs:segmentraster", {})

    def unload(self) -> None:
        """Take everything out again; safe to call twice."""
        if self.action is not None and self.iface is not None:
            self.iface.removePluginRasterMenu(MENU, self.action)
            self.action.deleteLater()
        self.action = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
        self.provider = None
