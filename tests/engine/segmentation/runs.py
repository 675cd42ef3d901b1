"""Whole runs on small rasters: sizes that make many scenes and blocks, the outputs of a folder, a cancel."""

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import open_raster

SMALL = {"scene_side": 128, "scene_overlap": 32, "block_side": 64, "batch_size": 3}


def outputs_in(folder, **more):
    return Outputs(str(folder / "classes.tif"), str(folder / "uncertainty.tif"), str(folder / "report.json"), **more)


def read_whole(path):
    """All bands (B, H, W) of a raster, and its description."""
    with open_raster(str(path)) as reader:
        info = reader.info
        return reader.read(list(range(1, info.count + 1)), Window(0, 0, info.height, info.width)), info


class Stopper:
    """Cancels at the n-th time that it is asked."""

    def __init__(self, after):
        self.left = after

    def __call__(self):
        self.left -= 1
        return self.left < 0
