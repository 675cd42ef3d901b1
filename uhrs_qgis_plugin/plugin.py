"""Loading and unloading: the Processing provider, the menu entries and the review dock."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QAction

from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.algorithms.segment import draw_area
from uhrs_qgis_plugin.installation import use_private_folder
from uhrs_qgis_plugin.provider import UhrsProvider
from uhrs_qgis_plugin.translation import install_translator, remove_translator, tr

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from uhrs_qgis_plugin.install_help import InstallHelp
    from uhrs_qgis_plugin.review import ReviewController, ReviewDock

MENU = "UHRS segmentation"


class UhrsPlugin:
    """What QGIS loads and unloads.

    `qgis_process` calls `initProcessing` only; the desktop calls `initGui` and, at the end, `unload`.
    """

    def __init__(self, iface: QgisInterface | None) -> None:
        """Prepare for a QGIS window; None under `qgis_process`."""
        self.iface = iface
        self.provider: UhrsProvider | None = None
        self.actions: list[QAction] = []
        self.dock: ReviewDock | None = None
        self.install_help: InstallHelp | None = None
        self._translator = install_translator()

    def initProcessing(self) -> None:
        """Add the provider, which lists the algorithms; they find what the plugin has installed for itself."""
        use_private_folder()
        self.provider = UhrsProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        """Add the provider, and the menu entries in the Raster menu."""
        self.initProcessing()
        if self.iface is None or self.provider is None:
            return
        entries = (
            ("uhrsSegmentRaster", tr("Segment raster..."), self.open_dialog),
            ("uhrsDrawArea", tr("Draw an area of interest"), lambda: draw_area(self.iface)),
            ("uhrsReviewRegions", tr("Review uncertain regions"), self.open_review),
        )
        for name, text, slot in entries:
            action = QAction(self.provider.icon(), text, self.iface.mainWindow())
            action.setObjectName(name)
            action.triggered.connect(lambda checked=False, slot=slot: slot())
            self.iface.addPluginToRasterMenu(MENU, action)
            self.actions.append(action)
        self._add_install_help(self.iface)

    def open_dialog(self) -> None:
        """Open the dialog of `uhrs:segmentraster`; where onnxruntime is missing, how to install it."""
        import processing  # the Processing plugin may load after this one

        if not runtime.is_installed() and self.install_help is not None:
            self.install_help.show_page()
            return
        processing.execAlgorithmDialog("uhrs:segmentraster", {})

    def open_review(self) -> ReviewController:
        """Show the review dock, with the regions of the project if it has any.

        Returns:
            The controller, for scripts; it and its dock are made at the first call, so that QGIS starts no slower.
        """
        from uhrs_qgis_plugin.review import ReviewDock, first_region_layer

        if self.iface is None:
            raise RuntimeError("The review needs QGIS's window: qgis_process has none.")
        if self.dock is None:
            self.dock = ReviewDock(self.iface.mapCanvas(), self.iface.mainWindow())
            self.iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        self.dock.setUserVisible(True)
        review = self.dock.controller
        if review.session is None:
            layer = first_region_layer(QgsProject.instance(), self.iface.activeLayer())
            if layer is not None:
                review.open_layer(layer)
        return review

    def _add_install_help(self, iface: QgisInterface) -> None:
        """Show how to install onnxruntime where it is missing."""
        from uhrs_qgis_plugin.install_help import InstallHelp  # needs qgis.gui, which `qgis_process` does not load

        self.install_help = InstallHelp(iface)
        self.install_help.start()

    def unload(self) -> None:
        """Remove everything again; safe to call twice."""
        if self.install_help is not None:
            self.install_help.stop()
        self.install_help = None
        if self.iface is not None:
            self._leave_window(self.iface)
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
        self.provider = None
        remove_translator(self._translator)
        self._translator = None
        _name_modules()

    def _leave_window(self, iface: QgisInterface) -> None:
        for action in self.actions:
            iface.removePluginRasterMenu(MENU, action)
            action.deleteLater()
        self.actions = []
        if self.dock is not None:
            self.dock.remove()
            iface.removeDockWidget(self.dock)
            self.dock.deleteLater()
        self.dock = None


def _name_modules() -> None:
    """Name every module of the plugin to QGIS, which forgets them after `unload`, so that an update brings its own.

    QGIS knows those that it saw in an import statement. It does not see packages that were imported on the way to a
    module, nor what `importlib` imported.
    """
    package = __name__.split(".", maxsplit=1)[0]
    for name in [name for name in sys.modules if name.startswith(f"{package}.")]:
        __import__(name)  # QGIS's own, in place of Python's
