"""QGIS plugin that segments ultra-high-resolution rasters and maps where the result is uncertain.

The package imports without QGIS, so that `uhrs_qgis_plugin.engine` is a library and a command line as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from uhrs_qgis_plugin.plugin import UhrsPlugin


def classFactory(iface: QgisInterface | None) -> UhrsPlugin:
    """Create the plugin; QGIS calls this once at load.

    Args:
        iface: The interface of the QGIS window; None under `qgis_process`.

    Returns:
        The plugin object.
    """
    from uhrs_qgis_plugin.plugin import UhrsPlugin  # here: importing the package must not need QGIS

    return UhrsPlugin(iface)
