"""Installing onnxruntime into a private folder of the plugin: never without asking, checked, without pip or a shell."""

from uhrs_qgis_plugin.installation.installer import InstallTask
from uhrs_qgis_plugin.installation.private_folder import private_folder, use_private_folder
from uhrs_qgis_plugin.installation.wheel_files import InstallError, WheelFile, find_wheel, pinned_wheel

__all__ = [
    "InstallError",
    "InstallTask",
    "WheelFile",
    "find_wheel",
    "pinned_wheel",
    "private_folder",
    "use_private_folder",
]
