"""Installing onnxruntime into a private folder of the plugin: never without asking, checked, without pip or a shell.

The window is imported by its own name: it needs `qgis.gui`, which `qgis_process` does not load.
"""

from uhrs_qgis_plugin.installation.private_folder import private_folder, use_private_folder

__all__ = ["private_folder", "use_private_folder"]
